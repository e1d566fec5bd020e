"""Our engine: worker processes that play a round together, and what they counted as one.

Nothing here waits on gevent: the command line's process is an ordinary one.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Protocol

from perfgate.errors import GeneratorError
from perfgate.load.generator import messages
from perfgate.load.health import judge
from perfgate.load.pacer import Share, Slice
from perfgate.load.processes.child import Child
from perfgate.metrics.run import GeneratorRecord
from perfgate.metrics.tally import Tally, from_plain
from perfgate.scenario import AnyScenario

# Workers that are told to begin at a moment must have heard of it before.
_LEAD = 0.02
# How much longer than a round may last its worker may take to answer (seconds).
_GRACE = 15.0
_START_TIMEOUT = 60.0
_SETUP_TIMEOUT = 600.0


@dataclass(frozen=True)
class Played:
    """What an engine says of one round."""

    tally: Tally
    generator: GeneratorRecord
    warnings: tuple[str, ...]
    problems: tuple[str, ...]


class Engine(Protocol):
    """What makes the load of a round: a round goes in, its measurements come out."""

    name: str

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        """Get ready to load `url` with `scenario`, setup included. NoVerdictError where that fails."""

    def play(self, scenario: AnyScenario, side: str, part: Slice, pair: int) -> Played:
        """Play one round. A worker that dies makes the round invalid."""

    def close(self, scenario: AnyScenario, side: str) -> None:
        """Clean up after `open`, teardown included."""

    def stop(self) -> None:
        """End everything now."""


@dataclass(frozen=True)
class Orders:
    """What the workers must know: see messages.Orders. `workers`: how many."""

    folder: str
    wanted: tuple[str, ...]
    vus: int | None
    duration: float | None
    workers: int
    nonce: int
    seed: int
    cpus: tuple[int, ...]


class PerfgateEngine:
    """Workers of our own; started at the first round, and anew after one has died."""

    name = "perfgate"

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._workers: list[Child] = []
        self._opened: dict[tuple[str, str], messages.Open] = {}

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        self._start()
        first = messages.Open(scenario.name, side, url, True, None)
        self._workers[0].say(messages.write(first))
        data = self._workers[0].hear(_SETUP_TIMEOUT)["data"]
        opened = messages.Open(scenario.name, side, url, False, data)
        for worker in self._workers[1:]:
            worker.say(messages.write(opened))
            worker.hear(_SETUP_TIMEOUT)
        self._opened[scenario.name, side] = opened

    def play(self, scenario: AnyScenario, side: str, part: Slice, pair: int) -> Played:
        try:
            self._start()
            start_at = time.monotonic() + _LEAD
            for number, worker in enumerate(self._workers):
                share = Share(number, len(self._workers))
                worker.say(messages.write(messages.Play(scenario.name, side, part, share, pair, start_at)))
            patience = part.length + scenario.profile.graceful_stop + _GRACE
            answers = [messages.Played(**worker.hear(patience)) for worker in self._workers]
        except GeneratorError as error:
            self._abandon()
            return lost(self.name, self._orders.workers, str(error))
        return together(self.name, answers)

    def close(self, scenario: AnyScenario, side: str) -> None:
        if self._opened.pop((scenario.name, side), None) is None:
            return
        for number, worker in enumerate(self._workers):
            worker.say(messages.write(messages.Close(scenario.name, side, number == 0)))
            worker.hear(_SETUP_TIMEOUT)

    def stop(self) -> None:
        self._opened.clear()
        self._abandon()

    def _start(self) -> None:
        if self._workers:
            return
        try:
            for number in range(self._orders.workers):
                self._workers.append(self._new_worker(number))
            for worker in self._workers:
                worker.hear(_START_TIMEOUT)
                for opened in self._opened.values():
                    worker.say(messages.write(opened))
                    worker.hear(_SETUP_TIMEOUT)
        except BaseException:
            self._abandon()
            raise

    def _new_worker(self, number: int) -> Child:
        worker = Child("perfgate.load.generator.worker", f"worker {number} of the generator")
        worker.say(json.dumps({**asdict(self._orders), "worker": number}).encode() + b"\n")
        return worker

    def _abandon(self) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers = []


def together(engine: str, answers: list[messages.Played], here: bool = True) -> Played:
    """What all workers say, as one. here: they ran on this machine."""
    tally = Tally()
    errors: Counter[str] = Counter()
    for answer in answers:
        tally.merge_parallel(from_plain(answer.tally))
        errors.update(answer.scenario_errors)
    stamped = sum(answer.stamped for answer in answers)
    missing = sum(answer.stamps_missing for answer in answers)
    offered = [answer.offered for answer in answers if answer.offered is not None]
    record = GeneratorRecord(
        engine=engine,
        workers=len(answers),
        clock="kernel" if stamped > missing else "process",
        stamps_missing=missing,
        reader_lag=max(answer.reader_lag for answer in answers),
        hub_lag=max(answer.hub_lag for answer in answers),
        schedule_lag=max(answer.schedule_lag for answer in answers),
        cpu=max(answer.cpu for answer in answers),
        offered=sum(offered) if offered else None,
        here=here,
    )
    health = judge(record, tally, dict(errors))
    warnings = health.warnings
    if any(answer.too_many_names for answer in answers):
        warnings += ('there are more than 200 request names; group requests with name="GET /pet/{id}"',)
    return Played(tally, record, warnings, health.problems)


def lost(engine: str, workers: int, problem: str, here: bool = True) -> Played:
    """A round whose measurements died with a worker. here: the workers ran on this machine."""
    record = GeneratorRecord(
        engine=engine,
        workers=workers,
        clock="",
        stamps_missing=None,
        reader_lag=None,
        hub_lag=None,
        schedule_lag=None,
        cpu=0.0,
        offered=None,
        here=here,
    )
    return Played(Tally(), record, (), (problem,))


def default_workers(vus: int, cpus: int) -> int:
    """How many workers a load wants: one for every 50 VUs, as far as there are CPUs for them."""
    return max(1, min(cpus, (vus + 49) // 50))
