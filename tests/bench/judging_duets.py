"""Recorded pairs of rounds, drawn again in blocks and judged."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from perfgate.compare.alpha_spending import share_at
from perfgate.compare.comparison import Comparison, RowVerdict, rules_out_regression
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.foresight.gating import cannot_decide
from perfgate.compare.rows import DURATION, Row
from perfgate.compare.rules import Margin, Rules, is_tail
from perfgate.compare.statistics import lies_above
from perfgate.metrics.run import ScenarioRun
from tests.support.recorded_duets import ROUND_SECONDS, Figures, Pairs, sides

SCENARIOS = 4
# Longer than any correlation in the recorded pairs, short enough for 20 different blocks.
BLOCK = 10


def recorded(path: Path, name: str = "") -> Pairs:
    """The pairs of a file, base before head. name: of the duet, in a file of `tests.bench.record_pairs`."""
    content = json.loads(path.read_text())
    pairs = (content["duets"][name] if name else content)["pairs"]
    return [
        (pair["base"], pair["head"]) for pair in pairs if None not in (*pair["base"].values(), *pair["head"].values())
    ]


def drawn(pairs: Pairs, count: int, lots: random.Random) -> Pairs:
    """`count` pairs in blocks from anywhere (the circular block bootstrap of Politis & Romano 1992)."""
    chosen: Pairs = []
    while len(chosen) < count:
        start = lots.randrange(len(pairs))
        chosen += [pairs[(start + step) % len(pairs)] for step in range(BLOCK)]
    return chosen[:count]


def duet(pairs: Pairs, rules: Rules) -> tuple[tuple[Comparison, ...], int]:
    """The rows of a duet that may last for `pairs`, and how many of them it took."""
    plan = DuetPlan(SCENARIOS, 2 * ROUND_SECONDS * len(pairs), 2 * ROUND_SECONDS)
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


def is_green(rows: tuple[Comparison, ...]) -> bool:
    return all(rules_out_regression(row) for row in rows if row.gated)


def swapped(pairs: Pairs, lots: random.Random) -> Pairs:
    """The pairs, base and head of each drawn by lot again: recorded pairs have a mean of their own."""
    return [pair if lots.random() < 0.5 else pair[::-1] for pair in pairs]


def may_be_red(pairs: Pairs, rules: Rules) -> bool:
    """Whether any row lies above its margin at the level of the whole scenario, which no row alone is ever given.

    Loses nothing, and spares the bench all but a few of its 40,000 duets.
    """
    bound, level = math.log1p(rules.margin), rules.error_rate / SCENARIOS
    for figure in ("p50", "p95", "cpu"):
        if lies_above([math.log(head[figure] / base[figure]) for base, head in pairs], bound, level):
            return True
    return lies_above([math.log(base["n"] / head["n"]) for base, head in pairs], -math.log1p(-rules.margin), level)


def quiet_gates(data: Sequence[Pairs], gates: int, seed: int, margin: float | None = None) -> str:
    """Gates of four A/A scenarios, of the kinds of load in `data` in turn: the share that is red.

    With a margin of 0 any difference is red that the statistics believe in: that is the error rate itself.
    """
    lots, red = random.Random(seed), 0
    rules = Rules() if margin is None else Rules(margin=margin, latency_floor_ms=0.0)
    for _ in range(gates):
        scenarios = [swapped(drawn(data[place % len(data)], 60, lots), lots) for place in range(SCENARIOS)]
        red += any(may_be_red(pairs, rules) and is_red(duet(pairs, rules)[0]) for pairs in scenarios)
    return f"{red / gates:.2%} of {gates}"


def calm_duets(pairs: Pairs, seed: int, count: int = 500) -> str:
    """A/A duets: the share that is green, and how much of their budget those take that are."""
    lots, used, green = random.Random(seed), 0, 0
    for _ in range(count):
        rows, took = duet(swapped(drawn(pairs, 60, lots), lots), Rules())
        if is_green(rows):
            green += 1
            used += took
    return f"{green / count:.1%} / {used / max(1, green) / 60:.0%} of {count}"


# By how much a figure changes that is worse by a share of its row's margin: fewer requests, longer latencies.
_ROWS = {
    "med": ("p50",),
    "p(95)": ("p95", "p99"),
    "service_cpu": ("cpu",),
    "http_reqs": ("n",),
}

_FIGURES = tuple(figure for figures in _ROWS.values() for figure in figures)


def worse_by(figures: Figures, rows: Iterable[str], margins: float) -> Figures:
    """A round whose rows are worse by so many of their default margins."""
    changed = dict(figures)
    for row in rows:
        allowed = margins * Rules().margin_of(Row("", None, DURATION if row in ("med", "p(95)") else row, row), None)
        for figure in _ROWS[row]:
            changed[figure] *= 1 - allowed if figure == "n" else 1 + allowed
    return changed


def missed(pairs: Pairs, seed: int, duets: int, rows: Iterable[str] = tuple(_ROWS), sure: Iterable[str] = ()) -> str:
    """Duets in which the truth is 1.1 margins in these rows and no change in the others: the share that is green.

    sure: rows that this load always decides, so that they gate and must rule a regression out.
    """
    lots, green = random.Random(seed), 0
    for _ in range(duets):
        chosen = swapped(drawn(pairs, 60, lots), lots)
        worse = [(base, worse_by(head, rows, 1.1)) for base, head in chosen]
        green += may_be_green(worse, set(rows) & set(sure)) and is_green(duet(worse, Rules())[0])
    return f"{green / duets:.2%} of {duets}"


def may_be_green(pairs: Pairs, rows: Iterable[str]) -> bool:
    """Whether each of these rows rules a regression out at any look; spares the bench nearly all of its duets."""
    plan = DuetPlan(SCENARIOS, 2 * ROUND_SECONDS * len(pairs), 2 * ROUND_SECONDS)
    for row in rows:
        figure = _ROWS[row][0]
        sign = -1 if figure == "n" else 1
        allowed = abs(math.log(worse_by(dict.fromkeys(_FIGURES, 1.0), (row,), 1.0)[figure]))
        calmer = [sign * math.log(base[figure] / head[figure]) for base, head in pairs]
        shares = [plan.miss_rate * share_at(look, plan.looks, False) for look in plan.looks]
        looks = zip(plan.looks, shares, strict=True)
        if not any(lies_above(calmer[:look], -allowed, share) for look, share in looks):
            return False
    return True


def tails(pairs: Pairs, seed: int, duets: int = 200) -> str:
    """Duets in which head takes three times as long for 3 % of the requests: red / told of the tail / neither.

    Told: a tail that only informs is worse beyond doubt, or the gate is inconclusive for a tail, or a warning says that
    this load cannot decide it.
    """
    lots, red, told, silent = random.Random(seed), 0, 0, 0
    for _ in range(duets):
        chosen = swapped(drawn(pairs, 60, lots), lots)
        rows, _ = duet([(base, with_tail(head, 0.03, 3.0, lots)) for base, head in chosen], Rules())
        if is_red(rows):
            red += 1
        elif any(is_tail(row.row) and _is_told(row) for row in rows):
            told += 1
        else:
            silent += 1
    return f"{red / duets:.1%} / {told / duets:.1%} / {silent / duets:.1%} of {duets}"


def _is_told(row: Comparison) -> bool:
    undecided = row.gated and not rules_out_regression(row)
    return row.verdict is RowVerdict.REGRESSED or undecided or cannot_decide(row)


def with_tail(figures: Figures, share: float, factor: float, lots: random.Random) -> Figures:
    """A round of which a share of the requests took longer: its requests are drawn from its own quantiles."""
    plain = [_latency(figures, lots.random()) for _ in range(int(figures["n"]))]
    slow = [value * factor if lots.random() < share else value for value in plain]
    changed = dict(figures)
    for name, quantile in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        place = int(quantile * (len(plain) - 1))
        changed[name] *= sorted(slow)[place] / sorted(plain)[place]
    changed["mean"] *= fmean(slow) / fmean(plain)
    return changed


def _latency(figures: Figures, at: float) -> float:
    """The quantile of a round at `at`, straight lines between the recorded ones on a scale of logs."""
    known = ((0.0, figures["p50"] / 3), (0.5, figures["p50"]), (0.95, figures["p95"]), (0.99, figures["p99"]))
    points = (*known, (1.0, figures["p99"] * 1.3))
    (left, low), (right, high) = next(pair for pair in pairwise(points) if pair[0][0] <= at <= pair[1][0])
    return low * (high / low) ** ((at - left) / (right - left))


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


def slower_by(pairs: Pairs, factor: float, seed: int, duets: int = 500) -> str:
    """Duets of a head in which every request takes longer: the share that is red."""
    lots, red = random.Random(seed), 0
    for _ in range(duets):
        chosen = swapped(drawn(pairs, 60, lots), lots)
        red += is_red(duet([(base, slowed(head, factor)) for base, head in chosen], Rules())[0])
    return f"{red / duets:.1%} of {duets}"


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
