"""Where a series shifted, by the order of its values alone: deaf to how odd a value is, and to kinds of machines.

Wilcoxon's rank-sum statistic at every place of many intervals, the strongest first: seeded binary segmentation (Kovács,
Bühlmann, Li & Munk 2023, "Seeded binary segmentation: a general methodology for fast and optimal changepoint
detection", Biometrika 110(1)), with intervals that are shorter by the square root of 2 from layer to layer. Where runs
come from a few kinds of machines their values lie in clusters; a mean hardly notices a step that is smaller than the
way between two clusters, but the order does (Hodges & Lehmann 1956, "The efficiency of some nonparametric competitors
of the t-test", Annals of Mathematical Statistics 27(2)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

FEWEST_OF_A_LEVEL = 3
_SHRINKS = math.sqrt(2)
_STEPS_OF_AN_INTERVAL = 3
# Longer intervals find what shorter ones do not only where a step is far smaller than the noise, and they take long.
_LONGEST = 80


class _Candidate(NamedTuple):
    """The best cut of one interval. score: in standard deviations; cut: index of the first value after it.

    A tuple, since hundreds of them are sorted for each series.
    """

    score: float
    cut: int
    start: int
    end: int


class RankScan:
    """A series, looked through once."""

    def __init__(self, values: Sequence[float]) -> None:
        found = []
        for start, end in _intervals(len(values)):
            score, place = _strongest(values[start:end])
            found.append(_Candidate(score, start + place, start, end))
        self._strongest_first = sorted(found, reverse=True)

    def cuts(self, least_score: float) -> list[int]:
        """The first indices of new levels. least_score: how many standard deviations a rank sum must be off."""
        cuts: list[int] = []
        for one in self._strongest_first:
            if one.score <= least_score:
                break
            if not any(one.start < cut < one.end for cut in cuts):
                cuts.append(one.cut)
        return sorted(cuts)


@lru_cache(maxsize=8)
def _intervals(count: int) -> tuple[tuple[int, int], ...]:
    length = float(min(count, _LONGEST))
    seen: dict[tuple[int, int], None] = {}
    while length >= 2 * FEWEST_OF_A_LEVEL:
        whole = int(length)
        for start in range(0, count, max(1, whole // _STEPS_OF_AN_INTERVAL)):
            one = (start, min(count, start + whole))
            if one[1] - start >= 2 * FEWEST_OF_A_LEVEL:
                seen[one] = None
        length /= _SHRINKS
    return tuple(seen)


def _strongest(values: Sequence[float]) -> tuple[float, int]:
    """The largest absolute rank-sum score of all cuts of these values, and where it is."""
    count = len(values)
    ranks = _ranks(values)
    half, unit = (count + 1) / 2, (count + 1) / 12
    total, best, place = 0.0, 0.0, 0
    for left in range(1, count - FEWEST_OF_A_LEVEL + 1):
        total += ranks[left - 1] - half
        # Squared, so that the root is taken once.
        score = total * total / (left * (count - left))
        if score > best and left >= FEWEST_OF_A_LEVEL:
            best, place = score, left
    return math.sqrt(best / unit), place


def _ranks(values: Sequence[float]) -> list[float]:
    """From 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    first = 0
    while first < len(order):
        after = first + 1
        while after < len(order) and values[order[after]] == values[order[first]]:
            after += 1
        for place in range(first, after):
            ranks[order[place]] = (first + after + 1) / 2
        first = after
    return ranks
