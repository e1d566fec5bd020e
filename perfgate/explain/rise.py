"""The functions that take more time on head than chance explains.

Each function is tested as a whole, and in each of its parts: its own lines, and what it calls of a library. Many
samples of one library would hide what another one takes more. All that is tested shares one error rate (Holm 1979);
what the commits changed has half of it for itself, since that is where causes are (weights: Benjamini & Hochberg 1997,
"Multiple hypotheses testing with weights"). Where the duet has proven that something rose, and by how much, less is
needed: the function that explains this rise best is named, if it does so far better than every other one and than
several together (Bayes' rule).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from perfgate.compare.statistics import student_quantile
from perfgate.explain.counts import Counts
from perfgate.explain.pairs import ProfiledPair
from perfgate.explain.profile import Function, Stack

# The probability that any function is named where nothing changed.
ERROR_RATE = 0.03
_INTERVAL_TAIL = 0.025
# Of what a request takes on base: less is no reason for a red verdict.
_LEAST_RISE = 0.005
FEWEST_PAIRS = 4
"""Fewer that are usable name nothing."""
MOST_OF_IT = 0.7
"""A part of a rise that is so much of it is where it is spent."""
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
    """What one function is charged with on both sides, or a part of that; milliseconds a request.

    path: of origin.charges.
    base_ms, head_ms: on each side.
    low_ms, high_ms: the 95 % interval of the difference, over the pairs.
    changed: whether the commits differ in it, or in what it calls; None where nobody knows.
    """

    path: Stack
    base_ms: float
    head_ms: float
    low_ms: float
    high_ms: float
    changed: bool | None

    @property
    def function(self) -> Function:
        """Which one is charged."""
        return self.path[0]

    @property
    def is_whole(self) -> bool:
        """Whether it is all that the function is charged with."""
        return len(self.path) == 1

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
    """What rose beyond chance, the most first; () where too little was seen. Of a function the whole, or parts.

    changed: whether the commits differ in a function that begins on a line; None where nobody knows.
    known: the rise of all functions together, where it is certain that there is one.
    """
    usable = [pair for pair in pairs if pair.usable]
    if len(usable) < FEWEST_PAIRS:
        return ()
    counts = Counts(usable)
    gone = {one: line for one, line in counts.base.lines.items() if one not in counts.head.begins}
    lines = {**gone, **counts.head.lines}

    def differs(path: Stack) -> bool | None:
        outer, *inner = (changed(function, lines.get(function)) for function in path)
        return True if any(inner) else outer

    found = {path: _rise(counts, path, differs(path)) for path in counts.paths}
    least = _LEAST_RISE * counts.base.request_ms
    proven = [found[path] for path in _proven(counts, found)]
    named = _told_once([rise for rise in proven if rise.low_ms > 0 and rise.change_ms >= least])
    if not named and found and known is not None:
        named = _likely(counts, list(found.values()), known)
    return tuple(sorted(named, key=lambda rise: rise.rank, reverse=True))


def _proven(counts: Counts, found: Mapping[Stack, Rise]) -> list[Stack]:
    """What the test says so of, with one error rate for all."""
    # What could not be proven if all its samples were on head is no part of the family.
    tested = [one for one in found if counts.least_probability(one) <= ERROR_RATE]
    likely = [one for one in tested if found[one].changed]
    others = [one for one in tested if not found[one].changed]
    if not likely:
        return _holm(counts, others, ERROR_RATE)
    return [*_holm(counts, likely, ERROR_RATE / 2), *_holm(counts, others, ERROR_RATE / 2)]


def _holm(counts: Counts, paths: Sequence[Stack], error_rate: float) -> list[Stack]:
    by_probability = sorted((counts.probability(path), place) for place, path in enumerate(paths))
    found = []
    for rank, (probability, place) in enumerate(by_probability):
        if probability > error_rate / (len(paths) - rank):
            break
        found.append(paths[place])
    return found


def _told_once(proven: Sequence[Rise]) -> list[Rise]:
    """No rise together with one that it is a part of: the part where that is most of it, the whole otherwise."""
    wholes = {rise.function: rise for rise in proven if rise.is_whole}
    most = {
        rise.function: rise
        for rise in proven
        if not rise.is_whole
        and rise.function in wholes
        and rise.change_ms >= MOST_OF_IT * wholes[rise.function].change_ms
    }
    return [rise for rise in proven if rise is most.get(rise.function, wholes.get(rise.function, rise))]


def _likely(counts: Counts, found: Sequence[Rise], known: KnownRise) -> list[Rise]:
    """The one function that has the rise which is known, if that is as good as sure; [] otherwise."""

    # How much likelier the samples are if this function has the whole rise, than if all have a little of it: all over,
    # or in one of its parts.
    def evidence(rise: Rise) -> float:
        variance = counts.error_ms(rise.path) ** 2 + known.error_ms**2
        gain = known.change_ms * (rise.change_ms - known.change_ms / 2) / variance
        return gain + (math.log(_PRIOR_OF_CHANGED) if rise.changed else 0.0)

    by_evidence = sorted(((evidence(rise), rise) for rise in found), key=lambda one: one[0])
    likeliest = {rise.function: one for one, rise in by_evidence}
    most, best = by_evidence[-1]
    highest = max(0.0, most)
    weights = math.fsum(math.exp(one - highest) for one in likeliest.values()) + math.exp(-highest)
    return [best] if math.exp(most - highest) >= _SURE * weights else []


def _rise(counts: Counts, path: Stack, changed: bool | None) -> Rise:
    base, head = counts.times(path)
    differences = [late - early for early, late in zip(base, head, strict=True)]
    half = student_quantile(_INTERVAL_TAIL, len(differences) - 1) * stdev(differences) / math.sqrt(len(differences))
    change = fmean(differences)
    return Rise(path, fmean(base), fmean(head), change - half, change + half, changed)
