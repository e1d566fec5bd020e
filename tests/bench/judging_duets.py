"""Recorded pairs of rounds, drawn again in blocks and judged."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.rules import Margin, Rules
from perfgate.compare.statistics import lies_above
from perfgate.metrics.run import ScenarioRun
from tests.support.recorded_duets import ROUND_SECONDS, Figures, Pairs, sides

SCENARIOS = 4
# Longer than any correlation in the recorded pairs, short enough for 20 different blocks.
BLOCK = 10


def recorded(path: Path) -> Pairs:
    """The pairs of a file, base before head."""
    return [(pair["base"], pair["head"]) for pair in json.loads(path.read_text())["pairs"]]


def drawn(pairs: Pairs, count: int, lots: random.Random) -> Pairs:
    """`count` pairs in blocks from anywhere (the circular block bootstrap of Politis & Romano 1992)."""
    chosen: Pairs = []
    while len(chosen) < count:
        start = lots.randrange(len(pairs))
        chosen += [pairs[(start + step) % len(pairs)] for step in range(BLOCK)]
    return chosen[:count]


def duet(pairs: Pairs, rules: Rules) -> tuple[tuple[Comparison, ...], int]:
    """The rows of a duet that may last for `pairs`, and how many of them it took."""
    plan = DuetPlan(SCENARIOS, 2 * ROUND_SECONDS * len(pairs), ROUND_SECONDS)
    base, head = sides(pairs)
    for look in plan.looks:
        judgement = judge(plan, rules, _first(base, look), _first(head, look))
        if judgement.decided:
            return judgement.rows, look
    raise AssertionError("the last look decides")


def _first(run: ScenarioRun, rounds: int) -> ScenarioRun:
    return ScenarioRun(run.scenario, run.scenario_hash, run.executor, run.rounds[:rounds])


def is_red(rows: tuple[Comparison, ...]) -> bool:
    return any(row.gated and row.verdict is RowVerdict.REGRESSED for row in rows)


def may_be_red(pairs: Pairs, rules: Rules) -> bool:
    """Whether any row lies above its margin at the level of the whole scenario, which no row alone is ever given.

    Loses nothing, and spares the bench all but a few of its 40,000 duets.
    """
    bound, level = math.log1p(rules.margin), rules.error_rate / SCENARIOS
    for figure in ("p50", "p95", "cpu"):
        if lies_above([math.log(head[figure] / base[figure]) for base, head in pairs], bound, level):
            return True
    return lies_above([math.log(base["n"] / head["n"]) for base, head in pairs], -math.log1p(-rules.margin), level)


def quiet_gates(data: dict[str, Pairs], gates: int, seed: int, margin: float | None = None) -> str:
    """Gates of four A/A scenarios, two of each kind of load: the share that is red.

    With a margin of 0 any difference is red that the statistics believe in: that is the error rate itself. There the
    sides of each pair are drawn by lot again, because the 200 recorded pairs have a mean of their own.
    """
    lots, red = random.Random(seed), 0
    rules = Rules() if margin is None else Rules(margin=margin, latency_floor_ms=0.0)
    for _ in range(gates):
        scenarios = [drawn(data[name], 60, lots) for name in ("aa_closed", "aa_think") for _ in range(2)]
        if margin == 0:
            scenarios = [[pair if lots.random() < 0.5 else pair[::-1] for pair in pairs] for pairs in scenarios]
        red += any(may_be_red(pairs, rules) and is_red(duet(pairs, rules)[0]) for pairs in scenarios)
    return f"{red / gates:.2%} of {gates}"


def calm_duets(pairs: Pairs, seed: int, count: int = 200) -> str:
    """A/A duets: the share that ends green before the budget does, and how much of the budget duets take."""
    lots, used, early = random.Random(seed), 0, 0
    for _ in range(count):
        _, took = duet(drawn(pairs, 60, lots), Rules())
        early += took < 60
        used += took
    return f"{early / count:.0%} / {used / count / 60:.0%} of {count}"


def found_regressions(
    pairs: Pairs, margin: float, count: int, seed: int, only: str | None = None, duets: int = 1000
) -> str:
    """Duets of a slower head: the share that is red. only: a metric whose row must be the red one."""
    lots, found = random.Random(seed), 0
    rules = Rules(margins=(Margin(margin, metric=only),)) if only else Rules(margin=margin)
    for _ in range(duets):
        rows, _ = duet(drawn(pairs, count, lots), rules)
        found += is_red(tuple(row for row in rows if only in (None, row.row.metric)))
    return f"{found / duets:.1%} of {duets}"


def slowed(figures: Figures, factor: float) -> Figures:
    """A round in which everything took longer."""
    slow = {name: value * factor for name, value in figures.items()}
    return slow | {"n": max(50, figures["n"] / factor)}


def bursts(pairs: Pairs, seed: int, duets: int = 1000) -> str:
    """A/A duets with one stretch of up to half of the rounds of one side 1.1 to 10 times as slow."""
    lots, red = random.Random(seed), 0
    for _ in range(duets):
        chosen = drawn(pairs, 60, lots)
        length, factor, side = lots.randint(1, 30), math.exp(lots.uniform(0.1, 2.3)), lots.randrange(2)
        start = lots.randint(0, 60 - length)
        for place in range(start, start + length):
            both = list(chosen[place])
            both[side] = slowed(both[side], factor)
            chosen[place] = (both[0], both[1])
        red += is_red(duet(chosen, Rules())[0])
    return f"{red} of {duets}"


def odd_instances(pairs: Pairs, seed: int, instances: int, duets: int = 2000) -> str:
    """A/A duets of services of which one instance in 30 is 10 to 60 % slower than the others, for no reason.

    So it was with 144 instances of a service that hashes, here: 2 of them 16 and 27 % slower, 6 by 2.7 to 4.2 %.
    """
    lots, red = random.Random(seed), 0

    def luck() -> float:
        return 1 + lots.uniform(0.1, 0.6) if lots.random() < 1 / 30 else 1.0

    for _ in range(duets):
        lucks = [(luck(), luck()) for _ in range(instances)]
        chosen = drawn(pairs, 60, lots)
        shared = [lucks[place * instances // len(chosen)] for place in range(len(chosen))]
        unlucky = [
            (slowed(base, on_base), slowed(head, on_head))
            for (base, head), (on_base, on_head) in zip(chosen, shared, strict=True)
        ]
        red += may_be_red(unlucky, Rules()) and is_red(duet(unlucky, Rules())[0])
    return f"{red / duets:.2%} of {duets}"


def random_hog(pairs: Pairs, seed: int, duets: int = 500) -> str:
    """A/A duets in which each round of either side is twice as slow by the fall of a coin."""
    lots, red = random.Random(seed), 0
    for _ in range(duets):
        chosen = [
            (slowed(base, lots.choice((1, 2))), slowed(head, lots.choice((1, 2))))
            for base, head in drawn(pairs, 60, lots)
        ]
        red += is_red(duet(chosen, Rules())[0])
    return f"{red} of {duets}"
