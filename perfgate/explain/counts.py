"""Samples of functions as counted events: what the counts of both sides prove, and how far they scatter.

What is counted is a path: a function with all that it is charged with, or a part of that (origin.charges). Where it
takes as much on both sides, each of its samples falls on head with a chance that the two sides' exposures give, so the
number on head is binomial (the conditional test of two Poisson rates, Przyborowski & Wilenski 1940). Samples of one
round hang together, so the counts are divided by the dispersion that the rounds show (quasi-likelihood: McCullagh &
Nelder 1989, "Generalized Linear Models", section 4.5).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from statistics import fmean

from perfgate.explain.origin import charges
from perfgate.explain.pairs import ProfiledPair, ProfiledRound, SideProfile, sides
from perfgate.explain.profile import Stack

# Two starts of one program differ by a few percent, in all functions: only what rose by more is tested for.
_INSTANCE_NOISE = 0.04
# What has fewer samples in a round says little about how they are spread.
_SEEN_PER_ROUND = 1.0

_Counted = Sequence[tuple[Counter[Stack], ProfiledRound]]


class Counts:
    """What functions are charged with, on both sides, in pairs of which two at least are usable."""

    def __init__(self, pairs: Iterable[ProfiledPair]) -> None:
        self.base, self.head = sides(pairs)
        self._counted = [_counted(side) for side in (self.base, self.head)]
        self._totals = [sum((counts for counts, _ in counted), Counter[Stack]()) for counted in self._counted]

    @property
    def paths(self) -> tuple[Stack, ...]:
        """All that were seen; of a function with one part, the whole."""
        seen = self._totals[0] | self._totals[1]
        return tuple(path for path in seen if len(path) == 1 or self._is_one_of_several(path))

    def _is_one_of_several(self, part: Stack) -> bool:
        """Whether a function has other parts as well."""
        return any(total[part] < total[part[:1]] for total in self._totals)

    def times(self, path: Stack) -> tuple[list[float], list[float]]:
        """What it takes in each round of base, and of head (ms a request)."""
        base, head = ([counts[path] * one.sample_ms for counts, one in counted] for counted in self._counted)
        return base, head

    def least_probability(self, path: Stack) -> float:
        """How improbable its samples could be made where nothing changed, if all of them were on head."""
        return float(self._chance ** ((self._totals[0][path] + self._totals[1][path]) / self._pooled))

    def probability(self, path: Stack) -> float:
        """P(at least so many samples on head where it takes as much on both sides)."""
        spread = self._spread(path)
        return _binomial_tail(self._totals[0][path] / spread, self._totals[1][path] / spread, self._chance)

    def error_ms(self, path: Stack) -> float:
        """The standard error of its rise (ms a request), by its counts."""
        # One more on each side: what was never seen may happen all the same.
        parts = [
            (total[path] + 1) / side.exposure**2
            for total, side in zip(self._totals, (self.base, self.head), strict=True)
        ]
        noise = _INSTANCE_NOISE / 2 * self._totals[0][path] / self.base.exposure
        return math.sqrt(self._spread(path) * sum(parts) + noise**2)

    @cached_property
    def _chance(self) -> float:
        """Of a sample to fall on head."""
        noisy = (1 + _INSTANCE_NOISE) * self.head.exposure
        return noisy / (self.base.exposure + noisy)

    @cached_property
    def _pooled(self) -> float:
        """Variance over mean of the counts of all functions that are seen in most rounds; never below 1."""
        found = []
        for counted, total in zip(self._counted, self._totals, strict=True):
            often = [one for one, count in total.items() if len(one) == 1 and count >= _SEEN_PER_ROUND * len(counted)]
            found += [_chi_squared(path, counted) / (len(counted) - 1) for path in often]
        return max(1.0, fmean(found)) if found else 1.0

    def _spread(self, path: Stack) -> float:
        """Variance over mean of the counts of one path, drawn towards that of all."""
        own = sum(_chi_squared(path, one) for one in self._counted) / sum(len(one) - 1 for one in self._counted)
        return max(1.0, self._pooled, (self._pooled + own) / 2)


def _counted(side: SideProfile) -> _Counted:
    return [(charges(one.profile.stacks), one) for one in side.rounds]


def _chi_squared(path: Stack, counted: _Counted) -> float:
    """How far the counts of a path lie from what each round's exposure makes one expect."""
    exposures = [1 / one.sample_ms for _, one in counted]
    rate = sum(counts[path] for counts, _ in counted) / sum(exposures)
    if not rate:
        return 0.0
    return sum(
        (counts[path] - rate * exposure) ** 2 / (rate * exposure)
        for (counts, _), exposure in zip(counted, exposures, strict=True)
    )


def _binomial_tail(on_base: float, on_head: float, chance: float) -> float:
    """P(at least so many on head), counts rounded to the side that proves less."""
    most, least = math.ceil(on_base - 1e-9), math.floor(on_head + 1e-9)
    count = most + least
    logs = [
        math.lgamma(count + 1)
        - math.lgamma(hits + 1)
        - math.lgamma(count - hits + 1)
        + hits * math.log(chance)
        + (count - hits) * math.log1p(-chance)
        for hits in range(least, count + 1)
    ]
    return min(1.0, math.fsum(map(math.exp, logs)))
