"""A change of the code is there all the time; a burst of noise is not.

Rank statistics shrug at a few wild pairs, not at a burst that sits on one side for a third of the duet: no statistic of
the whole can tell that from a change. What can is leaving out: if noise of any size fell on one side in any one stretch
of up to half of the pairs, then one of the halves that are looked at here is free of it, and that half shows a change
only as often as its own test errs. It is a block jackknife (Künsch 1989, "The jackknife and the bootstrap for general
stationary observations") turned into a condition.
"""

from __future__ import annotations

from collections.abc import Callable

# The condition stands beside a test at a far smaller alpha, and must hold for every stretch at once, so it may be mild
# where nothing points to a burst: a stricter one would turn down real changes (2 % of them at 0.01, in closed loop).
# Where neighbouring pairs are strikingly alike something did come and go, and it is not.
MILD = 0.05
STRICT = 0.001


def holds_without_any_stretch(count: int, beyond: Callable[[list[int], float], bool], alpha: float) -> bool:
    """Whether `beyond` is true of the pairs that remain when any stretch of half of `count` pairs is left out.

    beyond: is given the places of the pairs to look at, and the alpha to test at.
    alpha: MILD or STRICT.
    """
    stretch = count // 2
    attainable = max(alpha, 0.5 ** (count - stretch))  # as sure as so few pairs can be
    return all(
        beyond([*range(start), *range(start + stretch, count)], attainable) for start in range(count - stretch, -1, -1)
    )
