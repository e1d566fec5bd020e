"""Duets made of numbers, so that a test knows the truth that a comparison must find."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.run import GeneratorRecord, Round, ScenarioRun
from perfgate.metrics.tally import Tally

GENERATOR = GeneratorRecord("perfgate", 1, "kernel", 0, 0.0, 0.0, 0.0, 0.2, None)

# Latencies of one round around a middle of 1: the shape is the same in every round, so that medians move exactly.
SHAPE = [0.5 + place / 200 for place in range(200)]


def tally(middle_ms: float, failed: int = 0, requests: Sequence[str] = ("GET /",), cpu_ms: float | None = 1.0) -> Tally:
    """One second of 200 requests of each name, `failed` of them failed, the latencies around `middle_ms`."""
    made = Tally(seconds=1.0, vus=4, vus_max=4)
    for name in requests:
        for place, share in enumerate(SHAPE):
            side = made.request(name).failed if place < failed else made.request(name).ok
            side.record(round(middle_ms * share * 1e6))
        made.request(name).errors["status 500"] += failed
    made.service_cpu_seconds = None if cpu_ms is None else cpu_ms / 1000 * made.request_count
    return made


def run_of(
    side: str,
    tallies: Sequence[Tally],
    scenario: str = "shop",
    executor: str = "constant-vus",
    invalid: Sequence[int] = (),
) -> ScenarioRun:
    """One side of a duet, a round a tally; the rounds at `invalid` have a problem."""
    rounds = [
        Round(
            scenario,
            side,
            pair,
            float(pair),
            made,
            GENERATOR,
            (),
            ("the generator was busy",) if pair in invalid else (),
        )
        for pair, made in enumerate(tallies)
    ]
    return ScenarioRun(scenario, "hash", executor, tuple(rounds))


def depending(run: ScenarioRun, name: str, costs: Sequence[float | None], memory_bytes: int = 1000) -> ScenarioRun:
    """The run with a dependency, and what it spends per request in each round (ms of CPU).

    None where it was not seen in a round.
    """
    for round_, cost in zip(run.rounds, costs, strict=True):
        count = round_.tally.request_count
        used = {} if cost is None else {name: DependencyUse(count, cost * count / 1000, memory_bytes)}
        round_.tally.dependencies = {**(round_.tally.dependencies or {}), **used}
    return run


def noisy_duet(
    pairs: int,
    head_factor: float | Callable[[int], float],
    noise: float = 0.01,
    seed: int = 1,
    failed: tuple[int, int] = (0, 0),
) -> tuple[ScenarioRun, ScenarioRun]:
    """Base around 10 ms and head `head_factor` times that, both with log-normal noise between rounds."""
    lots = random.Random(seed)
    factor = head_factor if callable(head_factor) else lambda pair: head_factor

    def rounds(side: Callable[[int], float], failures: int) -> list[Tally]:
        made = []
        for pair in range(pairs):
            middle = side(pair) * math.exp(lots.gauss(0, noise))
            made.append(tally(10 * middle, failures, cpu_ms=middle))
        return made

    base = rounds(lambda pair: 1.0, failed[0])
    return run_of("base", base), run_of("head", rounds(factor, failed[1]))


def noisy_tails(pairs: int, noise: float = 0.5, seed: int = 1) -> tuple[ScenarioRun, ScenarioRun]:
    """The same code twice: calm medians, and a tail from p(90) on that scatters from round to round by `noise`."""
    lots = random.Random(seed)

    def side(name: str) -> ScenarioRun:
        made = [tally(10 * math.exp(lots.gauss(0, 0.01))) for _ in range(pairs)]
        for one in made:
            slow = math.exp(lots.gauss(0, noise))
            for _ in range(len(SHAPE) // 8):
                one.request("GET /").ok.record(round(30e6 * slow))
        return run_of(name, made)

    return side("base"), side("head")


def prefix_of(run: ScenarioRun, rounds: int) -> ScenarioRun:
    """The first rounds of a run."""
    return replace(run, rounds=run.rounds[:rounds])
