"""The posterior: which commit made the change, and whether one alone did.

A search whose answers err needs no answer twice if it keeps how likely each place is, and weighs every answer by how
often it errs (Ben-Or & Hassidim 2008, "The Bayesian learner is optimal for noisy binary search"; Waeber, Frazier &
Henderson 2013, "Bisection search with noisy responses"). A duet says more than yes or no: it says how far its two
commits lie apart, and how sure that is, and the ends of the line say how far that would be if the commit is between
them. So each reading weighs as much as it is worth, and a commit that changed a little is no reason to err.

All is Gaussian. If commit k did it, its step is about the whole change, and every other commit adds a little drift. If
several did, the change is spread over all commits. Readings of overlapping stretches share the drift of what they have
in common.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import NormalDist

from perfgate.bisecting.cholesky import Cholesky, product
from perfgate.bisecting.commit_line import CommitLine
from perfgate.bisecting.reading import Reading

# All as shares of the whole change. By how much the step of the one commit may differ from it; what an ordinary commit
# drifts by, and the whole line at most; what the line scatters by around an even rise, where several did it.
_STEP = 1 / 3
_DRIFT = 1 / 30
_MOST_DRIFT = 1 / 4
_SCATTERED = 1 / 2

# A commit that made less than this share of the whole change is not the one that did it.
_MOST_OF_IT = 0.6

# How likely it is, before anything is measured, that several did it, if there are many. Of few it is less: two that did
# it have to be two that can be told apart.
_SEVERAL = 0.1

# For what is reported of steps: so wide that it decides nothing.
_OPEN = 4.0

_NEVER = 1e-9

_Ends = tuple[int, int]
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Estimate:
    """A change, worse ones positive, with its standard error."""

    change: float
    error: float


class Belief:
    """What the readings of a line say, those of its two ends among them.

    whole: the change between the ends.
    """

    def __init__(self, line: CommitLine, readings: Sequence[Reading]) -> None:
        self._line = line
        self._readings = readings
        self.whole = whole_change(line, readings)
        self._stretches = [(reading.base, reading.head) for reading in readings]
        drifting = Cholesky(self._covariance((self.whole * drift_of(line)) ** 2))
        self._half_changes = drifting.halved([reading.change for reading in readings])
        self._drifting = drifting
        self._by_group: dict[tuple[bool, ...], tuple[float, Estimate]] = {}

    def probability(self, after: int, until: int) -> float:
        """That one commit stands out, and lies behind one place, up to another."""
        return self._alone * sum(self.commits[after:until])

    @cached_property
    def commits(self) -> tuple[float, ...]:
        """For each commit, the probability that it did it, if a single one did."""
        logs = [math.log(weight) + self._of_step(place)[0] for place, weight in enumerate(self._line.weights, 1)]
        most = max(logs)
        shares = [math.exp(one - most) for one in logs]
        return tuple(share / sum(shares) for share in shares)

    @cached_property
    def several(self) -> float:
        """The probability that no single commit did it, or most of it."""
        chances = enumerate(self.commits, 1)
        return max(0.0, 1 - self._alone * sum(chance * self.of_most(place) for place, chance in chances))

    @cached_property
    def _alone(self) -> float:
        """The probability that a single commit stands out at all."""
        line = self._line
        total = line.weight(0, line.last)
        together = sum((line.weight(after, until) / total) ** 2 for after, until in pairwise(line.testable))
        before = _SEVERAL * (1 - together)
        if before < _NEVER:
            return 1.0
        singles = [math.log(weight / total) + self._of_step(place)[0] for place, weight in enumerate(line.weights, 1)]
        most = max(singles)
        single = math.log(1 - before) + most + math.log(sum(math.exp(one - most) for one in singles))
        several = math.log(before) + self._of_several()
        return 1 / (1 + math.exp(min(700.0, several - single)))

    def of_most(self, place: int) -> float:
        """The probability that a commit, if it stands out, made most of the change."""
        if len(self._line.testable) == 2:
            return 1.0
        return self.chance_of_most(self.step(place))

    def chance_of_most(self, change: Estimate) -> float:
        """The probability that such a change is most of the whole one."""
        return _NORMAL.cdf((change.change - self.whole * _MOST_OF_IT) / change.error)

    def step(self, place: int) -> Estimate:
        """The step of a commit, if it did it."""
        return self._of_step(place)[1]

    def rise(self, after: int, until: int) -> Estimate:
        """What the readings say of the change between two places, whoever did it."""
        total = self._line.weight(0, self._line.last)
        variance = (self.whole * _OPEN) ** 2 / total
        spread = Cholesky(self._covariance(variance))
        shared = [variance * self._shared((after, until), stretch) for stretch in self._stretches]
        half = spread.halved(shared)
        mean = product(half, spread.halved([reading.change for reading in self._readings]))
        own = variance * self._line.weight(after, until)
        return Estimate(mean, math.sqrt(max(0.0, own - product(half, half))))

    def _of_step(self, place: int) -> tuple[float, Estimate]:
        """The log likelihood of a commit, but for what all have in common; and its step."""
        group = tuple(after < place <= until for after, until in self._stretches)
        if group not in self._by_group:
            self._by_group[group] = self._of_group(group)
        return self._by_group[group]

    def _of_group(self, group: tuple[bool, ...]) -> tuple[float, Estimate]:
        """By Sherman and Morrison's formula: all commits share the covariance but for their own step."""
        half = self._drifting.halved([float(one) for one in group])
        whole, own, known = self.whole, (self.whole * _STEP) ** 2, product(half, half)
        seen = product(half, self._half_changes)
        rest = [change - whole * one for change, one in zip(self._half_changes, half, strict=True)]
        more = seen - whole * known
        narrowed = own / (1 + own * known)
        log = -(product(rest, rest) - narrowed * more**2 + math.log(1 + own * known)) / 2
        return log - self._drifting.log_determinant / 2, Estimate(whole + narrowed * more, math.sqrt(narrowed))

    def _of_several(self) -> float:
        """The log likelihood of several commits, but for what it has in common with those of a single one."""
        total = self._line.weight(0, self._line.last)
        spread = Cholesky(self._covariance((self.whole * _SCATTERED) ** 2 / total))
        rest = [
            reading.change - self.whole * self._line.weight(reading.base, reading.head) / total
            for reading in self._readings
        ]
        half = spread.halved(rest)
        return -(product(half, half) + spread.log_determinant) / 2

    def _covariance(self, drift: float) -> list[list[float]]:
        """That of the readings. drift: the variance of an ordinary commit."""
        return [
            [
                drift * self._shared(one, other) + (self._readings[row].error ** 2 if row == column else 0.0)
                for column, other in enumerate(self._stretches)
            ]
            for row, one in enumerate(self._stretches)
        ]

    def _shared(self, one: _Ends, other: _Ends) -> float:
        """The weight of the commits that two stretches have in common."""
        return self._line.weight(max(one[0], other[0]), min(one[1], other[1]))


def drift_of(line: CommitLine) -> float:
    """What an ordinary commit drifts by, as a share of the whole change."""
    return min(_DRIFT, _MOST_DRIFT / math.sqrt(line.weight(0, line.last)))


def whole_change(line: CommitLine, readings: Sequence[Reading]) -> float:
    """The change between the two ends, by all duets of them."""
    ends = [reading for reading in readings if (reading.base, reading.head) == (0, line.last)]
    weights = [1 / reading.error**2 for reading in ends]
    return sum(weight * reading.change for weight, reading in zip(weights, ends, strict=True)) / sum(weights)
