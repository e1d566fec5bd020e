"""Where one new value should lie, if it is like the ones before it.

The prediction interval of Hahn & Meeker ("Statistical Intervals", section 4.7), made robust: around the median, with a
spread that outliers cannot drag along and that few values do not decide alone (`perfgate.compare.stored.spread`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from perfgate.compare.comparison import Comparison, Interval, RowVerdict, classify
from perfgate.compare.rows import Row
from perfgate.compare.statistics import student_quantile
from perfgate.compare.stored.changepoint import newest_stretch
from perfgate.compare.stored.spread import Usual, moderated, pooled, spread_of

FEWEST_VALUES = 5

# How many runs back a shift of level is looked for: what a baseline should bring along.
LONGEST_SERIES = 60


@dataclass(frozen=True)
class StoredSeries:
    """One row's stored values and the new one; logs of them, unless the row is in points.

    values: the stored ones, oldest first.
    new: the new one.
    newest: how many of the values to compare with.
    usual: the usual scatter of such a row.
    """

    values: Sequence[float]
    new: float
    newest: int
    usual: Usual

    @property
    def newest_values(self) -> Sequence[float]:
        return self.values[-self.newest :]


@dataclass(frozen=True)
class Level:
    """The values that the next one should be like.

    values: the newest ones, oldest first.
    before: values at the level before a shift, whose scatter counts as well; empty without a shift.
    """

    values: Sequence[float]
    before: Sequence[float]

    def of_logs(self) -> Level:
        return Level([math.log(value) for value in self.values], [math.log(value) for value in self.before])


@dataclass(frozen=True)
class Band:
    """Where one more value should lie, in the unit of its row. centre: the median; runs: how many are behind it."""

    low: float
    centre: float
    high: float
    runs: int


def band_of(row: Row, level: Level, alpha: float, usual: Usual) -> Band | None:
    """The band for one more value at this level, in the unit of the row; see `predict` for alpha and usual.

    None where that cannot be told: fewer than FEWEST_VALUES values, or one without a ratio.
    """
    count = len(level.values)
    if count < FEWEST_VALUES or (not row.in_points and min(*level.values, *level.before) <= 0):
        return None
    if row.in_points:
        centre, half = predict(level, alpha, usual)
        return Band(max(0.0, centre - half), centre, min(1.0, centre + half), count)
    centre, half = predict(level.of_logs(), alpha, usual)
    low, middle, high = (math.exp(centre + part) for part in (-half, 0.0, half))
    return Band(low, middle, high, count)


def newest_level(values: Sequence[float], count: int, newest: int) -> Level:
    """The newest `count` of the values, and where the level shifted before them, the `newest` before the shift."""
    shifted = count < min(newest, len(values))
    return Level(values[-count:], values[-count - newest : -count] if shifted else ())


def count_at_this_level(values: Sequence[float], newest: int) -> int:
    """How many of the newest values to expect the next one by: `newest`, or fewer where the level shifted since.

    values: oldest first, in the unit of their row.
    """
    recent = values[-LONGEST_SERIES:]
    since = len(recent) - newest_stretch(recent)
    return since if since < min(newest, len(recent)) else min(newest, len(values))


def predict(level: Level, alpha: float, usual: Usual) -> tuple[float, float]:
    """The centre of the interval for one new value at this level, and half its width; at least FEWEST_VALUES values.

    alpha: the probability that it lies above, and likewise below. usual: the usual scatter of such values.
    """
    own = spread_of(level.values)
    if len(level.before) >= FEWEST_VALUES:
        own = pooled(own, spread_of(level.before))
    spread = moderated(own, usual)
    half = student_quantile(alpha, spread.degrees) * spread.deviation * math.sqrt(1 + 1 / len(level.values))
    return median(level.values), half


def judge_series(found: Comparison, series: StoredSeries, alpha: float) -> Comparison:
    """`found` with its interval and verdict.

    A level that shifted lately (a slow-down that was accepted) makes no alarm on every run after it: a run must be
    worse than the values since the shift *and* worse than the newest ones at large.
    """
    at_large = _held_against(found, series, Level(series.newest_values, ()), alpha)
    plain = series.values if found.row.in_points else [math.exp(value) for value in series.values]
    count = count_at_this_level(plain, series.newest)
    if count == min(series.newest, len(plain)):
        return at_large
    shifted = f"the baseline's level shifted {count} runs ago"
    if count < FEWEST_VALUES:
        return replace(at_large, verdict=RowVerdict.INCONCLUSIVE, warnings=(f"{shifted}: too lately to judge",))
    after = _held_against(found, series, newest_level(series.values, count, series.newest), alpha)
    doubted = after.verdict is RowVerdict.REGRESSED and at_large.verdict is not RowVerdict.REGRESSED
    return replace(after, verdict=RowVerdict.INCONCLUSIVE if doubted else after.verdict, warnings=(shifted,))


def _held_against(found: Comparison, series: StoredSeries, level: Level, alpha: float) -> Comparison:
    centre, half = predict(level, alpha, series.usual)
    back = float if found.row.in_points else math.expm1
    change, low, high = (back(series.new - centre + part) for part in (0.0, -half, half))
    interval = Interval(low, high)
    return replace(
        found,
        change=change,
        interval=interval,
        smallest=back(half),
        rounds=len(level.values),
        verdict=classify(found.row, interval, found.margin),
    )
