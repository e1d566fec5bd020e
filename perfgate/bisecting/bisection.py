"""A whole bisection, as reports read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfgate.bisecting.belief import Estimate
from perfgate.bisecting.finding import Finding, NothingSlower
from perfgate.bisecting.reading import Reading
from perfgate.compare.rows import Row

# How often two ends that do not differ are said to, all rows together.
ENDS_ERROR_RATE = 0.001


@dataclass(frozen=True)
class LineCommit:
    """A commit of the line.

    sha: its full hash.
    authored: when it was written (ISO 8601).
    subject: the first line of its message.
    merge: whether it has more than one parent.
    likely: whether it changes what the service is made of.
    """

    sha: str
    authored: str
    subject: str
    merge: bool
    likely: bool


@dataclass(frozen=True)
class Bisection:
    """What a bisection came to.

    good: the full hash of the good end.
    commits: those after it, up to the bad end.
    row: the one that was followed, or, where nothing got slower between the ends, the one that differed most clearly.
    whole: the change of that row between the ends.
    finding: None where no change is sure between the ends.
    readings: of all duets, in their order.
    untested: why places could not be measured.
    load_seconds: of all duets, both sides together, those that left a commit out among them (s).
    """

    good: str
    commits: tuple[LineCommit, ...]
    row: Row
    whole: Estimate
    finding: Finding | NothingSlower | None
    readings: tuple[Reading, ...]
    untested: Mapping[int, str]
    load_seconds: float
