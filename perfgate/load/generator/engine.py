"""Our engine: worker processes that play a round together, and what they counted as one.

Nothing here waits on gevent: the command line's process is an ordinary one.
"""

from __future__ import annotations

import time
from dataclasses import replace

from perfgate.errors import GeneratorError
from perfgate.load.boundaries import Boundaries
from perfgate.load.engine import RoundResult, SlicePlan, SliceResults
from perfgate.load.generator import messages
from perfgate.load.pacer import Share, Slice
from perfgate.load.phase import Phase
from perfgate.load.processes.child import Child
from perfgate.load.processes.messages import Done, from_plain
from perfgate.load.reports import WorkerReport, lost_round, merge_reports
from perfgate.load.strays import Strays
from perfgate.metrics.tally import Tally
from perfgate.scenario import AnyScenario
from perfgate.scenario.profile import ConstantVUs, PerVUIterations, SharedIterations

# Workers that are told to begin at a moment must have heard of it before.
_LEAD = 0.02
# How much longer than a round may last its worker may take to answer (seconds).
_GRACE = 15.0
# How long the end of a load waits for requests at least, where some outlasted the graceful stop before (s).
_LEAST_STOP = 5.0
# A wait may end so much early (s).
_ROUNDING = 0.01
_START_TIMEOUT = 60.0
_SETUP_TIMEOUT = 600.0


class PerfgateEngine:
    """Workers of our own; started at the first round, and anew after one has died."""

    name = "perfgate"

    def __init__(self, config: messages.WorkerConfig) -> None:
        self._config = config
        self._workers: list[Child] = []
        self._opened: dict[tuple[str, str], messages.Open] = {}
        self._strays: dict[tuple[str, str], Strays] = {}
        self._outlasted: set[str] = set()

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        self._start()
        first = messages.Open(scenario.name, side, url, True, None, self._config.verify)
        self._workers[0].send(first)
        data = self._workers[0].receive(messages.Opened, _SETUP_TIMEOUT).data
        opened = replace(first, set_up=False, data=data)
        for worker in self._workers[1:]:
            worker.send(opened)
            worker.receive(messages.Opened, _SETUP_TIMEOUT)
        self._opened[scenario.name, side] = opened
        self._strays[scenario.name, side] = Strays(url)

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        stop = self._graceful_stop(scenario, part)
        try:
            self._start()
            start_at = time.monotonic() + _LEAD
            for place, worker in enumerate(self._workers):
                share = Share(place, len(self._workers))
                worker.send(messages.Play(scenario.name, side, part, stop, share, phase, number, start_at))
            patience = part.length + stop + _GRACE
            reports = [worker.receive(WorkerReport, patience) for worker in self._workers]
        except GeneratorError as error:
            self._abandon()
            return lost_round(self.name, self._config.workers, str(error))
        result = self._merged(scenario.name, side, reports)
        if result.tally.seconds >= part.length + stop - _ROUNDING:
            self._outlasted.add(scenario.name)
        return result

    def _graceful_stop(self, scenario: AnyScenario, part: Slice) -> float:
        """How long what is under way at the end of a part may go on (s).

        A service that leaves requests unanswered makes every end as long as that. So once some have outlasted the
        graceful stop, no later end of the scenario takes longer than the load before it.
        """
        stop = scenario.profile.graceful_stop
        return min(stop, max(_LEAST_STOP, part.length)) if scenario.name in self._outlasted else stop

    def can_slice(self, scenario: AnyScenario) -> bool:
        # Iterations that are counted out are no steady load.
        return not isinstance(scenario.profile, (SharedIterations, PerVUIterations))

    def can_share(self, scenario: AnyScenario) -> bool:
        return isinstance(scenario.profile, ConstantVUs)

    def play_slices(self, scenario: AnyScenario, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        name, part, stop = scenario.name, plan.part, self._graceful_stop(scenario, plan.part)
        try:
            self._start()
            for place, worker in enumerate(self._workers):
                share = Share(place, len(self._workers))
                wanted = messages.PlaySlices(
                    name, sides, part, stop, share, plan.phase, plan.number, plan.count, plan.turns
                )
                worker.send(wanted)
            for worker in self._workers:
                worker.receive(Done, _SETUP_TIMEOUT)
            yield from self._slices(name, sides, plan, stop + _GRACE)
            self._end_slices(stop + _GRACE)
        except GeneratorExit:
            self._end_slices(_GRACE)
            raise
        except GeneratorError as error:
            self._abandon()
            yield dict.fromkeys(sides, lost_round(self.name, self._config.workers, str(error)))

    def _slices(self, scenario: str, sides: tuple[str, ...], plan: SlicePlan, patience: float) -> SliceResults:
        part, length = plan.part, plan.part.length / plan.count
        start_at = time.monotonic() + _LEAD
        for worker in self._workers:
            worker.send(messages.Go(start_at))
        with Boundaries(start_at + part.spread, length, plan.count, plan.boundary) as boundaries:
            for number in range(plan.count):
                slices = [worker.receive(messages.SliceReport, part.length + _GRACE) for worker in self._workers]
                boundaries.wait_for(number + 2)
                merged = {
                    side: self._merged(scenario, side, [from_plain(WorkerReport, one.sides[side]) for one in slices])
                    for side in sides
                }
                late = [worker for worker, one in zip(self._workers, slices, strict=True) if one.late]
                for worker in late:
                    for side, plain in worker.receive(messages.SliceReport, patience).sides.items():
                        tail = Tally.from_plain(plain)
                        if any(request.errors["timeout"] for request in tail.requests.values()):
                            self._outlasted.add(scenario)
                        merged[side].tally.merge_parallel(tail)
                yield merged

    def _merged(self, scenario: str, side: str, reports: list[WorkerReport]) -> RoundResult:
        return self._strays[scenario, side].judged(merge_reports(self.name, reports), reports)

    def _end_slices(self, patience: float) -> None:
        """Have the workers stop, and read what they still say."""
        try:
            for worker in self._workers:
                worker.send(messages.Halt())
            for worker in self._workers:
                while worker.receive(messages.SliceReport, patience).sides:
                    pass
        except GeneratorError:
            self._abandon()

    def close(self, scenario: AnyScenario, side: str) -> None:
        if self._opened.pop((scenario.name, side), None) is None:
            return
        for number, worker in enumerate(self._workers):
            worker.send(messages.Close(scenario.name, side, number == 0))
            worker.receive(Done, _SETUP_TIMEOUT)

    def stop(self) -> None:
        self._opened.clear()
        self._abandon()

    def _start(self) -> None:
        if self._workers:
            return
        try:
            for number in range(self._config.workers):
                self._workers.append(self._new_worker(number))
            for worker in self._workers:
                worker.receive(Done, _START_TIMEOUT)
                for opened in self._opened.values():
                    worker.send(opened)
                    worker.receive(messages.Opened, _SETUP_TIMEOUT)
        except BaseException:
            self._abandon()
            raise

    def _new_worker(self, number: int) -> Child:
        worker = Child("perfgate.load.generator.worker", f"worker {number} of the generator")
        worker.send(messages.Start(self._config, number))
        return worker

    def _abandon(self) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers = []


def default_workers(vus: int, cpus: int) -> int:
    """How many workers a load wants: one for every 50 VUs, as far as there are CPUs for them."""
    return max(1, min(cpus, (vus + 49) // 50))
