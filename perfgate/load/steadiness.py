"""Whether a service that warms up has reached its steady level: a pure judgement of the levels seen so far.

A runtime that compiles itself gets faster for seconds or minutes, and some never settle (Barrett et al. 2017, "Virtual
Machine Warmup Blows Hot and Cold"). Steady means that the newest levels do not fall by more than matters, and that
their noise is small enough to say so; where the noise is larger, that a line through them does not fall at all. The
line is that of Theil (1950) and Sen (1968), the median of all slopes, which a single wild step does not move. A load in
turns has a course within each turn (users begin, connections open), so slopes are those between levels of different
turns: within one, every service seems to get faster.

Played over levels of a known course, in steps of half a second with noise of 1 to 5 %: a flat level takes 3 to 5 s, one
that falls for 20 s by a third 29 s, one that falls by an exponential of 15 s ends with 3 to 9 % left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean, median, stdev

# The fewest levels whose scatter around a line says something.
_FEWEST = 6

# Levels that are looked at: the newer half, at least and at most so many. With fewer, noise is no answer.
_SHORTEST, _LONGEST = 12, 20

# What the level may fall by over the window without being called unsteady (a log ratio).
_TOLERATED = 0.03

# The levels that a service begins with, and how many standard errors above the last ones noise may lift them.
_FIRST = 4
_ERRORS = 1.5

# How many standard errors a fall is seen by: of flat levels 2 to 4 % are taken for falling ones.
_SEEN = 2.0

# The standard error of a median of normal values, in that of their mean.
_MEDIAN_ERROR = 1.25


def is_steady(levels: Sequence[float], turns: Sequence[int]) -> bool:
    """Whether `levels` have settled.

    levels: one for each step of the warm-up, oldest first, all above 0; lower is faster.
    turns: of each level, the turn that it was seen in.
    """
    course = _course(levels, turns)
    if course is None:
        return False
    if course.error <= _TOLERATED:
        return course.fall + course.error <= _TOLERATED
    return course.count >= _SHORTEST and course.fall <= 0


def still_falls(levels: Sequence[float], turns: Sequence[int]) -> bool:
    """Whether the newest of `levels` fall by more than matters and than noise makes. Noise alone is no fall."""
    course = _course(levels, turns)
    return course is not None and course.fall > max(_TOLERATED, _SEEN * course.error)


@dataclass(frozen=True)
class _Course:
    """The line through the newest levels.

    count: of these levels.
    fall: over their length (a log ratio).
    error: the standard error of the fall.
    """

    count: int
    fall: float
    error: float


def _course(levels: Sequence[float], turns: Sequence[int]) -> _Course | None:
    """The course of the newest levels; None where these are too few, or all of one turn."""
    if len(levels) < _FEWEST:
        return None
    newest = _newest(levels)
    count = len(newest)
    points = zip(turns[-count:], range(count), newest, strict=True)
    slopes = [
        (later - one) / (place - start)
        for (first, start, one), (second, place, later) in combinations(points, 2)
        if first != second
    ]
    if not slopes:
        return None
    slope = median(slopes)
    return _Course(count, -slope * (count - 1), _scatter(newest, slope) * math.sqrt(12 / count))


def got_faster(levels: Sequence[float]) -> bool:
    """Whether the first of `levels` were above the last ones, by more than matters and than noise makes."""
    if len(levels) < _FEWEST:
        return False
    newest, first = _newest(levels), [math.log(level) for level in levels[:_FIRST]]
    error = _MEDIAN_ERROR * stdev(newest) * math.sqrt(1 / len(newest) + 1 / len(first))
    return median(first) - median(newest) > max(_TOLERATED, _ERRORS * error)


def fallen(levels: Sequence[float]) -> float:
    """How far the level fell from the first of `levels` to the newest ones (a log ratio); 0 where it did not."""
    if len(levels) < _FEWEST:
        return 0.0
    return max(0.0, median(math.log(level) for level in levels[:_FIRST]) - median(_newest(levels)))


def _newest(levels: Sequence[float]) -> list[float]:
    """The logarithms of the levels that are looked at."""
    return [math.log(level) for level in levels[-min(_LONGEST, max(_SHORTEST, len(levels) // 2)) :]]


def _scatter(levels: Sequence[float], slope: float) -> float:
    """The standard deviation of the levels around their line."""
    apart = [level - slope * place for place, level in enumerate(levels)]
    middle = fmean(apart)
    return math.sqrt(sum((one - middle) ** 2 for one in apart) / (len(apart) - 2))
