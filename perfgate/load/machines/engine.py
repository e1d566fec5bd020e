"""Rounds on many machines: the engine's end in the gate's process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from perfgate.load.engine import RoundResult, SlicePlan, SliceResults
from perfgate.load.generator import messages
from perfgate.load.locust_version import LOCUST, require_locust
from perfgate.load.machines.messages import (
    ClusterConfig,
    Gather,
    Listening,
    PlayRound,
    RoundReport,
    SetUp,
    StartMaster,
    TearDown,
)
from perfgate.load.pacer import Share, Slice
from perfgate.load.phase import Phase
from perfgate.load.processes.child import Child
from perfgate.load.processes.messages import Done
from perfgate.load.reports import lost_round, merge_reports
from perfgate.load.strays import Strays
from perfgate.scenario import AnyScenario, Scenario
from perfgate.scenario.scenario import OWN_ENGINE

# How long a machine may need for its report after its round (seconds), and the master for anything besides.
_REPORTING = 10.0
_GRACE = 45.0
_START_TIMEOUT = 60.0
_QUITTING = 3.0
_SETUP_TIMEOUT = 600.0


T = TypeVar("T")


class MachinesEngine:
    """Locust's master in a child process, and the machines that join it.

    say: told of machines that come and of those that are refused.
    """

    name = LOCUST

    def __init__(self, cluster: ClusterConfig, scenarios: Sequence[Scenario], say: Callable[[str], None]) -> None:
        require_locust()
        self._cluster = cluster
        self._scenarios = scenarios
        self._say = say
        self._master: Child | None = None
        self._strays: dict[tuple[str, str], Strays] = {}

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        self._start()
        first = messages.Open(scenario.name, side, url, True, None, self._cluster.verify)
        self._ask(SetUp(first, _SETUP_TIMEOUT), messages.Opened)
        self._strays[scenario.name, side] = Strays(url)

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        """One round on all machines; invalid where one was lost, or had not all of its users."""
        patience = part.length + scenario.profile.graceful_stop + _REPORTING
        stop = scenario.profile.graceful_stop
        command = messages.Play(scenario.name, side, part, stop, Share(0, 1), phase, number, 0.0)
        found = self._ask(PlayRound(command, scenario.profile.vus_max, patience), RoundReport)
        if not found.reports:
            return lost_round(self.name, found.machines, "; ".join(found.problems), here=False)
        merged = merge_reports(self.name, list(found.reports), here=False)
        played = self._strays[scenario.name, side].judged(merged, found.reports)
        return replace(
            played,
            generator=replace(played.generator, workers=found.machines),
            problems=found.problems + played.problems,
            warnings=self._remarks(found.machines, scenario.profile.vus_max) + played.warnings,
        )

    def can_slice(self, scenario: AnyScenario) -> bool:
        return False

    def can_share(self, scenario: AnyScenario) -> bool:
        return False

    def play_slices(self, scenario: AnyScenario, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        raise ValueError(f"{self.name} plays no slices of {scenario.name}")

    def close(self, scenario: AnyScenario, side: str) -> None:
        self._ask(TearDown(messages.Close(scenario.name, side, True), _SETUP_TIMEOUT), Done)

    def stop(self) -> None:
        if self._master is not None:
            self._master.stop()
            self._master = None

    def _remarks(self, machines: int, users: int) -> tuple[str, ...]:
        wanted = min(self._cluster.machines, users)
        return (f"{machines} of {wanted} machines took part",) if machines < wanted else ()

    def _start(self) -> None:
        """Start the master, and wait for the machines."""
        if self._master is not None:
            return
        cluster = self._cluster
        self._master = Child("perfgate.load.machines.master", "Locust's master", self._say, _QUITTING)
        files = dict.fromkeys(scenario.file.name for scenario in self._scenarios)
        hashes = {scenario.name: replace(scenario, engine=OWN_ENGINE).hash for scenario in self._scenarios}
        self._master.send(StartMaster(cluster, tuple(files), hashes))
        port = self._master.receive(Listening, _START_TIMEOUT).port
        self._say(f"Waiting for {cluster.machines} machines: perfgate worker --master THIS-HOST:{port}")
        self._master.send(Gather())
        self._master.receive(Done, cluster.patience + _GRACE)

    def _ask(self, message: SetUp | PlayRound | TearDown, kind: type[T]) -> T:
        assert self._master is not None
        self._master.send(message)
        return self._master.receive(kind, message.patience + _GRACE)
