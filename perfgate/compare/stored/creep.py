"""How far a series has come since a release: small steps that no single comparison sees add up here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from perfgate.compare.comparison import Interval
from perfgate.compare.statistics import student_quantile
from perfgate.compare.stored.changepoint import noise_of


@dataclass(frozen=True)
class Creep:
    """The way since the release.

    change: the ratio of the level now to the level at the release, minus 1.
    interval: the confidence interval of the change.
    """

    change: float
    interval: Interval


# A level is the median of so many runs: enough to shrug at an odd one, few enough to be a level in spite of the creep.
_RUNS = 5
RUNS_AROUND = _RUNS // 2
"""How many runs before a release, and after it, are taken to be at its level."""

# The standard deviation of a median is larger than that of a mean by this, for normal values.
_MEDIAN_COSTS = math.sqrt(math.pi / 2)


def creep_since(
    values: Sequence[float], release: int, alpha: float, around: tuple[int, int] = (RUNS_AROUND, RUNS_AROUND)
) -> Creep | None:
    """The change of a series of positive values, oldest first, since the run at index `release`.

    The level at the release is taken from the runs around it, the level now from the newest runs; the noise is that
    between neighbours. alpha: the probability that the truth lies below the interval, and likewise above it. around:
    how many runs before the release, and how many after it, are at its level. None where fewer than five runs came
    after it.
    """
    if not 0 <= release < len(values) - _RUNS or min(values) <= 0:
        return None
    logs = [math.log(value) for value in values]
    start = max(0, release - around[0])
    then, now = logs[start : release + around[1] + 1], logs[-_RUNS:]
    change = median(now) - median(then)
    deviation = noise_of(logs) * _MEDIAN_COSTS * math.sqrt(1 / len(then) + 1 / len(now))
    half = student_quantile(alpha, len(logs) - 2) * deviation
    return Creep(math.expm1(change), Interval(math.expm1(change - half), math.expm1(change + half)))
