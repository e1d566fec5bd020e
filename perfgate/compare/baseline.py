"""One new run against stored runs of the baseline, where no base could be measured beside it.

A stored run was measured on another day, so its noise is that between days, and the datum is one value per run. Each
row is asked twice, with half of its share of the error rate each: is it worse than its own past, and is it worse than
its own past beside its siblings?
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

from perfgate.compare.comparison import Comparison, RowVerdict, undecided
from perfgate.compare.multiplicity import share_error_rate
from perfgate.compare.prediction import FEWEST_VALUES, Series, judge_series
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.siblings import PointInRun, beside_siblings
from perfgate.compare.stored import StoredPoint

# How many runs are looked at, the newest first: replayed over years of runs, 10 leave the spread a guess (twice the
# false alarms), 30 find less because the machines themselves change.
NEWEST_RUNS = 20


@dataclass(frozen=True)
class _Baseline:
    """The stored points of every row and of every run, oldest first; newest: how many runs to compare with."""

    rows: dict[Row, list[StoredPoint]]
    runs: dict[str, list[StoredPoint]]
    newest: int


def compare_stored(
    head: Sequence[StoredPoint], baseline: Iterable[StoredPoint], rules: Rules, newest: int = NEWEST_RUNS
) -> tuple[Comparison, ...]:
    """Every row of `head`, one run, against the runs of `baseline` on its testbed and with the same scenario.

    Rows that the newest run of the baseline has and head lacks are there too, with a warning. newest: how many runs to
    compare with.
    """
    stored = _Baseline({}, {}, newest)
    for point in sorted(baseline, key=lambda point: (point.started_at, point.run)):
        stored.rows.setdefault(point.row, []).append(point)
        stored.runs.setdefault(point.run, []).append(point)
    compared = {point.row: partial(_compare, point, head, stored, rules) for point in head}
    rows = share_error_rate(compared, rules, rules.error_rate)
    missing = [row for row in stored.rows if row not in rows and _in_newest(row, stored)]
    return (*rows.values(), *(_missing(row, stored, rules) for row in missing))


def _in_newest(row: Row, stored: _Baseline) -> bool:
    """Whether the newest run that has anything of the row's scenario has this row."""
    newest = max(points[-1].started_at for other, points in stored.rows.items() if other.scenario == row.scenario)
    return stored.rows[row][-1].started_at == newest


def _missing(row: Row, stored: _Baseline, rules: Rules) -> Comparison:
    base = median(point.value for point in stored.rows[row][-stored.newest :])
    return undecided(row, base, None, rules, 0, ("only the baseline measured it",))


def _compare(
    head: StoredPoint, run: Sequence[StoredPoint], stored: _Baseline, rules: Rules, alpha: float
) -> Comparison:
    points, newest = stored.rows.get(head.row, []), stored.newest
    same_scenario = [point for point in points if point.scenario_hash == head.scenario_hash]
    here = [point for point in same_scenario if point.testbed == head.testbed]
    if points and not same_scenario:
        return _shown(head, points[-newest:], rules, "the scenario has changed since: shown, not judged")
    if same_scenario and not here:
        return _shown(head, same_scenario[-newest:], rules, "measured on another testbed: shown, not judged")
    found = _placed(head, here[-newest:], rules)
    if len(here) < FEWEST_VALUES:
        missing = FEWEST_VALUES - len(here)
        return replace(found, warnings=(f"{missing} more run{'s' if missing > 1 else ''} of the baseline needed",))
    if head.row.in_points:
        return judge_series(found, Series([point.value for point in here], head.value, newest), alpha)
    if head.value <= 0 or any(point.value <= 0 for point in here):
        return replace(found, warnings=("a value of zero has no ratio",))
    logs = [math.log(point.value) for point in here]
    alone = judge_series(found, Series(logs, math.log(head.value), newest), alpha / 2)
    if alone.verdict is RowVerdict.REGRESSED:
        return alone
    beside = (PointInRun(point, stored.runs[point.run]) for point in here)
    return beside_siblings(found, PointInRun(head, run), beside, newest, alpha / 2) or alone


def _shown(head: StoredPoint, points: Sequence[StoredPoint], rules: Rules, why: str) -> Comparison:
    """A row that is there to be read: it never fails."""
    return replace(_placed(head, points, rules), gated=False, warnings=(why,))


def _placed(head: StoredPoint, points: Sequence[StoredPoint], rules: Rules) -> Comparison:
    """The row without an interval."""
    base = median(point.value for point in points) if points else None
    found = undecided(head.row, base, head.value, rules, len(points))
    if base is None or (base <= 0 and not head.row.in_points):
        return found
    return replace(found, change=head.value - base if head.row.in_points else head.value / base - 1)
