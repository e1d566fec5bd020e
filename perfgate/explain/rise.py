"""The functions that take more CPU on head than chance explains.

Samples of a function are counted events. Where it takes as much on both sides, each of its samples falls on head with
a chance that the two sides' exposures give, so the number on head is binomial (the conditional test of two Poisson
rates, Przyborowski & Wilenski 1940). Samples of one round hang together, so the counts are divided by the dispersion
that the rounds show (quasi-likelihood: McCullagh & Nelder 1989, "Generalized Linear Models", section 4.5). All
functions that are tested share one error rate (Holm 1979); those that the commits changed have half of it for
themselves, since that is where causes are (weights: Benjamini & Hochberg 1997, "Multiple hypotheses testing with
weights").
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from perfgate.compare.statistics import student_quantile
from perfgate.explain.origin import charges
from perfgate.explain.pairs import ProfiledPair, ProfiledRound, SideProfile, sides
from perfgate.explain.profile import Function

# The probability that any function is named where nothing changed.
ERROR_RATE = 0.03
_INTERVAL_TAIL = 0.025
# Two starts of one program differ by a few percent, in all functions: only what rose by more is tested for.
_INSTANCE_NOISE = 0.04
# Of what a request takes on base: less is no reason for a red verdict.
_LEAST_RISE = 0.005
_FEWEST_PAIRS = 4
# A function with fewer samples in a round says little about how they are spread.
_SEEN_PER_ROUND = 1.0


@dataclass(frozen=True)
class Rise:
    """What one function is charged with on both sides; milliseconds a request.

    function: which one.
    base_ms, head_ms: on each side.
    low_ms, high_ms: the 95 % interval of the difference, over the pairs.
    changed: whether the commits differ in it; None where nobody knows.
    """

    function: Function
    base_ms: float
    head_ms: float
    low_ms: float
    high_ms: float
    changed: bool | None

    @property
    def change_ms(self) -> float:
        """By how much it rose."""
        return self.head_ms - self.base_ms

    @property
    def rank(self) -> float:
        """What causes are ordered by: among those that noise does not tell apart, one that was changed comes first."""
        return self.high_ms if self.changed else self.change_ms


def rises(pairs: Sequence[ProfiledPair], changed: Callable[[Function, int | None], bool | None]) -> tuple[Rise, ...]:
    """The functions whose charge rose beyond chance, the most first; () where too little was seen.

    changed: whether the commits differ in a function that begins on a line; None where nobody knows.
    """
    usable = [pair for pair in pairs if pair.usable]
    if len(usable) < _FEWEST_PAIRS:
        return ()
    base, head = sides(usable)
    counts = [[charges(one.profile.stacks) for one in side.rounds] for side in (base, head)]
    lines = {**base.lines, **head.lines}
    known = {function: changed(function, lines.get(function)) for one in counts for each in one for function in each}
    found = [_rise(function, usable, counts, known[function]) for function in _proven(base, head, counts, known)]
    least = _LEAST_RISE * base.request_ms
    named = [rise for rise in found if rise.low_ms > 0 and rise.change_ms >= least]
    return tuple(sorted(named, key=lambda rise: rise.rank, reverse=True))


def _proven(
    base: SideProfile,
    head: SideProfile,
    counts: Sequence[Sequence[Counter[Function]]],
    changed: Mapping[Function, bool | None],
) -> list[Function]:
    """The functions for which the test says so, with one error rate for all."""
    totals = [sum(rounds, Counter()) for rounds in counts]
    pooled = _pooled_dispersion(
        [*zip(counts[0], base.rounds, strict=True)], [*zip(counts[1], head.rounds, strict=True)]
    )
    noisy = (1 + _INSTANCE_NOISE) * head.exposure
    chance = noisy / (base.exposure + noisy)
    tested = []
    for function in totals[0] | totals[1]:
        on_base, on_head = totals[0][function], totals[1][function]
        # What could not be proven if all its samples were on head is no part of the family.
        if chance ** ((on_base + on_head) / pooled) <= ERROR_RATE:
            spread = max(1.0, pooled, (pooled + _dispersion(function, base, head, counts)) / 2)
            tested.append((_binomial_tail(on_base / spread, on_head / spread, chance), function))
    likely = [one for one in tested if changed[one[1]]]
    if not likely:
        return _holm(tested, ERROR_RATE)
    return [
        *_holm(likely, ERROR_RATE / 2),
        *_holm([one for one in tested if not changed[one[1]]], ERROR_RATE / 2),
    ]


def _holm(tested: list[tuple[float, Function]], error_rate: float) -> list[Function]:
    found = []
    for place, (probability, function) in enumerate(sorted(tested, key=lambda one: one[0])):
        if probability > error_rate / (len(tested) - place):
            break
        found.append(function)
    return found


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


_Counted = Sequence[tuple[Counter[Function], ProfiledRound]]


def _pooled_dispersion(*sides_counted: _Counted) -> float:
    """Over all functions that are seen in most rounds: variance over mean of their counts; never below 1."""
    found = []
    for counted in sides_counted:
        total = sum((counts for counts, _ in counted), Counter[Function]())
        for function, count in total.items():
            if count >= _SEEN_PER_ROUND * len(counted):
                found.append(_chi_squared(function, counted) / (len(counted) - 1))
    return max(1.0, fmean(found)) if found else 1.0


def _dispersion(
    function: Function, base: SideProfile, head: SideProfile, counts: Sequence[Sequence[Counter[Function]]]
) -> float:
    """Of one function, both sides together."""
    both = [[*zip(one, side.rounds, strict=True)] for one, side in zip(counts, (base, head), strict=True)]
    return sum(_chi_squared(function, one) for one in both) / sum(len(one) - 1 for one in both)


def _chi_squared(function: Function, counted: _Counted) -> float:
    """How far the counts of a function lie from what each round's exposure makes one expect."""
    exposures = [1 / one.sample_ms for _, one in counted]
    rate = sum(counts[function] for counts, _ in counted) / sum(exposures)
    if not rate:
        return 0.0
    return sum(
        (counts[function] - rate * exposure) ** 2 / (rate * exposure)
        for (counts, _), exposure in zip(counted, exposures, strict=True)
    )


def _rise(
    function: Function,
    pairs: Sequence[ProfiledPair],
    counts: Sequence[Sequence[Counter[Function]]],
    changed: bool | None,
) -> Rise:
    before = [one[function] * pair.base.sample_ms for one, pair in zip(counts[0], pairs, strict=True)]
    after = [one[function] * pair.head.sample_ms for one, pair in zip(counts[1], pairs, strict=True)]
    differences = [late - early for early, late in zip(before, after, strict=True)]
    half = student_quantile(_INTERVAL_TAIL, len(pairs) - 1) * stdev(differences) / math.sqrt(len(pairs))
    change = fmean(differences)
    return Rise(function, fmean(before), fmean(after), change - half, change + half, changed)
