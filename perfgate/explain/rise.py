"""The functions that take more time on head than chance explains.

All functions that are tested share one error rate (Holm 1979); those that the commits changed have half of it for
themselves, since that is where causes are (weights: Benjamini & Hochberg 1997, "Multiple hypotheses testing with
weights"). Where the duet has proven that something rose, and by how much, less is needed: the function that explains
this rise best is named, if it does so far better than every other one and than several together (Bayes' rule).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from perfgate.compare.statistics import student_quantile
from perfgate.explain.counts import Counts
from perfgate.explain.pairs import ProfiledPair
from perfgate.explain.profile import Function

# The probability that any function is named where nothing changed.
ERROR_RATE = 0.03
_INTERVAL_TAIL = 0.025
# Of what a request takes on base: less is no reason for a red verdict.
_LEAST_RISE = 0.005
FEWEST_PAIRS = 4
"""Fewer that are usable name nothing."""
# A rise that something is known to have: how sure it must be which function has it, and by how much likelier a function
# that was changed is beforehand.
_SURE = 0.9
_PRIOR_OF_CHANGED = 10.0


@dataclass(frozen=True)
class KnownRise:
    """What the duet has proven of all functions together, in milliseconds a request.

    change_ms: by how much they rose.
    error_ms: its standard error.
    """

    change_ms: float
    error_ms: float


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


def rises(
    pairs: Sequence[ProfiledPair],
    changed: Callable[[Function, int | None], bool | None],
    known: KnownRise | None,
) -> tuple[Rise, ...]:
    """The functions whose charge rose beyond chance, the most first; () where too little was seen.

    changed: whether the commits differ in a function that begins on a line; None where nobody knows.
    known: the rise of all functions together, where it is certain that there is one.
    """
    usable = [pair for pair in pairs if pair.usable]
    if len(usable) < FEWEST_PAIRS:
        return ()
    counts = Counts(usable)
    lines = {**counts.base.lines, **counts.head.lines}
    found = {function: _rise(counts, function, changed(function, lines.get(function))) for function in counts.functions}
    least = _LEAST_RISE * counts.base.request_ms
    proven = [found[function] for function in _proven(counts, found)]
    named = [rise for rise in proven if rise.low_ms > 0 and rise.change_ms >= least]
    if not named and known is not None:
        named = _likely(counts, list(found.values()), known)
    return tuple(sorted(named, key=lambda rise: rise.rank, reverse=True))


def _proven(counts: Counts, found: Mapping[Function, Rise]) -> list[Function]:
    """The functions for which the test says so, with one error rate for all."""
    # What could not be proven if all its samples were on head is no part of the family.
    tested = [one for one in found if counts.least_probability(one) <= ERROR_RATE]
    likely = [one for one in tested if found[one].changed]
    others = [one for one in tested if not found[one].changed]
    if not likely:
        return _holm(counts, others, ERROR_RATE)
    return [*_holm(counts, likely, ERROR_RATE / 2), *_holm(counts, others, ERROR_RATE / 2)]


def _holm(counts: Counts, functions: Sequence[Function], error_rate: float) -> list[Function]:
    by_probability = sorted((counts.probability(function), place) for place, function in enumerate(functions))
    found = []
    for rank, (probability, place) in enumerate(by_probability):
        if probability > error_rate / (len(functions) - rank):
            break
        found.append(functions[place])
    return found


def _likely(counts: Counts, found: Sequence[Rise], known: KnownRise) -> list[Rise]:
    """The one function that has the rise which is known, if that is as good as sure; [] otherwise."""
    # How much likelier the samples are if this function has the whole rise, than if all have a little of it.
    evidence = []
    for rise in found:
        variance = counts.error_ms(rise.function) ** 2 + known.error_ms**2
        gain = known.change_ms * (rise.change_ms - known.change_ms / 2) / variance
        evidence.append(gain + (math.log(_PRIOR_OF_CHANGED) if rise.changed else 0.0))
    most = max(0.0, *evidence)
    weights = [math.exp(one - most) for one in evidence]
    best = weights.index(max(weights))
    return [found[best]] if weights[best] >= _SURE * (sum(weights) + math.exp(-most)) else []


def _rise(counts: Counts, function: Function, changed: bool | None) -> Rise:
    base, head = counts.times(function)
    differences = [late - early for early, late in zip(base, head, strict=True)]
    half = student_quantile(_INTERVAL_TAIL, len(differences) - 1) * stdev(differences) / math.sqrt(len(differences))
    change = fmean(differences)
    return Rise(function, fmean(base), fmean(head), change - half, change + half, changed)
