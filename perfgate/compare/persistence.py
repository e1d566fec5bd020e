"""A change of the code is there all the time; a burst of noise is not.

Rank statistics shrug at a few wild pairs, not at a burst that sits on one side for a third of the duet: no statistic of
the whole can tell that from a change. What can is leaving out: if noise of any size fell on one side in any one stretch
of up to half of the pairs, then one of the halves that are looked at here is free of it, and that half shows a change
only as often as its own test errs. It is a block jackknife (Künsch 1989, "The jackknife and the bootstrap for general
stationary observations") turned into a condition.
"""

from __future__ import annotations

from collections.abc import Callable

# The condition stands beside a test at a far smaller level, and must hold for every stretch at once; 1 % of bursts of
# the worst length is what may slip through, before the margin stops most of them.
_LEVEL = 0.01


def holds_without_any_stretch(count: int, beyond: Callable[[list[int], float], bool]) -> bool:
    """Whether `beyond` is true of the pairs that remain when any stretch of half of `count` pairs is left out.

    beyond: is given the places of the pairs to look at, and the level to look at.
    """
    stretch = count // 2
    kept = count - stretch
    level = max(_LEVEL, 0.5**kept)  # as sure as so few pairs can be
    return all(
        beyond([*range(start), *range(start + stretch, count)], level) for start in range(count - stretch, -1, -1)
    )
