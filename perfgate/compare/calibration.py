"""What a machine can see: from a duet of a service with itself to the changes that longer or shorter duets would show.

Nothing changed, so whatever differs between the sides is noise. How wide the interval of a duet of n pairs would be is
asked of the statistic that judges: a sample of n values is laid out with the spread of the measured ones, and given to
it at the alpha that one of these rows has at the last look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

from perfgate.compare.alpha_spending import share_at
from perfgate.compare.duet import DuetPlan
from perfgate.compare.foresight.instances import estimate_instance_noise
from perfgate.compare.multiplicity import ErrorRates
from perfgate.compare.proportions import difference
from perfgate.compare.rows import DURATION, FAILED, Row, rows_of
from perfgate.compare.rules import MARGIN_STEPS, Margin, Rules
from perfgate.compare.sample import Pair, paired_sample, totals, valid_pairs
from perfgate.compare.statistics import locate, serial_correlation
from perfgate.metrics.run import ScenarioRun

# Too few pairs say too little of their own spread.
FEWEST_PAIRS = 8

# A row rules a regression out if its margin is wider than the bound on the side of harm plus what the estimate is off.
# That bound is at most 2.4 standard errors away, half of the interval three, so half of it again leaves at least 1.6 of
# them for the estimate: enough in 19 duets of 20 in which nothing changed.
_ROOM = 1.5

_Budgets = Sequence[tuple[int, ErrorRates]]
"""The pairs of a duet, and the error rates of one row at its last look."""


@dataclass(frozen=True)
class Calibrated:
    """One gated row. noise: the standard deviation of one pair, of the log ratio, or in points where the row is.

    smallest: for every budget that was asked about, the smallest change that such a duet could tell from noise; None
    where its pairs are too few to prove anything. margin: what the rules allow the row now.
    """

    row: Row
    noise: float
    smallest: tuple[float | None, ...]
    margin: float


def calibrate(base: ScenarioRun, head: ScenarioRun, rules: Rules, plans: Sequence[DuetPlan]) -> tuple[Calibrated, ...]:
    """The gated rows of one scenario, of which `base` and `head` are the same service; none where pairs are too few."""
    pairs = valid_pairs(base, head)
    if len(pairs) < FEWEST_PAIRS:
        return ()
    sides = totals(pairs)
    rows = [row for row in rows_of(base.scenario, base.executor, *sides) if rules.gates(row)]
    rates = [
        ErrorRates(
            red=rules.error_rate / plan.scenarios / len(rows),
            miss=plan.miss_rate * share_at(plan.pairs, plan.looks, True),
        )
        for plan in plans
    ]
    budgets = [(plan.pairs, of_plan) for plan, of_plan in zip(plans, rates, strict=True)]
    found = (
        _shares(row, pairs, rules, budgets) if row.in_points else _ratios(row, pairs, rules, budgets) for row in rows
    )
    return tuple(row for row in found if row is not None)


def instance_noise_of(sides: Sequence[tuple[ScenarioRun, ScenarioRun]], rules: Rules) -> float | None:
    """The standard deviation between instances of the one service that both sides of these scenarios are.

    None where there were too few of them. Of each scenario the best known row of latency or CPU counts.
    """
    scenarios = []
    for base, head in sides:
        pairs = valid_pairs(base, head)
        if not pairs:
            continue
        rows = [row for row in rows_of(base.scenario, base.executor, *totals(pairs)) if rules.gates(row)]
        logs = {row: _by_instance(row, pairs) for row in rows if row.metric in ("service_cpu", DURATION)}
        known = {row: groups for row, groups in logs.items() if groups and all(len(group) > 1 for group in groups)}
        if known:
            scenarios.append(min(known.values(), key=lambda groups: fmean(stdev(group) for group in groups)))
    return estimate_instance_noise(scenarios)


def _by_instance(row: Row, pairs: Sequence[Pair]) -> list[list[float]]:
    """The log ratios of a row, those of each instance together."""
    groups: dict[int, list[float]] = {}
    for pair in pairs:
        for base, head in paired_sample((pair,), row.metric, row.stat, row.request):
            if base > 0 and head > 0:
                groups.setdefault(pair[1].instance, []).append(math.log(head / base))
    return list(groups.values())


def _ratios(row: Row, pairs: Sequence[Pair], rules: Rules, budgets: _Budgets) -> Calibrated | None:
    values = paired_sample(tuple(pairs), row.metric, row.stat, row.request)
    logs = [math.log(head / base) for base, head in values if base > 0 and head > 0]
    if len(logs) < FEWEST_PAIRS:
        return None
    correlation = serial_correlation(logs)
    widening = math.sqrt((1 + correlation) / (1 - correlation))
    smallest = []
    for count, rates in budgets:
        location = locate(_laid_out(logs, count), rates.red, rates.miss)
        known = location.low is not None and location.high is not None
        half = ((location.high or 0.0) - (location.low or 0.0)) / 2
        smallest.append(math.expm1(half * widening) if known else None)
    return Calibrated(row, stdev(logs), tuple(smallest), rules.margin_of(row, median(base for base, _ in values)))


def _shares(row: Row, pairs: Sequence[Pair], rules: Rules, budgets: _Budgets) -> Calibrated:
    counts = [[(side.tally.failed_count, side.tally.request_count) for side in pair] for pair in pairs]
    failed, total = (sum(one[0][place] for one in counts) for place in (0, 1))
    differences = [head[0] / max(1, head[1]) - base[0] / max(1, base[1]) for base, head in counts]
    smallest = []
    for count, rates in budgets:
        drawn = [counts[place % len(counts)] for place in range(count)]
        on_base, on_head = [base for base, _ in drawn], [head for _, head in drawn]
        least, most = (difference(on_base, on_head, alpha) for alpha in (rates.red, rates.miss))
        smallest.append(None if least is None or most is None else (most.high - least.low) / 2)
    return Calibrated(row, stdev(differences), tuple(smallest), rules.margin_of(row, failed / max(1, total)))


def _laid_out(values: Sequence[float], count: int) -> list[float]:
    """A sample of `count` values with the quantiles of `values`, low ones and high ones in turns: no stretches."""
    ordered, last = sorted(values), len(values) - 1
    made = []
    for step in range(count):
        place = (step + 0.5) / count * last
        below = int(place)
        made.append(ordered[below] + (place - below) * (ordered[min(last, below + 1)] - ordered[below]))
    turns = [0.0] * count
    turns[::2], turns[1::2] = made[: (count + 1) // 2], made[(count + 1) // 2 :]
    return turns


def enough_budget(rows: Sequence[Calibrated]) -> int:
    """The place of the smallest budget with which half of the rows can be held to their margins; else the last.

    Counts have no say: what does not scatter needs no load.
    """
    timed = [row for row in rows if not row.row.is_count]
    for place in range(len(rows[0].smallest) - 1):
        needed = [_needed(row, place) for row in timed]
        held = [need is not None and need <= row.margin for need, row in zip(needed, timed, strict=True)]
        if 2 * sum(held) >= len(timed):
            return place
    return len(rows[0].smallest) - 1


def load_needed(rows: Sequence[Calibrated], place: int) -> float:
    """How many times the load it takes to hold the best known latency of every scenario to its margin.

    place: of the budget.
    """
    times: dict[str, float] = {}
    for row in rows:
        need = _needed(row, place)
        if row.row.metric == DURATION and need is not None:
            before = times.get(row.row.scenario, math.inf)
            times[row.row.scenario] = min(before, (need / row.margin) ** 2)
    return max(times.values(), default=1.0)


def proposed_margins(rows: Sequence[Calibrated], place: int) -> tuple[Margin, ...]:
    """A margin for each metric and statistic that all its rows can be held to with the budget at `place`.

    Shares of failed requests keep what the rules allow, unless that is too little. Counts have none: a margin that
    names them excuses what is the same in every round of base.
    """
    needs: dict[tuple[str, str], list[float]] = {}
    for comparison in rows:
        if comparison.row.is_count:
            continue
        need = _needed(comparison, place)
        needs.setdefault((comparison.row.metric, comparison.row.stat), []).append(
            MARGIN_STEPS[-1] if need is None else need
        )
    allowed = {comparison.row.metric: comparison.margin for comparison in rows}
    return tuple(
        Margin(next((step for step in MARGIN_STEPS if step >= max(need)), MARGIN_STEPS[-1]), metric, stat)
        for (metric, stat), need in needs.items()
        if metric != FAILED or max(need) > allowed[metric]
    )


def _needed(row: Calibrated, place: int) -> float | None:
    smallest = row.smallest[place]
    return None if smallest is None else smallest * _ROOM
