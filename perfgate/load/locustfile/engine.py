"""Rounds of locustfiles: the engine's end in the gate's process."""

from __future__ import annotations

from dataclasses import replace

from perfgate.errors import GeneratorError, NoVerdictError, UsageError
from perfgate.load.engine import RoundResult, SlicePlan, SliceResults
from perfgate.load.locust_version import LOCUST
from perfgate.load.locustfile.messages import Inspection, LoadFile, PlayerReport, PlayRound
from perfgate.load.locustfile.reader import PLAYER
from perfgate.load.locustfile.shapes import steps_of
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.load.processes.child import Child
from perfgate.load.reports import lost_round, merge_reports
from perfgate.load.wire.interface import UNIX
from perfgate.scenario import AnyScenario

_START_TIMEOUT = 60.0
# How much longer than a round its process may take to answer (seconds): users start, and are stopped.
_GRACE = 60.0
# By how much Locust's own count may differ from ours before neither is believed.
_AGREEMENT = 0.01


class LocustfileEngine:
    """A process of Locust's for every scenario and side; made anew after one has died."""

    name = LOCUST

    def __init__(self) -> None:
        self._players: dict[tuple[str, str], Child] = {}
        self._urls: dict[tuple[str, str], str] = {}

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        if url.startswith(f"{UNIX}:"):
            raise UsageError("Locust cannot reach a unix socket", "give the service a port, and its URL as the target")
        self._urls[scenario.name, side] = url
        self._player(scenario, side)

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        """One round; invalid where the process died, or got stuck."""
        message = PlayRound(part.length, tuple(steps_of(scenario.profile, part.start, part.length)))
        try:
            player = self._player(scenario, side)
            player.send(message)
            return _as_result(player.receive(PlayerReport, part.length + _GRACE))
        except GeneratorError as error:
            self._drop(scenario, side)
            return lost_round(
                self.name, 1, f"{error.message}; a task that never waits for anything blocks all of Locust"
            )

    def can_slice(self, scenario: AnyScenario) -> bool:
        return False

    def play_slices(self, scenario: AnyScenario, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        raise ValueError(f"{self.name} plays no slices of {scenario.name}")

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
            player.send(LoadFile(str(scenario.file), self._urls[key]))
            mistake = player.receive(Inspection, _START_TIMEOUT).mistake
            if mistake is not None:
                raise NoVerdictError(f"{scenario.file}: {mistake.error}", mistake.hint)
        return self._players[key]

    def _drop(self, scenario: AnyScenario, side: str) -> None:
        player = self._players.pop((scenario.name, side), None)
        if player is not None:
            player.stop()


def _as_result(found: PlayerReport) -> RoundResult:
    played = merge_reports(LOCUST, [found.report])
    problems = (*found.problems, *_disagreement(played.tally.request_count + found.untimed, found.own.requests))
    warnings = (f"{found.untimed} requests without a time were left out",) if found.untimed else ()
    record = replace(played.generator, reader_lag=None, schedule_lag=None)  # Locust cannot tell
    return replace(played, generator=record, problems=problems + played.problems, warnings=warnings + played.warnings)


def _disagreement(requests: int, own: int) -> tuple[str, ...]:
    if abs(requests - own) <= _AGREEMENT * max(1.0, own):
        return ()
    return (f"Locust counted {own} requests and we {requests}, so neither can be believed",)
