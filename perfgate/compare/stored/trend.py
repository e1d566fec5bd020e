"""A row over the history: its points on one testbed, the levels they kept to, and where the next run should lie.

What a chart or a table shows of a series is decided here, with the same change points and the same prediction that
`perfgate compare` judges by.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from statistics import median

from perfgate.compare.comparison import Interval, RowVerdict, classify
from perfgate.compare.rows import DURATION, FAILED, Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.baseline import NEWEST_RUNS
from perfgate.compare.stored.changepoint import change_points
from perfgate.compare.stored.creep import creep_since
from perfgate.compare.stored.points import StoredPoint
from perfgate.compare.stored.prediction import FEWEST_VALUES, Band, Level, band_of, count_at_this_level, newest_level
from perfgate.compare.stored.siblings import SiblingsOfRows
from perfgate.compare.stored.spread import ALONE, IN_POINTS, Usual, usual_of_statistics
from perfgate.metrics.catalogue import COUNTER, DEPENDENCY_CPU, SERVER_TIMING_COUNT, covers, metric_of

# What a page about the whole service shows: what is gated by default, and in this order.
STATISTICS = (
    (DURATION, "med"),
    (DURATION, "p(95)"),
    ("http_reqs", "rate"),
    (FAILED, "rate"),
    ("service_cpu", "value"),
    (DEPENDENCY_CPU, "value"),
    (COUNTER, "value"),
    (SERVER_TIMING_COUNT, "value"),
)

# The level at either end of a window is that of so many runs at the most, as `creep_since` takes it.
_RUNS_OF_A_LEVEL = 5


@dataclass(frozen=True)
class TrendPoint(StoredPoint):
    """A stored point with the commit that it was measured for ("" where unknown) and whether that had changes."""

    commit: str
    dirty: bool


class StretchStart(Enum):
    """Why a stretch begins where it does."""

    FIRST = "first run"
    SHIFT = "change point"
    SCENARIO = "scenario changed"


@dataclass(frozen=True)
class Stretch:
    """Neighbouring points at one level. start, end: their indices, end excluded; level: their median.

    band: where one more run of it should lie, by its newest runs; None with too few. change: how far the level moved
    from the stretch before, as Comparison.change is; None of the first, and where the scenario changed.
    """

    start: int
    end: int
    begins: StretchStart
    level: float
    band: Band | None
    change: float | None


@dataclass(frozen=True)
class Window:
    """What of a series is shown. since: Unix seconds, None from the beginning on. most: points of a series at most."""

    since: float | None
    most: int | None


@dataclass(frozen=True)
class Trend:
    """One row on one testbed.

    points: at least one, the oldest first.
    stretches: the points by the level that they kept to.
    change: of the level from the first points to the newest, as in Comparison, of points with the newest one's
        scenario; None where there are too few.
    interval: the confidence interval of the change; None where there is no ratio.
    verdict: of the change by the row's margin.
    baseline: where `perfgate compare` would expect the next run; None where it could not judge it.
    """

    row: Row
    testbed: str
    points: tuple[TrendPoint, ...]
    stretches: tuple[Stretch, ...]
    change: float | None
    interval: Interval | None
    verdict: RowVerdict
    baseline: Band | None

    @property
    def newest(self) -> TrendPoint:
        return self.points[-1]

    @property
    def shifts(self) -> tuple[Stretch, ...]:
        """The stretches that begin with a change point."""
        return tuple(stretch for stretch in self.stretches if stretch.begins is StretchStart.SHIFT)

    def is_worse(self, change: float) -> bool:
        """Whether a change of this sign is one for the worse."""
        return (change > 0) is metric_of(self.row.metric).lower_is_better


@dataclass(frozen=True)
class Expectation:
    """How the next run would be judged.

    gated: rows of a run that share the error rate. newest: runs of a baseline. unknown: testbeds of which nothing is
    known, so that no two runs there are known to compare.
    """

    rules: Rules
    gated: int
    newest: int = NEWEST_RUNS
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _ExpectedRow:
    """How the next value of one row on one testbed would be judged.

    row, testbed: whose value it is.
    usual: the scatter of such rows there.
    siblings: of all rows.
    expected: of any row.
    """

    row: Row
    testbed: str
    usual: Usual
    siblings: SiblingsOfRows
    expected: Expectation

    def band(self, level: Level) -> Band | None:
        """Where one more value lies with the error rate that falls to a row in `compare.baseline`."""
        if self.testbed in self.expected.unknown:
            return None
        alpha = self.expected.rules.error_rate / max(1, self.expected.gated)
        return band_of(self.row, level, alpha if self.row.in_points else alpha / 2, self.usual)


def trends_of(points: Iterable[TrendPoint], window: Window, expected: Expectation) -> tuple[Trend, ...]:
    """A trend for every row and testbed, in order of metric, scenario, request; the testbed used last comes first.

    points: in any order; those before the window say what level it was at. A request name is left out where its
    scenario has but that one and the whole scenario says the same.
    """
    series: dict[tuple[Row, str], list[TrendPoint]] = {}
    for point in sorted(points, key=lambda point: (point.started_at, point.run)):
        series.setdefault((point.row, point.testbed), []).append(point)
    rows = _telling_rows({row for row, _ in series})
    usual = _usual_on_testbeds(series, expected.newest)
    siblings = SiblingsOfRows((row, point) for (row, _), of_row in series.items() for point in of_row if row in rows)
    made = [
        _trend(of_row, shown, _ExpectedRow(row, testbed, usual(row, testbed), siblings, expected))
        for (row, testbed), of_row in series.items()
        if row in rows and (shown := _shown(of_row, window))
    ]
    return tuple(sorted(made, key=_order))


def _order(trend: Trend) -> tuple[int, str, str, str, str, float]:
    row = trend.row
    shown = (
        place for place, (metric, stat) in enumerate(STATISTICS) if covers(metric, row.metric) and stat == row.stat
    )
    place = next(shown, len(STATISTICS))
    return (place, row.metric, row.stat, row.scenario, row.request or "", -trend.newest.started_at)


def _telling_rows(rows: set[Row]) -> set[Row]:
    """Without the only request name of a scenario where the whole scenario has the same statistic."""
    requests: dict[tuple[str, str, str], set[str | None]] = {}
    for row in rows:
        requests.setdefault((row.scenario, row.metric, row.stat), set()).add(row.request)

    def tells_more(row: Row) -> bool:
        names = requests[row.scenario, row.metric, row.stat]
        return row.request is None or None not in names or len(names) > 2

    return {row for row in rows if tells_more(row)}


def _shown(points: Sequence[TrendPoint], window: Window) -> list[TrendPoint]:
    shown = [point for point in points if window.since is None or point.started_at >= window.since]
    return shown if window.most is None else shown[-window.most :]


def _usual_on_testbeds(
    series: Mapping[tuple[Row, str], Sequence[TrendPoint]], newest: int
) -> Callable[[Row, str], Usual]:
    """What is usual for a row on a testbed: `compare.baseline` would learn it from the same rows of a run there."""
    values: dict[str, dict[Row, Sequence[float]]] = {}
    for (row, testbed), points in series.items():
        stored = _values_like_the_newest(points)[-newest:]
        compared = (row.request is None) is (row.metric != DURATION)
        if compared and len(stored) >= FEWEST_VALUES and (row.in_points or min(stored) > 0):
            logs = stored if row.in_points else [math.log(value) for value in stored]
            values.setdefault(testbed, {})[row] = logs
    learnt = {testbed: usual_of_statistics(of_rows, ALONE) for testbed, of_rows in values.items()}

    def usual(row: Row, testbed: str) -> Usual:
        known = IN_POINTS if row.in_points else ALONE
        return learnt.get(testbed, {}).get((row.metric, row.stat), known)

    return usual


def _trend(points: Sequence[TrendPoint], shown: Sequence[TrendPoint], expected: _ExpectedRow) -> Trend:
    row, testbed = expected.row, expected.testbed
    baseline = _baseline(points, expected)
    values = _values_like_the_newest(shown)
    stretches = tuple(_stretches(shown, baseline, expected))
    if row.in_points:
        change = _difference(values)
        return Trend(row, testbed, tuple(shown), stretches, change, None, RowVerdict.INCONCLUSIVE, baseline)
    middle = min(_RUNS_OF_A_LEVEL // 2, len(values) - _RUNS_OF_A_LEVEL - 1)
    rules = expected.expected.rules
    creep = creep_since(values, middle, rules.error_rate)
    if creep is None:
        return Trend(row, testbed, tuple(shown), stretches, None, None, RowVerdict.INCONCLUSIVE, baseline)
    verdict = classify(row, creep.interval, rules.margin_of(row, values[0]))
    return Trend(row, testbed, tuple(shown), stretches, creep.change, creep.interval, verdict, baseline)


def _values_like_the_newest(points: Sequence[TrendPoint]) -> list[float]:
    """Those that were measured with the scenario as it is now."""
    return [point.value for point in points if point.scenario_hash == points[-1].scenario_hash]


def _baseline(points: Sequence[TrendPoint], expected: _ExpectedRow) -> Band | None:
    values = _values_like_the_newest(points)
    newest = expected.expected.newest
    return expected.band(newest_level(values, count_at_this_level(values, newest), newest))


def _difference(values: Sequence[float]) -> float | None:
    """From the level of the first values to that of the newest; None of fewer than two values."""
    count = min(_RUNS_OF_A_LEVEL, len(values) // 2)
    return median(values[-count:]) - median(values[:count]) if count else None


def _stretches(points: Sequence[TrendPoint], baseline: Band | None, expected: _ExpectedRow) -> Iterable[Stretch]:
    """The stretches of a series; change points are looked for where the scenario stays the same."""
    starts = {0: StretchStart.FIRST}
    for place, (before, after) in enumerate(pairwise(points), 1):
        if before.scenario_hash != after.scenario_hash:
            starts[place] = StretchStart.SCENARIO
    for start, end in pairwise([*sorted(starts), len(points)]):
        part = points[start:end]
        found = change_points([point.value for point in part], expected.siblings.beside(expected.row, part))
        starts.update({start + shift.index: StretchStart.SHIFT for shift in found})
    level_before = 0.0
    for start, end in pairwise([*sorted(starts), len(points)]):
        values = [point.value for point in points[start:end]]
        level = median(values)
        newest = end == len(points)
        band = baseline if newest else expected.band(Level(values[-expected.expected.newest :], ()))
        change = _moved(expected.row, level_before, level) if starts[start] is StretchStart.SHIFT else None
        yield Stretch(start, end, starts[start], level, band, change)
        level_before = level


def _moved(row: Row, before: float, after: float) -> float | None:
    if row.in_points:
        return after - before
    return after / before - 1 if before > 0 else None
