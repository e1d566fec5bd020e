"""One new run against stored runs of the baseline, where no base could be measured beside it.

A stored run was measured on another day, so its noise is that between days, and the datum is one value per run. The
interval is a prediction interval for one new run (Hahn & Meeker, "Statistical Intervals", section 4.7): the centre of
the stored values, plus and minus t times their spread times sqrt(1 + 1/n), with the median for the centre and the
median absolute deviation for the spread, so that one odd run neither moves nor widens it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.pairs import share_error_rate
from perfgate.compare.rules import Row, Rules, classify, rows_of
from perfgate.compare.student import student_quantile
from perfgate.metrics.run import Run
from perfgate.metrics.tally import read


@dataclass(frozen=True)
class StoredPoint:
    """One statistic of one stored run, in the unit of its metric. run: its id; started_at: Unix seconds."""

    row: Row
    value: float
    run: str
    started_at: float
    testbed: str
    scenario_hash: str


def points_of(run: Run) -> tuple[StoredPoint, ...]:
    """The points of a run of one side: every row of every scenario that measured it."""
    return tuple(
        StoredPoint(row, value, run.record.id, run.record.started_at, run.record.testbed.id, scenario.scenario_hash)
        for scenario in run.scenarios
        for total in [scenario.total]
        for row in rows_of(scenario.scenario, scenario.executor, total, total)
        if (value := read(total, row.metric, row.stat, row.request)) is not None
    )


# With fewer runs the spread is a guess, and the interval so wide that it says nothing.
FEWEST_RUNS = 5

# How many runs are looked at, the newest first: enough for a spread, few enough to be of the same code and machine.
NEWEST_RUNS = 10

# A median absolute deviation of a few values can be zero by chance. No machine repeats itself better than this.
_LEAST_SPREAD = 0.005

# The median absolute deviation of a normal distribution is this part of its standard deviation.
_NORMAL_MAD = 0.6745


def compare_stored(
    head: Sequence[StoredPoint], baseline: Iterable[StoredPoint], rules: Rules, newest: int = NEWEST_RUNS
) -> tuple[Comparison, ...]:
    """Every row of `head`, one run, against the runs of `baseline` on its testbed and with the same scenario.

    Rows that the newest run of the baseline has and head lacks are there too, with a warning.
    """
    stored: dict[Row, list[StoredPoint]] = {}
    for point in baseline:
        stored.setdefault(point.row, []).append(point)
    compared = {point.row: partial(_compare, point, stored.get(point.row, []), rules, newest) for point in head}
    rows = share_error_rate(compared, rules, rules.error_rate)
    missing = [row for row in stored if row not in rows and _in_newest(row, stored)]
    return (*rows.values(), *(_missing(row, stored[row], rules) for row in missing))


def _in_newest(row: Row, stored: dict[Row, list[StoredPoint]]) -> bool:
    """Whether the newest run that has anything of the row's scenario has this row."""
    newest = max(
        point.started_at for other, points in stored.items() if other.scenario == row.scenario for point in points
    )
    return any(point.started_at == newest for point in stored[row])


def _missing(row: Row, points: list[StoredPoint], rules: Rules) -> Comparison:
    base = median(point.value for point in points)
    return _empty(row, base, None, rules, "only the baseline measured it")


def _empty(row: Row, base: float | None, head: float | None, rules: Rules, *warnings: str) -> Comparison:
    return Comparison(
        row.scenario, row.request, row.metric, row.stat, row.unit, base, head, None, None, None,
        margin=rules.margin_of(row, base), smallest=None, rounds=0, gated=rules.gates(row),
        verdict=RowVerdict.INCONCLUSIVE, warnings=warnings,
    )  # fmt: skip


def _compare(head: StoredPoint, stored: list[StoredPoint], rules: Rules, newest: int, level: float) -> Comparison:
    same_scenario = [point for point in stored if point.scenario_hash == head.scenario_hash]
    if stored and not same_scenario:
        return _shown(head, stored, rules, newest, "the scenario has changed since: shown, not judged")
    here = [point for point in same_scenario if point.testbed == head.testbed]
    if same_scenario and not here:
        return _shown(head, same_scenario, rules, newest, "measured on another testbed: shown, not judged")
    values = _newest_values(here, newest)
    if len(values) < FEWEST_RUNS:
        missing = FEWEST_RUNS - len(values)
        found = _placed(head, values, rules)
        return replace(found, warnings=(f"{missing} more run{'s' if missing > 1 else ''} of the baseline needed",))
    return _predicted(head, values, rules, level)


def _newest_values(points: list[StoredPoint], newest: int) -> list[float]:
    return [point.value for point in sorted(points, key=lambda point: -point.started_at)[:newest]]


def _shown(head: StoredPoint, stored: list[StoredPoint], rules: Rules, newest: int, why: str) -> Comparison:
    """A row that is there to be read: it never fails."""
    return replace(_placed(head, _newest_values(stored, newest), rules), gated=False, warnings=(why,))


def _placed(head: StoredPoint, values: list[float], rules: Rules) -> Comparison:
    """The row without an interval."""
    base = median(values) if values else None
    found = _empty(head.row, base, head.value, rules)
    if base is None:
        return found
    return replace(found, change=_change(head.row, base, head.value), rounds=len(values))


def _change(row: Row, base: float, head: float) -> float | None:
    if row.in_points:
        return head - base
    return head / base - 1 if base > 0 else None


def _predicted(head: StoredPoint, values: list[float], rules: Rules, level: float) -> Comparison:
    found = _placed(head, values, rules)
    if not head.row.in_points and (min(values) <= 0 or head.value <= 0):
        return replace(found, warnings=("a value of zero has no ratio",))
    scale = list(values) if head.row.in_points else [math.log(value) for value in values]
    new = head.value if head.row.in_points else math.log(head.value)
    centre = median(scale)
    half = _half_width(scale, centre, level)
    back = float if head.row.in_points else math.expm1
    low, high = back(new - centre - half), back(new - centre + half)
    return replace(found, low=low, high=high, smallest=back(half), verdict=classify(head.row, low, high, found.margin))


def _half_width(values: list[float], centre: float, level: float) -> float:
    count = len(values)
    spread = max(_LEAST_SPREAD, median(abs(value - centre) for value in values) / _NORMAL_MAD)
    return student_quantile(level, count - 1) * spread * math.sqrt(1 + 1 / count)
