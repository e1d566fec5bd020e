"""The search from beginning to end, with whoever measures as its oracle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from perfgate.bisecting.commit_line import CommitLine
from perfgate.bisecting.finding import Finding, Undecided
from perfgate.bisecting.pairing import Pair
from perfgate.bisecting.reading import Trial
from perfgate.bisecting.search import CommitSearch


class Oracle(Protocol):
    """What measures duets, and keeps what was measured."""

    @property
    def trials(self) -> Sequence[Trial]:
        """All so far, one of the two ends among them."""
        ...

    @property
    def untested(self) -> frozenset[int]:
        """The places that were found not to be measurable."""
        ...

    @property
    def spent(self) -> bool:
        """Whether there is no load left to spend."""
        ...

    def duet(self, pair: Pair, is_over: Callable[[Trial], bool]) -> None:
        """Measure two places until `is_over`, and keep the trial, or which of them cannot be measured."""
        ...


def find(likely: Sequence[bool], oracle: Oracle, instance_noise: float) -> tuple[Finding, CommitSearch]:
    """What the oracle's duets come to, and the last state of the search.

    likely: for each commit, whether it changes what the service is made of.
    """
    while True:
        search = CommitSearch(CommitLine(likely, oracle.untested), oracle.trials, instance_noise)
        finding = search.finding()
        if not isinstance(finding, Undecided) or oracle.spent:
            return finding, search
        oracle.duet(search.next_duet(), search.is_over)
