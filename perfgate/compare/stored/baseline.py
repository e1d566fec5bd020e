"""One new run against stored runs of the baseline, where no base could be measured beside it.

A stored run was measured on another day, so its noise is that between days, and the datum is one value per run. Each
row is asked twice, with half of its share of the error rate each: is it worse than its own past, and is it worse than
its own past beside its siblings?
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from perfgate.compare.comparison import BELOW_ZERO, OF_ZERO, Comparison, RowVerdict, undecided
from perfgate.compare.multiplicity import share_error_rate
from perfgate.compare.rows import LEAST_COUNT, LEAST_CPU_MS, Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.points import StoredPoint
from perfgate.compare.stored.prediction import FEWEST_VALUES, StoredSeries, judge_series
from perfgate.compare.stored.siblings import (
    BesideSiblings,
    PointInRun,
    SiblingsInRun,
    beside_siblings,
    regressed_beside_siblings,
)
from perfgate.compare.stored.spread import ALONE, BESIDE_SIBLINGS, IN_POINTS, Usual, usual_of_statistics
from perfgate.metrics.catalogue import name_in

# How many runs are looked at, the newest first: replayed over years of runs, 10 leave the spread a guess (twice the
# false alarms), 30 find less because the machines themselves change.
NEWEST_RUNS = 20

_MeasuredAs = tuple[str, str, str]


@dataclass(frozen=True)
class _PreparedRow:
    """A row of head, ready to be judged at any alpha.

    found: the row without an interval.
    series: its own past; None where it is not judged.
    beside: its past beside its siblings; None where it is not judged by that.
    """

    found: Comparison
    series: StoredSeries | None
    beside: BesideSiblings | None

    def compare(self, alpha: float) -> Comparison:
        if self.series is None:
            return self.found
        if self.found.row.in_points:
            return judge_series(self.found, self.series, alpha)
        alone = judge_series(self.found, self.series, alpha / 2)
        if alone.verdict is RowVerdict.REGRESSED or self.beside is None:
            return alone
        return regressed_beside_siblings(self.found, self.beside, alpha / 2) or alone


@dataclass(frozen=True)
class _Baseline:
    """The stored points of every row, oldest first, and the siblings of every run.

    newest: how many runs to compare with.
    """

    rows: Mapping[Row, Sequence[StoredPoint]]
    siblings: Mapping[str, SiblingsInRun]
    newest: int


@dataclass(frozen=True)
class BaselineSize:
    """How many stored runs there are to compare with.

    stored: number of runs of the baseline.
    comparable: number of those that were on head's testbed with a scenario of head's as it is now.
    """

    stored: int
    comparable: int

    @property
    def missing(self) -> int:
        """How many more comparable runs it takes to judge by."""
        return max(0, FEWEST_VALUES - self.comparable)


def size_of_baseline(head: Sequence[StoredPoint], baseline: Iterable[StoredPoint]) -> BaselineSize:
    """How many runs there are to compare `head`, one run, with."""
    wanted = set(map(_measured_as, head))
    stored, comparable = set(), set()
    for point in baseline:
        stored.add(point.run)
        if _measured_as(point) in wanted:
            comparable.add(point.run)
    return BaselineSize(len(stored), len(comparable))


def compare_stored(
    head: Sequence[StoredPoint],
    baseline: Iterable[StoredPoint],
    rules: Rules,
    newest: int = NEWEST_RUNS,
    expected: Collection[str] = (),
) -> tuple[Comparison, ...]:
    """Every row of `head`, one run, against the runs of `baseline` on its testbed and with the same scenario.

    Rows of its scenarios that the newest run of them in the baseline has and head lacks are there too, with a warning.
    newest: how many runs to compare with. expected: other scenarios that head should have.
    """
    head = [_with_ratio(point) for point in head]
    stored = _in_order(map(_with_ratio, baseline), newest)
    siblings = SiblingsInRun(head)
    judged = _learn_from_each_other([_prepare(point, siblings, stored, rules) for point in head])
    rows = share_error_rate({one.found.row: one.compare for one in judged}, rules, rules.error_rate)
    here = frozenset(map(_measured_as, head))
    wanted = {scenario for scenario, *_ in here} | set(expected)
    lacking = (row for row in _in_newest(stored) if row not in rows and row.scenario in wanted)
    return (*rows.values(), *(_missing(row, here, stored, rules) for row in lacking))


def _in_order(points: Iterable[StoredPoint], newest: int) -> _Baseline:
    rows: dict[Row, list[StoredPoint]] = {}
    runs: dict[str, list[StoredPoint]] = {}
    for point in sorted(points, key=lambda point: (point.started_at, point.run)):
        rows.setdefault(point.row, []).append(point)
        runs.setdefault(point.run, []).append(point)
    return _Baseline(rows, {run: SiblingsInRun(of_run) for run, of_run in runs.items()}, newest)


def _with_ratio(point: StoredPoint) -> StoredPoint:
    """The point; what a dependency spends, or a count, is as much at least as can have a ratio.

    A gauge below zero stays what it is: it has none.
    """
    row = point.row
    least = LEAST_CPU_MS if row.is_cpu_of_dependency else LEAST_COUNT if row.is_count else None
    return point if least is None or point.value < 0 else replace(point, value=max(point.value, least))


def _in_newest(stored: _Baseline) -> list[Row]:
    """The rows that are in the newest run that has anything of their scenario."""
    last = {row: points[-1].started_at for row, points in stored.rows.items()}
    newest: dict[str, float] = {}
    for row, started_at in last.items():
        newest[row.scenario] = max(newest.get(row.scenario, started_at), started_at)
    return [row for row, started_at in last.items() if started_at == newest[row.scenario]]


def _missing(row: Row, here: Collection[_MeasuredAs], stored: _Baseline, rules: Rules) -> Comparison:
    """A row that the baseline has. here: how the scenarios of head were measured."""
    points = stored.rows[row]
    base = median(point.value for point in points[-stored.newest :])
    found = undecided(row, base, None, rules, 0, ("only the baseline measured it",))
    is_judged = all(scenario != row.scenario for scenario, *_ in here) or _measured_as(points[-1]) in here
    # A pull request may do without a dependency, or a counter.
    return replace(found, gated=found.gated and is_judged and name_in(row.metric) is None)


def _measured_as(point: StoredPoint) -> _MeasuredAs:
    """What two points have in common that may be compared: scenario, its hash, testbed."""
    return point.row.scenario, point.scenario_hash, point.testbed


def _prepare(head: StoredPoint, siblings: SiblingsInRun, stored: _Baseline, rules: Rules) -> _PreparedRow:
    points, newest = stored.rows.get(head.row, []), stored.newest
    same_scenario = [point for point in points if point.scenario_hash == head.scenario_hash]
    here = [point for point in same_scenario if point.testbed == head.testbed]
    if not points and stored.rows and name_in(head.row.metric):
        why = "no run of the baseline has it: a threshold can limit it"
        return _PreparedRow(_shown(head, (), rules, why), None, None)
    if points and not same_scenario:
        why = "the scenario has changed since: shown, not judged"
        return _PreparedRow(_shown(head, points[-newest:], rules, why), None, None)
    if same_scenario and not here:
        why = "measured on another testbed: shown, not judged"
        return _PreparedRow(_shown(head, same_scenario[-newest:], rules, why), None, None)
    found = _placed(head, here[-newest:], rules)
    if len(here) < FEWEST_VALUES:
        missing = FEWEST_VALUES - len(here)
        warning = f"{missing} more run{'s' if missing > 1 else ''} of the baseline needed"
        return _PreparedRow(replace(found, warnings=(warning,)), None, None)
    if head.row.in_points:
        series = StoredSeries([point.value for point in here], head.value, newest, IN_POINTS)
        return _PreparedRow(found, series, None)
    if head.value < 0 or any(point.value < 0 for point in here):
        shown = replace(found, change=None, gated=rules.names(head.row), warnings=(BELOW_ZERO,))
        return _PreparedRow(shown, None, None)
    if head.value == 0 or any(point.value == 0 for point in here):
        return _PreparedRow(replace(found, warnings=(OF_ZERO,)), None, None)
    series = StoredSeries([math.log(point.value) for point in here], math.log(head.value), newest, ALONE)
    in_runs = (PointInRun(point, stored.siblings[point.run]) for point in here)
    return _PreparedRow(found, series, beside_siblings(PointInRun(head, siblings), in_runs, newest))


def _learn_from_each_other(prepared: Sequence[_PreparedRow]) -> list[_PreparedRow]:
    """The rows with what the scatter of all of them says of each."""
    series = _with_usual({one.found.row: one.series for one in prepared if one.series}, ALONE)
    beside = _with_usual({one.found.row: one.beside.series for one in prepared if one.beside}, BESIDE_SIBLINGS)
    return [
        replace(
            one,
            series=series.get(one.found.row),
            beside=one.beside and replace(one.beside, series=beside[one.found.row]),
        )
        for one in prepared
    ]


def _with_usual(series: Mapping[Row, StoredSeries], usual: Usual) -> dict[Row, StoredSeries]:
    """The series with what is usual for those of the same statistic."""
    learnt = usual_of_statistics({row: one.newest_values for row, one in series.items()}, usual)
    return {row: replace(one, usual=learnt[row.metric, row.stat]) for row, one in series.items()}


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
