"""A step to a worse level that the newest runs of a series confirm, looked for after every run.

The newest runs, three to thirty of them, are held against those before: the window-limited generalized likelihood ratio
of Lai (1995, "Sequential changepoint detection in quality control and dynamical systems", Journal of the Royal
Statistical Society B 57(4)), to one side. A change point looks at a whole series; this looks at its end, and sees there
what is 2.5 deviations of the noise after three runs. What a run is off counts up to four deviations: one odd run in
three confirms nothing. `tests/bench/confirmed_steps.py` says how often it is right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, median

from perfgate.compare.comparison import Interval
from perfgate.compare.statistics import student_quantile
from perfgate.compare.stored.changepoint import change_points
from perfgate.compare.stored.spread import spread_of

FEWEST_CONFIRMING = 3
MOST_CONFIRMING = 30
_FEWEST_BEFORE = 8
_MOST_BEFORE = 50
_MOST_SPLIT_OFF = MOST_CONFIRMING + _FEWEST_BEFORE
LONGEST_LOOK = _MOST_SPLIT_OFF + _MOST_BEFORE
"""How many values there is something to be seen in."""

_ODD = 4.0  # deviations
_LEAST_NOISE = 0.005  # of the value, as for change points
# Twice the log of a likelihood ratio that leaves 19 of 20 places for the step (chi-squared of one degree).
_PLAUSIBLE = 3.84


@dataclass(frozen=True)
class ConfirmedStep:
    """A step that the newest values confirm. Indices are those of the series.

    first: the first value at the new level, as far as can be told.
    earliest, latest: between which the first one surely is.
    before, after: the levels.
    deviation: of the noise, of logs of values.
    change: after / before - 1.
    interval: the confidence interval of the change.
    """

    first: int
    earliest: int
    latest: int
    before: float
    after: float
    deviation: float
    change: float
    interval: Interval

    def moved(self, places: int) -> ConfirmedStep:
        """The step in a series that begins so many values earlier."""
        return replace(self, first=self.first + places, earliest=self.earliest + places, latest=self.latest + places)


@dataclass(frozen=True)
class _Split:
    """The newest values against those before. score: in standard deviations, positive where they went the worse way."""

    count: int
    centre: float
    deviation: float
    score: float
    way: float
    degrees: int

    @property
    def error(self) -> float:
        return self.way / self.score if self.score else math.inf


def confirmed_steps(values: Sequence[float], worse: int, alpha: float) -> tuple[ConfirmedStep, ...]:
    """The steps of a series one above the other, the oldest first; see `confirmed_step` for the arguments.

    Without those that more than the newest thirty values confirm.
    """
    step = confirmed_step(values, worse, alpha)
    if step is None:
        return ()
    later = tuple(one.moved(step.first) for one in confirmed_steps(values[step.first :], worse, alpha))
    if len(values) - step.first > MOST_CONFIRMING:
        return later
    if later:
        # What came after the later step says nothing of the level that the first one led to.
        step = confirmed_step(values[: later[0].first], worse, alpha) or step
    return (step, *later)


def confirmed_step(values: Sequence[float], worse: int, alpha: float) -> ConfirmedStep | None:
    """The step of a series of positive values, oldest first.

    worse: 1 where more is worse, -1 where less is. alpha: the error rate of one look.
    """
    count = len(values)
    if count < _FEWEST_BEFORE + FEWEST_CONFIRMING or min(values) <= 0:
        return None
    logs = [worse * math.log(value) for value in values]
    levels = [0, *(point.index for point in change_points(values))]
    splits = [
        _split(logs, size, max(level for level in levels if level <= max(0, count - size - _FEWEST_BEFORE)))
        for size in range(1, min(_MOST_SPLIT_OFF, count - _FEWEST_BEFORE) + 1)
    ]
    best = max(splits[FEWEST_CONFIRMING - 1 :], key=lambda split: split.score)
    fewer = max(split.score for split in splits[: FEWEST_CONFIRMING - 1])
    if best.score <= student_quantile(alpha, best.degrees) or not _is_plausible(best.score, fewer):
        return None
    near = [split.count for split in splits if _is_plausible(split.score, best.score)]
    return _step(best, logs, worse, (max(near), min(near)))


def _is_plausible(score: float, best: float) -> bool:
    """Whether a place with this score may be that of the step, where another one has the best."""
    return score > 0 and (best <= score or best**2 - score**2 <= _PLAUSIBLE)


def _split(logs: Sequence[float], size: int, level_from: int) -> _Split:
    """The `size` newest values against those before, at most as far back as the level there began."""
    place = len(logs) - size
    before = logs[max(level_from, place - _MOST_BEFORE) : place]
    spread = spread_of(before)
    deviation = max(spread.deviation, _LEAST_NOISE)
    centre = _level(before, median(before), deviation)
    way = _level(logs[place:], centre, deviation) - centre
    error = deviation * math.sqrt(1 / size + 1 / len(before))
    return _Split(size, centre, deviation, way / error, way, spread.degrees)


def _level(values: Sequence[float], middle: float, deviation: float) -> float:
    """Their mean, where none counts as further from the middle than what is odd."""
    reach = _ODD * deviation
    return middle + mean(max(-reach, min(reach, value - middle)) for value in values)


def _step(found: _Split, logs: Sequence[float], worse: int, near: tuple[int, int]) -> ConfirmedStep:
    count = len(logs)
    newest = logs[count - found.count :]
    way = _level(newest, median(newest), found.deviation) - found.centre
    half = student_quantile(0.01, found.degrees) * found.error
    ends = [math.expm1(worse * (way + part)) for part in (-half, half)]
    return ConfirmedStep(
        first=count - found.count,
        earliest=count - near[0],
        latest=count - near[1],
        before=math.exp(worse * found.centre),
        after=math.exp(worse * (found.centre + way)),
        deviation=found.deviation,
        change=math.expm1(worse * way),
        interval=Interval(min(ends), max(ends)),
    )
