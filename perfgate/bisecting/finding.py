"""What a search comes to."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.bisecting.belief import Estimate


@dataclass(frozen=True)
class SingleCommit:
    """One commit did it, or one of several that cannot be told apart.

    places: of the commits that it may be; one where it is known.
    probability: that it is among them.
    step: its change.
    """

    places: tuple[int, ...]
    probability: float
    step: Estimate


@dataclass(frozen=True)
class LineStretch:
    """The commits behind one place, up to another, and what they changed together."""

    after: int
    until: int
    rise: Estimate


@dataclass(frozen=True)
class SeveralCommits:
    """No single commit did it.

    probability: of that.
    stretches: of the whole line, in order, as far as they were measured apart.
    """

    probability: float
    stretches: tuple[LineStretch, ...]


@dataclass(frozen=True)
class Undecided:
    """Nothing is sure enough.

    suspects: the places of the likeliest commits with their probabilities, the likeliest first.
    several: the probability that no single one did it.
    """

    suspects: tuple[tuple[int, float], ...]
    several: float


@dataclass(frozen=True)
class NothingSlower:
    """The ends surely differ, and for the better alone: there is nothing to search for."""


Finding = SingleCommit | SeveralCommits | Undecided
