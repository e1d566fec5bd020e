"""The line of commits between two ends, and how likely each of them is to change anything."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

# A commit that changes documents or tests alone is as likely to have done it as one in fifty others: what is taken for
# no part of a service may be one after all.
UNLIKELY = 0.02


class CommitLine:
    """The commits after the good end, in order. Place 0 is the good end, the last place the bad one.

    likely: for each commit, whether it changes what the service is made of.
    untested: the places that cannot be measured; neither end is one.
    """

    def __init__(self, likely: Sequence[bool], untested: frozenset[int] = frozenset()) -> None:
        self.weights = tuple(1.0 if one else UNLIKELY for one in likely)
        self.untested = untested

    @property
    def last(self) -> int:
        """The place of the bad end."""
        return len(self.weights)

    @cached_property
    def testable(self) -> tuple[int, ...]:
        """The places that can be measured, both ends among them."""
        return tuple(place for place in range(self.last + 1) if place not in self.untested)

    @cached_property
    def _sums(self) -> tuple[float, ...]:
        return (0.0, *accumulate(self.weights))

    def weight(self, after: int, until: int) -> float:
        """That of all commits behind one place, up to another; 0 where there are none."""
        return max(0.0, self._sums[until] - self._sums[after]) if until > after else 0.0
