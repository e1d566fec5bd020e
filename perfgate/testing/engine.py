"""An engine without load: it plays rounds at once, from made-up latencies, and remembers its calls."""

from __future__ import annotations

import time
from dataclasses import replace

from perfgate.load.engine import RoundResult, SlicePlan, SliceResults
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.metrics.run import GeneratorRecord
from perfgate.metrics.tally import Tally
from perfgate.scenario import AnyScenario

_CALLS = {Phase.WARM_UP: "warm up", Phase.MEASURING: "play"}
_CALM = GeneratorRecord("seeded", 1, "kernel", 0, 0.0, 0.0, 0.0, 0.1, None)


class SeededEngine:
    """An engine that sends nothing.

    latency_ms: of every request (ms).
    iteration_ms: of every iteration (ms).
    calls: the calls in their order, like ("play", scenario, side, number), ("warm up", scenario, side, number).
    parts: the slices that were played.
    slices: whether it plays slices.
    shares: whether its users send to two sides in short turns.
    generator_cpu: the share of a CPU that it claims to use.
    requests: how many it makes up for a round, or a slice.
    fails: whether all of them fail.
    """

    name = "seeded"

    def __init__(
        self,
        latency_ms: float = 5.0,
        iteration_ms: float = 5.0,
        slices: bool = False,
        shares: bool = False,
        generator_cpu: float = 0.1,
        requests: int = 10,
        fails: bool = False,
    ) -> None:
        self._requests = requests
        self._fails = fails
        self._slices = slices
        self._shares = shares
        self._generator = replace(_CALM, cpu=generator_cpu)
        self.calls: list[tuple[object, ...]] = []
        self.parts: list[Slice] = []
        self._latency_ns = round(latency_ms * 1e6)
        self._iteration_ns = round(iteration_ms * 1e6)

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        self.calls.append(("open", scenario.name, side, url))

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        self.calls.append((_CALLS[phase], scenario.name, side, number))
        self.parts.append(part)
        return self._result(part.length)

    def _result(self, seconds: float) -> RoundResult:
        tally = Tally(seconds=seconds, vus=1, vus_max=1)
        for _ in range(self._requests):
            request = tally.request("GET /a")
            (request.failed if self._fails else request.ok).record(self._latency_ns)
            tally.iterations.record(self._iteration_ns)
        return RoundResult(tally, self._generator, (), ())

    def can_slice(self, scenario: AnyScenario) -> bool:
        return self._slices

    def can_share(self, scenario: AnyScenario) -> bool:
        return self._shares

    def play_slices(self, scenario: AnyScenario, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        self.calls.append((_CALLS[plan.phase], scenario.name, sides, plan.number))
        self.parts.append(plan.part)
        plan.boundary(time.monotonic())
        for _ in range(plan.count):
            plan.boundary(time.monotonic())
            yield {side: self._result(plan.part.length / plan.count) for side in sides}

    def close(self, scenario: AnyScenario, side: str) -> None:
        self.calls.append(("close", scenario.name, side))

    def stop(self) -> None:
        self.calls.append(("stop",))
