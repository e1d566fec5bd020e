"""Where the level of a series shifted, and stayed shifted: a single odd run is no change.

Each stretch between two change points has one level, and the best cut is the one with the least cost: the squared
distance of every value from the level of its stretch, in standard deviations, but never more than 3 of them, plus a
price for every change point. The cap is what makes it deaf to outliers (Fearnhead & Rigaill 2019, "Changepoint
detection in the presence of outliers", Journal of the American Statistical Association 114, biweight loss with K = 3):
one wild value costs 9, two change points around it cost several times that. The minimum is found exactly by dynamic
programming over time and level, the levels being the values themselves on a grid of a quarter of a standard deviation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median


@dataclass(frozen=True)
class ChangePoint:
    """A shift of level. index: of the first value at the new level; before, after: medians of the two stretches."""

    index: int
    before: float
    after: float


_CAP = 3.0**2

# A change point costs this times log(n). 2 is Schwarz's price for independent noise of a known deviation; but it is not
# known, and neighbouring runs resemble each other. At 2 one series of pure noise in seven (of 60 values) has a change
# point, at 4 one in 150.
_PRICE = 4.0

_GRID = 0.25  # of a standard deviation: a level is off by at most an eighth, which costs 1/64 a value
_LEAST_NOISE = 0.005  # of the value: no series is so still that a change of half a percent is worth a change point
_FEWEST = 8


def change_points(values: Sequence[float]) -> tuple[ChangePoint, ...]:
    """The change points of a series in order of time. Series of positive values are looked at as ratios."""
    edges = [0, *_cuts(values), len(values)]
    stretches = [values[start:end] for start, end in pairwise(edges)]
    return tuple(
        ChangePoint(index, median(before), median(after))
        for index, (before, after) in zip(edges[1:-1], pairwise(stretches), strict=True)
    )


def newest_stretch(values: Sequence[float]) -> int:
    """The index of the first value after the last change point; 0 where there is none."""
    return max(_cuts(values), default=0)


def _cuts(values: Sequence[float]) -> list[int]:
    if len(values) < _FEWEST:
        return []
    if min(values) > 0:
        series, least = [math.log(value) for value in values], _LEAST_NOISE
    else:
        series, least = list(values), _LEAST_NOISE * max(abs(value) for value in values)
    noise = max(noise_of(series), least)
    return _cheapest_cuts([value / noise for value in series]) if noise else []


def noise_of(series: Sequence[float]) -> float:
    """The standard deviation around the level, from the differences of neighbours, which shifts hardly touch."""
    steps = [after - before for before, after in pairwise(series)]
    middle = median(steps)
    return median(abs(step - middle) for step in steps) / 0.6745 / math.sqrt(2)


def _cheapest_cuts(series: Sequence[float]) -> list[int]:
    """The starts of all stretches but the first, of a series in units of its noise."""
    levels = [step * _GRID for step in sorted({round(value / _GRID) for value in series})]
    price = _PRICE * math.log(len(series))
    costs = [0.0] * len(levels)  # of the cheapest cut so far that is at this level now,
    starts = [0] * len(levels)  # and where its newest stretch began
    best_starts = []  # of the cheapest cut at any level, after each value
    for time, value in enumerate(series):
        if time:
            least = min(costs)
            best_starts.append(starts[costs.index(least)])
            jump = least + price
            for place, cost in enumerate(costs):
                if cost > jump:
                    costs[place], starts[place] = jump, time
        # Without a call of min() for each: this line is where all the time goes.
        gaps = [(value - level) ** 2 for level in levels]
        costs = [cost + (gap if gap < _CAP else _CAP) for cost, gap in zip(costs, gaps, strict=True)]
    start = starts[costs.index(min(costs))]
    cuts = []
    while start > 0:
        cuts.append(start)
        start = best_starts[start - 1]
    return cuts[::-1]
