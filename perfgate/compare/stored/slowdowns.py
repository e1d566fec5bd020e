"""What got worse on a branch and stayed worse: steps of rows that the newest runs confirm, put together by moment.

A slowdown is told apart from others by the first run at the new level. Later runs date it anew, by a run or two; what
was kept of it says which one it is, and when the level is back.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.stored.confirmation import (
    FEWEST_CONFIRMING,
    LONGEST_LOOK,
    MOST_CONFIRMING,
    ConfirmedStep,
    confirmed_steps,
)
from perfgate.compare.stored.trend import Trend, TrendPoint

# Of one look at all rows of a testbed: of 1,000 runs of nothing at most one raises a false alarm, as those that share
# most of their runs are one.
_ERROR_RATE = 0.001
# Steps of several rows so many runs apart are one slowdown; a slowdown may be dated so much earlier or later anew. The
# runs are those of the row's own series: one that is measured seldom dates a step as much more coarsely in time.
_RUNS_APART = 3
_RUNS_REDATED = 5
# A step of a smaller share of the margin is nobody's business; one as large as the margin may look that small.
_LEAST_OF_MARGIN = 0.7
# A row has ended after more runs of the branch than these without it, in so many times its longest pause among as many.
_RUNS_WITHOUT = 20
_LONGER_THAN_USUAL = 2
# The newest runs together must lie so many standard errors beyond the middle between the levels to be back.
_SURE = 3.0


@dataclass(frozen=True)
class WorseRow:
    """A row at a worse level. step: its indices are those of the trend's points."""

    trend: Trend
    step: ConfirmedStep

    @property
    def first(self) -> TrendPoint:
        """The first run at the new level, as far as can be told."""
        return self.trend.points[self.step.first]

    @property
    def good(self) -> TrendPoint:
        """The newest run that surely came before the step."""
        return self.trend.points[self.step.earliest - 1]

    @property
    def bad(self) -> TrendPoint:
        """The oldest run that surely came after the step."""
        return self.trend.points[self.step.latest]


@dataclass(frozen=True)
class Slowdown:
    """Rows that got worse at one moment, the one that did most surely first; at least one."""

    rows: tuple[WorseRow, ...]

    @property
    def clearest(self) -> WorseRow:
        return self.rows[0]


@dataclass(frozen=True)
class KeptRow:
    """What is kept of a worse row.

    before, after: the levels. deviation: of the noise, of logs.
    """

    row: Row
    testbed: str
    scenario_hash: str
    before: float
    after: float
    deviation: float


@dataclass(frozen=True)
class KeptSlowdown:
    """What is kept of a slowdown. run: the id of its first run; started_at: of that (Unix seconds)."""

    run: str
    started_at: float
    rows: tuple[KeptRow, ...]


def slowdowns_of(trends: Sequence[Trend], rules: Rules) -> tuple[Slowdown, ...]:
    """The slowdowns that the newest runs confirm, the oldest first. Rows that do not gate have none."""
    gated = [trend for trend in trends if rules.gates(trend.row) and not trend.row.in_points]
    rows_of = Counter(trend.testbed for trend in gated)
    found = [worse for trend in gated for worse in _worse(trend, rules, _ERROR_RATE / rows_of[trend.testbed])]
    found.sort(key=lambda worse: (worse.first.started_at, worse.first.run))
    groups: list[list[WorseRow]] = []
    for worse in found:
        if groups and _runs_apart(worse, groups[-1][0].first.started_at) <= _RUNS_APART:
            groups[-1].append(worse)
        else:
            groups.append([worse])
    return tuple(map(_slowdown, groups))


def joined(slowdowns: Iterable[Slowdown]) -> Slowdown:
    """Several that are one after all."""
    return _slowdown(worse for slowdown in slowdowns for worse in slowdown.rows)


def _slowdown(rows: Iterable[WorseRow]) -> Slowdown:
    return Slowdown(tuple(sorted(rows, key=_clearness)))


def kept_of(slowdown: Slowdown, before: KeptSlowdown | None) -> KeptSlowdown:
    """What to keep of a slowdown. before: what was kept so far, which stays: later runs may be on their way back."""
    rows = {
        (worse.trend.row, worse.trend.testbed): KeptRow(
            worse.trend.row,
            worse.trend.testbed,
            worse.first.scenario_hash,
            worse.step.before,
            worse.step.after,
            worse.step.deviation,
        )
        for worse in slowdown.rows
    }
    if before is None:
        first = slowdown.clearest.first
        return KeptSlowdown(first.run, first.started_at, tuple(rows.values()))
    older = {(kept.row, kept.testbed): kept for kept in before.rows}
    return KeptSlowdown(before.run, before.started_at, tuple((rows | older).values()))


def is_same(slowdown: Slowdown, kept: KeptSlowdown) -> bool:
    """Whether they are one, dated anew."""
    return _runs_apart(slowdown.clearest, kept.started_at) <= _RUNS_REDATED


def still_measured(trends: Sequence[Trend]) -> tuple[Trend, ...]:
    """Those that have not ended: a scenario may be removed, or have another name now, and a machine may be gone.

    One has ended when many runs of the branch came after it, in a longer time than it was ever without a run.
    """
    runs = {point.run: point.started_at for trend in trends for point in trend.points}
    moments = sorted(runs.values())

    def has_ended(trend: Trend) -> bool:
        newest = trend.newest.started_at
        times = [point.started_at for point in trend.points[-_RUNS_WITHOUT:]]
        usual = max((later - time for time, later in pairwise(times)), default=0.0)
        is_long_ago = moments[-1] - newest > _LONGER_THAN_USUAL * usual
        return is_long_ago and len(moments) - bisect_right(moments, newest) > _RUNS_WITHOUT

    return tuple(trend for trend in trends if not has_ended(trend))


def told_by(kept: KeptSlowdown, trends: Sequence[Trend]) -> tuple[KeptRow, ...]:
    """The rows of which the trends can tell whether they are back: with the scenario as it was."""
    known = {(trend.row, trend.testbed): trend for trend in trends}
    return tuple(row for row in kept.rows if _tells(known.get((row.row, row.testbed)), row))


def _tells(trend: Trend | None, kept: KeptRow) -> bool:
    newest = trend.points[-FEWEST_CONFIRMING:] if trend else ()
    return any(point.scenario_hash == kept.scenario_hash for point in newest)


def is_back(kept: KeptSlowdown, trends: Sequence[Trend]) -> bool:
    """Whether every row that can be told is nearer to its level before than to the one after, by runs enough."""
    known = {(trend.row, trend.testbed): trend for trend in trends}
    told = told_by(kept, trends)
    return bool(told) and all(_is_back(row, known[row.row, row.testbed], kept) for row in told)


def _is_back(kept: KeptRow, trend: Trend, slowdown: KeptSlowdown) -> bool:
    if trend.newest.scenario_hash != kept.scenario_hash:
        return False
    since = [point.value for point in trend.points if point.started_at >= slowdown.started_at]
    before, after = math.log(kept.before), math.log(kept.after)
    needed = math.ceil((2 * _SURE * kept.deviation / (after - before)) ** 2) if after != before else MOST_CONFIRMING
    newest = since[-min(MOST_CONFIRMING, max(FEWEST_CONFIRMING, needed)) :]
    if len(newest) < FEWEST_CONFIRMING or min(newest) <= 0:
        return False
    middle = (before + after) / 2
    logs = [math.log(value) for value in newest]
    return all((level - middle) * (after - middle) < 0 for level in (mean(logs), *logs[-FEWEST_CONFIRMING:]))


def _worse(trend: Trend, rules: Rules, alpha: float) -> list[WorseRow]:
    points = trend.points
    start = len(points)
    while start and points[start - 1].scenario_hash == trend.newest.scenario_hash:
        start -= 1
    start = max(start, len(points) - LONGEST_LOOK)
    steps = confirmed_steps([point.value for point in points[start:]], 1 if trend.is_worse(1.0) else -1, alpha)
    return [
        WorseRow(trend, step.moved(start))
        for step in steps
        if abs(step.change) >= _LEAST_OF_MARGIN * rules.margin_of(trend.row, step.before)
    ]


def _clearness(worse: WorseRow) -> float:
    """The clearest first: how far it went, in deviations of its noise."""
    return -abs(math.log(worse.step.after / worse.step.before)) / worse.step.deviation


def _runs_apart(worse: WorseRow, moment: float) -> int:
    """How many runs of the row's series lie between its step and a moment (Unix seconds)."""
    low, high = sorted((worse.first.started_at, moment))
    return sum(low < point.started_at <= high for point in worse.trend.points)
