"""The search: after each duet, what is known, and which duet comes next."""

from __future__ import annotations

import math
from collections.abc import Sequence

from perfgate.bisecting.belief import Belief
from perfgate.bisecting.commit_line import CommitLine
from perfgate.bisecting.finding import Finding, LineStretch, SeveralCommits, SingleCommit, Undecided
from perfgate.bisecting.pairing import Pair, around, most_telling, rises, split_of_largest
from perfgate.bisecting.reading import Reading, Trial, readings

# As sure as a finding must be.
SURE = 0.95

# That no single commit did it is said once nothing is left to be parted that could be one.
_SURE_OF_SEVERAL = 0.75

# Whether a commit made most of the change is measured again where it is open, a few times.
_UNCLEAR = 0.1
_MOST_REPEATED = 3

# A commit did it also where it made less than most, but so many times what any other stretch did.
_BY_FAR = 2.0

# Of commits that cannot be told apart, those are named that are not out of the question.
_NAMED = 0.01
_MOST_SUSPECTS = 5

# A duet is over when its reading is so many times likelier with the commit between its ends than without, or the other
# way round; not before so many pairs, and at the latest when it is as exact as a twelfth of the whole change.
_LIKELIER = math.log(1000)
_LEAST_PAIRS = 8
_EXACT = 1 / 12

# The duet of the ends says how large the change is: it is over when that is so many standard errors.
_CLEAR = 8.0
_LEAST_PAIRS_OF_ENDS = 16


class CommitSearch:
    """What the trials of a line say, the duet of its ends among them.

    instance_noise: the standard deviation between instances of one program.
    """

    def __init__(self, line: CommitLine, trials: Sequence[Trial], instance_noise: float) -> None:
        self._line = line
        self._trials = trials
        self._noise = instance_noise
        self._readings = readings(trials, instance_noise)
        self.belief = Belief(line, self._readings)

    @property
    def readings(self) -> tuple[Reading, ...]:
        return self._readings

    def finding(self) -> Finding:
        """What is known by now."""
        single, split = self._single(), self._split()
        if single is not None and self._confirmed(single) and self._made_most(single):
            return single
        stands_out_alone = single is not None and not self._made_most(single)
        if split is None and (stands_out_alone or self.belief.several >= _SURE_OF_SEVERAL):
            found = rises(self._line, self._readings, self.belief)
            stretches = tuple(LineStretch(after, until, rise) for (after, until), rise in found)
            return SeveralCommits(self.belief.several, stretches)
        chances = [(place, self.belief.probability(place - 1, place)) for place in range(1, self._line.last + 1)]
        suspects = sorted(chances, key=lambda one: one[1], reverse=True)[:_MOST_SUSPECTS]
        return Undecided(tuple(suspects), self.belief.several)

    def next_duet(self) -> Pair:
        """The duet that brings the search on."""
        split = self._split() if self.belief.several > 1 / 2 else None
        if split is not None:
            return split
        likeliest = self._likeliest()
        pair = around(self._line, likeliest)
        if sum(self.belief.commits[pair[0] : pair[1]]) < SURE:
            return most_telling(self._line, self._readings, self.belief)
        if not self._times_measured(pair):
            return pair
        # Whether it made most of the change is left to be told: by the two duets that say how large both are.
        return min(pair, (0, self._line.last), key=self._times_measured)

    def is_over(self, trial: Trial) -> bool:
        """Whether a duet that is being measured needs no more pairs."""
        if len(trial.changes) < _LEAST_PAIRS:
            return False
        *_, reading = readings([*self._trials, trial], self._noise)
        whole = self.belief.whole
        apart = abs(whole * (reading.change - whole / 2)) / reading.error**2
        return apart >= _LIKELIER or _error_of_pairs(reading, trial, self._noise) <= whole * _EXACT

    def _single(self) -> SingleCommit | None:
        """The commit that did it, or those that cannot be told apart, where that is sure."""
        belief, likeliest = self.belief, self._likeliest()
        alone, step = belief.probability(likeliest - 1, likeliest), belief.step(likeliest)
        if alone >= SURE:
            return SingleCommit((likeliest,), alone, step)
        after, until = around(self._line, likeliest)
        together = belief.probability(after, until)
        if together < SURE:
            return None
        inside = range(after + 1, until + 1)
        places = tuple(place for place in inside if belief.probability(place - 1, place) > _NAMED * together)
        return SingleCommit(places, together, step)

    def _split(self) -> Pair | None:
        return split_of_largest(self._line, self._readings, self.belief)

    def _confirmed(self, found: SingleCommit) -> bool:
        """Whether the commit was measured against the one before it, as near as can be, and what that says is clear."""
        if not self._times_measured(around(self._line, found.places[0])):
            return False
        most = self._of_most(found)
        return not _UNCLEAR < most < 1 - _UNCLEAR or self._times_measured((0, self._line.last)) >= _MOST_REPEATED

    def _of_most(self, found: SingleCommit) -> float:
        """The probability that the commit made most of the change, whoever did the rest."""
        return self.belief.chance_of_most(self.belief.rise(*around(self._line, found.places[0])))

    def _made_most(self, found: SingleCommit) -> bool:
        """Whether it is likelier than not that the commit made most of the change, or no other comes near it."""
        if self._of_most(found) >= 1 / 2:
            return True
        place = found.places[0]
        others = [
            rise.change
            for (after, until), rise in rises(self._line, self._readings, self.belief)
            if not after < place <= until
        ]
        return self._split() is None and found.step.change > _BY_FAR * max(others, default=0.0)

    def _likeliest(self) -> int:
        return max(range(1, self._line.last + 1), key=lambda place: self.belief.commits[place - 1])

    def _times_measured(self, pair: Pair) -> int:
        return sum((trial.base, trial.head) == pair for trial in self._trials)


def ends_are_clear(trial: Trial, instance_noise: float) -> bool:
    """Whether the duet of the ends says well enough how large the change is."""
    if len(trial.changes) < _LEAST_PAIRS_OF_ENDS:
        return False
    (reading,) = readings([trial], instance_noise)
    return reading.change >= _CLEAR * _error_of_pairs(reading, trial, instance_noise)


def _error_of_pairs(reading: Reading, trial: Trial, instance_noise: float) -> float:
    """The error that more pairs of these instances would make smaller."""
    return math.sqrt(max(0.0, reading.error**2 - 2 * instance_noise**2 / trial.instances))
