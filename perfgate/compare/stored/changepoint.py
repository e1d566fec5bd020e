"""Where the level of a series shifted, and stayed shifted: a single odd run is no change.

Two ways of looking, whose finds are put together. By size: each stretch between two change points has one level, and
the best cut is the one with the least cost: the squared distance of every value from the level of its stretch, in
standard deviations, but never more than 3 of them, plus a price for every change point. The cap is what makes it deaf
to outliers (Fearnhead & Rigaill 2019, "Changepoint detection in the presence of outliers", Journal of the American
Statistical Association 114, biweight loss with K = 3): one wild value costs 9, two change points around it cost several
times that. The minimum is found exactly by dynamic programming over time and level, the levels being the values
themselves on a grid of a quarter of a standard deviation. It sees a large step after three to five runs.

By order (`rank_scan`): it sees a small step that lasts, whatever the noise looks like. And both once more beside the
siblings of a row, the same statistic of the run's other rows: what the machine did is in all of them. tests/bench/
change_points.py holds this against Apache Otava, on series of real noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from perfgate.compare.stored.rank_scan import RankScan


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


@dataclass(frozen=True)
class _Strictness:
    """What a change point must be worth. price: of one by size, times log(n); score: of one by order, in deviations."""

    price: float
    score: float


# Chosen over runs of GitHub's machines in which nothing was planted: there are no more change points in them than Otava
# finds, and of rows with siblings fewer, as what a machine does is in the row alone. Of 40 series of pure noise (of 60
# values) one has a change point.
_ALONE = _Strictness(price=5.0, score=3.4)
_ALONE_OF_SIBLINGS = _Strictness(price=8.0, score=4.5)
_BESIDE_SIBLINGS = _Strictness(price=6.0, score=3.6)

# Where a level may well have changed, noise is not told across it.
_LIKELY = 2.5

# Two finds that are so near are one: by size it is dated better.
_NEAR = 3


def change_points(values: Sequence[float], siblings: Sequence[float] | None = None) -> tuple[ChangePoint, ...]:
    """The change points of a series in order of time. Series of positive values are looked at as ratios.

    siblings: the logs of what the row's siblings were at in the same runs; None where it has none.
    """
    edges = [0, *_all_cuts(values, siblings), len(values)]
    stretches = [values[start:end] for start, end in pairwise(edges)]
    return tuple(
        ChangePoint(index, median(before), median(after))
        for index, (before, after) in zip(edges[1:-1], pairwise(stretches), strict=True)
    )


def newest_stretch(values: Sequence[float]) -> int:
    """The index of the first value after the last change point by size; 0 where there is none."""
    if len(values) < _FEWEST:
        return 0
    series, least = _comparable(values)
    return max(_cuts_by_size(series, _noise(series, RankScan(series), least), _PRICE), default=0)


def _all_cuts(values: Sequence[float], siblings: Sequence[float] | None) -> list[int]:
    if len(values) < _FEWEST:
        return []
    series, least = _comparable(values)
    if siblings is None:
        return _cuts(series, least, _ALONE)
    beside = [value - sibling for value, sibling in zip(series, siblings, strict=True)]
    own = [cut for cut in _cuts(beside, least, _BESIDE_SIBLINGS) if _is_own(series, siblings, cut)]
    return _together(own, _cuts(series, least, _ALONE_OF_SIBLINGS))


def _comparable(values: Sequence[float]) -> tuple[list[float], float]:
    """The series to look at, and the least noise that it is taken to have."""
    if min(values) > 0:
        return [math.log(value) for value in values], _LEAST_NOISE
    return list(values), _LEAST_NOISE * max(abs(value) for value in values)


def _cuts(series: Sequence[float], least: float, wanted: _Strictness) -> list[int]:
    scan = RankScan(series)
    by_order = [cut for cut in scan.cuts(wanted.score) if abs(_step(series, cut)) >= least]
    return _together(_cuts_by_size(series, _noise(series, scan, least), wanted.price), by_order)


def _together(first: Sequence[int], more: Sequence[int]) -> list[int]:
    return sorted([*first, *(cut for cut in more if all(abs(cut - other) > _NEAR for other in first))])


_LEVEL = 20


def _step(series: Sequence[float], cut: int) -> float:
    """How far the level moved at a cut."""
    return median(series[cut : cut + _LEVEL]) - median(series[max(0, cut - _LEVEL) : cut])


def _is_own(series: Sequence[float], siblings: Sequence[float], cut: int) -> bool:
    """Whether it was the row that moved there, and not its siblings away from it."""
    own, of_siblings = _step(series, cut), _step(siblings, cut)
    return abs(own) > abs(of_siblings) and own * (own - of_siblings) > 0


def _noise(series: Sequence[float], scan: RankScan, least: float) -> float:
    return max(noise_of(series), _noise_around(series, scan.cuts(_LIKELY)), least)


def _noise_around(series: Sequence[float], cuts: Sequence[int]) -> float:
    """The standard deviation around the levels between these cuts.

    Of slow noise, and of machines of two kinds, neighbours may differ too little. So it is told by the distance that
    four in five values keep, which in normal noise is 1.2816 deviations.
    """
    stretches = [series[start:end] for start, end in pairwise([0, *cuts, len(series)])]
    distances = sorted(abs(value - middle) for one in stretches for middle in [median(one)] for value in one)
    return distances[len(distances) * 4 // 5] / 1.2816


def noise_of(series: Sequence[float]) -> float:
    """The standard deviation around the level, from the differences of neighbours, which shifts hardly touch."""
    steps = [after - before for before, after in pairwise(series)]
    middle = median(steps)
    return median(abs(step - middle) for step in steps) / 0.6745 / math.sqrt(2)


def _cuts_by_size(series: Sequence[float], noise: float, price: float) -> list[int]:
    return _cheapest_cuts([value / noise for value in series], price * math.log(len(series))) if noise else []


def _cheapest_cuts(series: Sequence[float], price: float) -> list[int]:
    """The starts of all stretches but the first, of a series in units of its noise."""
    levels = [step * _GRID for step in sorted({round(value / _GRID) for value in series})]
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
