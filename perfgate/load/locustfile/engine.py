"""Rounds of locustfiles: the engine's end in the gate's process."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import NoReturn

from perfgate.errors import GeneratorError, NoVerdictError, UsageError
from perfgate.load.boundaries import Boundaries
from perfgate.load.engine import RoundResult, SlicePlan, SliceResults
from perfgate.load.locust_version import LOCUST
from perfgate.load.locustfile.messages import (
    BeginLoad,
    EndLoad,
    Inspection,
    LoadFile,
    PlayerReady,
    PlayerReport,
    PlayerSlice,
    PlayRound,
)
from perfgate.load.locustfile.reader import PLAYER
from perfgate.load.locustfile.shapes import steps_of
from perfgate.load.pacer import Slice, staggers
from perfgate.load.phase import Phase
from perfgate.load.processes.child import Child
from perfgate.load.reports import lost_round, merge_reports
from perfgate.load.wire.interface import UNIX
from perfgate.scenario import AnyScenario

_START_TIMEOUT = 60.0
# How much longer than a round its process may take to answer (seconds): users start, and are stopped.
_GRACE = 60.0
# Players that are told to begin at a moment must have heard of it before.
_LEAD = 0.05
# By how much Locust's own count may differ from ours before neither is believed.
_AGREEMENT = 0.01


class LocustfileEngine:
    """A process of Locust's for every scenario and side; made anew after one has died.

    verify: the target's certificate, as a requests.Session has it.
    """

    name = LOCUST

    def __init__(self, verify: bool | str = True) -> None:
        self._verify = verify
        self._players: dict[tuple[str, str], Child] = {}
        self._urls: dict[tuple[str, str], str] = {}

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        if url.startswith(f"{UNIX}:"):
            raise UsageError("Locust cannot reach a unix socket", "give the service a port, and its URL as the target")
        self._urls[scenario.name, side] = url
        self._player(scenario, side)

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        """One round; invalid where the process died, or got stuck."""
        with closing(self.play_slices(scenario, (side,), SlicePlan(part, 1, phase, number, lambda _: None))) as results:
            return next(results)[side]

    def can_slice(self, scenario: AnyScenario) -> bool:
        return True

    def can_share(self, scenario: AnyScenario) -> bool:
        return False

    def play_slices(self, scenario: AnyScenario, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        ended = False
        try:
            players = {side: self._player(scenario, side) for side in sides}
            for player, stagger in zip(players.values(), staggers(len(sides)), strict=True):
                player.send(_asked(scenario, plan, stagger))
            failed = [player.receive(PlayerReady, _GRACE).failed for player in players.values()]
            if plan.phase is Phase.WARM_UP and any(failed):
                self._refuse(scenario, sides, next(filter(None, failed)))
            yield from _slices(players, plan)
            ended = True
            _read_to_the_end(players.values())
        except GeneratorExit:
            if not ended:
                self._end(scenario, sides)
            raise
        except GeneratorError as error:
            for side in sides:
                self._drop(scenario, side)
            problem = f"{error.message}; a task that never waits for anything blocks all of Locust"
            yield dict.fromkeys(sides, lost_round(self.name, 1, problem))

    def _refuse(self, scenario: AnyScenario, sides: tuple[str, ...], failed: str) -> NoReturn:
        """Give up on users that will never begin, or lack what they need: none of the rounds could be valid."""
        for side in sides:
            self._drop(scenario, side)
        raise NoVerdictError(
            f"{scenario.name}: {failed}", "mend it, or see whether the service answers what it expects"
        )

    def _end(self, scenario: AnyScenario, sides: tuple[str, ...]) -> None:
        """End a load that nobody waits for any more."""
        try:
            players = [self._players[scenario.name, side] for side in sides]
            for player in players:
                player.send(EndLoad())
            _read_to_the_end(players)
        except (GeneratorError, KeyError):
            for side in sides:
                self._drop(scenario, side)

    def close(self, scenario: AnyScenario, side: str) -> None:
        self._drop(scenario, side)
        self._urls.pop((scenario.name, side), None)

    def stop(self) -> None:
        for player in self._players.values():
            player.stop()
        self._players.clear()

    def _player(self, scenario: AnyScenario, side: str) -> Child:
        """The process of that side, started where there is none."""
        key = scenario.name, side
        if key not in self._players:
            player = self._players[key] = Child(PLAYER, f"Locust with {scenario.file.name}")
            player.send(LoadFile(str(scenario.file), self._urls[key], self._verify))
            mistake = player.receive(Inspection, _START_TIMEOUT).mistake
            if mistake is not None:
                raise NoVerdictError(f"{scenario.file}: {mistake.error}", mistake.hint)
        return self._players[key]

    def _drop(self, scenario: AnyScenario, side: str) -> None:
        player = self._players.pop((scenario.name, side), None)
        if player is not None:
            player.stop()


def _asked(scenario: AnyScenario, plan: SlicePlan, stagger: float) -> PlayRound:
    part = plan.part
    return PlayRound(
        length=part.length,
        steps=tuple(steps_of(scenario.profile, part.start, part.length)),
        count=plan.count,
        spread=part.spread,
        stagger=stagger,
        seed=zlib.crc32(f"{scenario.name}/{plan.phase.value}/{plan.number}".encode()),
        foresees=plan.phase is Phase.WARM_UP,
    )


def _slices(players: Mapping[str, Child], plan: SlicePlan) -> SliceResults:
    length = plan.part.length / plan.count
    start_at = time.monotonic() + _LEAD
    for player in players.values():
        player.send(BeginLoad(start_at))
    with Boundaries(start_at + plan.part.spread, length, plan.count, plan.boundary) as boundaries:
        patience = plan.part.spread + length + _GRACE
        for number in range(plan.count):
            reports = {side: player.receive(PlayerSlice, patience).report for side, player in players.items()}
            boundaries.wait_for(number + 2)
            yield {side: _as_result(report) for side, report in reports.items() if report is not None}


def _read_to_the_end(players: Iterable[Child]) -> None:
    for player in players:
        while player.receive(PlayerSlice, _GRACE).report is not None:
            pass


def _as_result(found: PlayerReport) -> RoundResult:
    played = merge_reports(LOCUST, [found.report])
    problems = (*found.problems, *_disagreement(played.tally.request_count + found.untimed, found.own.requests))
    warnings = found.warnings
    if found.untimed:
        warnings += (f"{found.untimed} requests without a time were left out",)
    record = replace(played.generator, reader_lag=None, schedule_lag=None)  # Locust cannot tell
    return replace(played, generator=record, problems=problems + played.problems, warnings=warnings + played.warnings)


def _disagreement(requests: int, own: int) -> tuple[str, ...]:
    if abs(requests - own) <= _AGREEMENT * max(1.0, own):
        return ()
    return (f"Locust counted {own} requests and we {requests}, so neither can be believed",)
