"""Which two commits to measure next: those whose duet is expected to say most.

A duet of two places asks whether the commit lies between them. It says most where that is as likely as not, and where
its answer errs least: it errs where a reading is nearer to the whole change though nothing lies between, or the other
way round, by what duets scatter and by what the commits between drift. So neighbours are better than far ends, and one
of the two was measured before, so that its tree is there.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from statistics import NormalDist, median

from perfgate.bisecting.belief import Belief, Estimate, drift_of
from perfgate.bisecting.commit_line import CommitLine
from perfgate.bisecting.reading import Reading

Pair = tuple[int, int]
"""Two places, the first one before the other."""

# Where several commits did it, what holds less than this share of the change is left in one piece.
_WORTH_SPLITTING = 1 / 4

_NORMAL = NormalDist()


def most_telling(line: CommitLine, readings: Sequence[Reading], belief: Belief) -> Pair:
    """The duet that says most of which single commit did it."""
    before = [0.0, *accumulate(belief.commits)]
    ordinary = drift_of(line)
    scatter = median(reading.error for reading in readings) / belief.whole

    def worth(pair: Pair) -> tuple[float, float]:
        base, head = pair
        drift = line.weight(base, head)
        errs = _NORMAL.cdf(-1 / (2 * math.sqrt(scatter**2 + ordinary**2 * drift)))
        inside = min(1.0, max(0.0, before[head] - before[base]))
        said = _entropy(inside * (1 - errs) + (1 - inside) * errs) - _entropy(errs)
        return round(said, 9), -drift

    return max(_pairs(line, measured_places(line, readings)), key=worth)


def around(line: CommitLine, place: int) -> Pair:
    """The nearest places before a commit, and from it on, that can be measured."""
    position = bisect_right(line.testable, place - 1)
    return line.testable[position - 1], line.testable[position]


def measured_places(line: CommitLine, readings: Sequence[Reading]) -> list[int]:
    """Those that a duet was of, and can be measured again, in order."""
    places = {0, line.last, *(place for one in readings for place in (one.base, one.head))}
    return sorted(places - line.untested)


def rises(line: CommitLine, readings: Sequence[Reading], belief: Belief) -> list[tuple[Pair, Estimate]]:
    """The change from each place that was measured to the next."""
    return [(pair, belief.rise(*pair)) for pair in pairwise(measured_places(line, readings))]


def split_of_largest(line: CommitLine, readings: Sequence[Reading], belief: Belief) -> Pair | None:
    """The duet that parts the stretch with the largest change; None where none is worth it, or can be parted."""
    found = sorted(rises(line, readings, belief), key=lambda one: one[1].change, reverse=True)
    for (after, until), rise in found:
        if rise.change < belief.whole * _WORTH_SPLITTING:
            break
        inside = [place for place in line.testable if after < place < until]
        if inside:
            half = line.weight(after, until) / 2
            return after, min(inside, key=lambda place: abs(line.weight(after, place) - half))
    return None


def _pairs(line: CommitLine, measured: Sequence[int]) -> Iterator[Pair]:
    for place in line.testable:
        for other in measured:
            if place != other:
                yield min(place, other), max(place, other)


def _entropy(probability: float) -> float:
    """That of one yes or no (bits)."""
    if not 0 < probability < 1:
        return 0.0
    rest = 1 - probability
    return -probability * math.log2(probability) - rest * math.log2(rest)
