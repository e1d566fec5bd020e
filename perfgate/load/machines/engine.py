"""Rounds on many machines: the engine's end in the gate's process."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from perfgate.load.engine import RoundResult
from perfgate.load.generator import messages
from perfgate.load.locust_version import LOCUST, require_locust
from perfgate.load.machines import protocol
from perfgate.load.pacer import Share, Slice
from perfgate.load.phase import Phase
from perfgate.load.processes.child import Child
from perfgate.load.reports import WorkerReport, lost_round, merge_reports
from perfgate.scenario import AnyScenario, Scenario
from perfgate.scenario.scenario import OWN_ENGINE

# How long a machine may need for its report after its round (seconds), and the master for anything besides.
_REPORTING = 10.0
_GRACE = 45.0
_START_TIMEOUT = 60.0
_QUITTING = 3.0
_SETUP_TIMEOUT = 600.0


@dataclass(frozen=True)
class Muster:
    """The machines that a run wants. host, port: where the master listens. patience: seconds to wait for them.

    vus, duration: overrides of the command line.
    """

    machines: int
    host: str
    port: int
    patience: float
    vus: int | None
    duration: float | None
    nonce: int
    seed: int


class MachinesEngine:
    """Locust's master in a child process, and whoever joins it. say: told of machines that come and are refused."""

    name = LOCUST

    def __init__(self, muster: Muster, scenarios: Sequence[Scenario], say: Callable[[str], None]) -> None:
        require_locust()
        self._muster = muster
        self._scenarios = scenarios
        self._say = say
        self._master: Child | None = None

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        self._start()
        self._ask(messages.Open(scenario.name, side, url, True, None), _SETUP_TIMEOUT)

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        """One round on all machines; invalid where one was lost, or had not all of its users."""
        patience = part.length + scenario.profile.graceful_stop + _REPORTING
        command = messages.Play(scenario.name, side, part, Share(0, 1), phase, number, 0.0)
        found = self._ask(command, patience, scenario.profile.vus_max)
        problems, machines = tuple(found["problems"]), found["machines"]
        if not found["played"]:
            return lost_round(self.name, machines, "; ".join(problems), here=False)
        played = merge_reports(self.name, [WorkerReport(**answer) for answer in found["played"]], here=False)
        return replace(
            played,
            generator=replace(played.generator, workers=machines),
            problems=problems + played.problems,
            warnings=self._remarks(machines, scenario.profile.vus_max) + played.warnings,
        )

    def close(self, scenario: AnyScenario, side: str) -> None:
        self._ask(messages.Close(scenario.name, side, True), _SETUP_TIMEOUT)

    def stop(self) -> None:
        if self._master is not None:
            self._master.stop()
            self._master = None

    def _remarks(self, machines: int, users: int) -> tuple[str, ...]:
        wanted = min(self._muster.machines, users)
        return (f"{machines} of {wanted} machines took part",) if machines < wanted else ()

    def _start(self) -> None:
        """Start the master, and wait for the machines."""
        if self._master is not None:
            return
        muster = self._muster
        self._master = Child("perfgate.load.machines.master", "Locust's master", self._heard, _QUITTING)
        lead = {
            "host": muster.host,
            "port": muster.port,
            "machines": muster.machines,
            "patience": muster.patience,
            "orders": asdict(self._orders()),
        }
        self._master.say(json.dumps(lead).encode() + b"\n")
        port = self._master.hear(_START_TIMEOUT)["port"]
        self._say(f"Waiting for {muster.machines} machines: perfgate worker --master THIS-HOST:{port}")
        self._master.say(json.dumps({"do": "gather"}).encode() + b"\n")
        self._master.hear(muster.patience + _GRACE)

    def _heard(self, news: dict[str, Any]) -> None:
        self._say(news["news"])

    def _orders(self) -> protocol.Orders:
        muster = self._muster
        return protocol.Orders(
            files=list(dict.fromkeys(scenario.file.name for scenario in self._scenarios)),
            hashes={scenario.name: replace(scenario, engine=OWN_ENGINE).hash for scenario in self._scenarios},
            vus=muster.vus,
            duration=muster.duration,
            worker=0,
            machines=muster.machines,
            nonce=muster.nonce,
            seed=muster.seed,
        )

    def _ask(self, command: messages.Command, patience: float, users: int = 0) -> dict[str, Any]:
        assert self._master is not None
        asked = {"do": "command", "patience": patience, "users": users, "line": messages.write(command).decode()}
        self._master.say(json.dumps(asked).encode() + b"\n")
        return self._master.hear(patience + _GRACE)
