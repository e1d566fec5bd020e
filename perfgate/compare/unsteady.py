"""Regressions of sides that were never steady.

A runtime that is still on its way differs from another that is further for no other reason (Barrett et al. 2017,
"Virtual Machine Warmup Blows Hot and Cold"): that head is slower meanwhile is no regression. How much slower it can be
for that reason is bounded: two sides on one way are no further apart than its first levels are from its newest.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.rows import FAILED

# Where requests wait for each other, latency changes by more than the CPU of a request does, which is the level.
_QUEUEING = 2.0


def downgrade_unsteady(rows: Sequence[Comparison], unsteady: Collection[str], fallen: float) -> tuple[Comparison, ...]:
    """The rows of one scenario, its regressions inconclusive where a side was never steady.

    unsteady: the sides that still got faster when their warm-up had to end. Failed requests and counts stand: no
    warm-up makes a service answer errors, or a request ask more.
    fallen: how far the level of a side fell while it warmed up, the most of both (a log ratio). Changes whose
    interval is wholly beyond twice that stand.
    """
    if not unsteady:
        return tuple(rows)
    warning = f"{' and '.join(sorted(unsteady))} still got faster when the warm-up had to end: not proven before that"
    return tuple(
        replace(comparison, verdict=RowVerdict.INCONCLUSIVE, warnings=(*comparison.warnings, warning))
        if comparison.verdict is RowVerdict.REGRESSED and _may_be_of_warmth(comparison, fallen)
        else comparison
        for comparison in rows
    )


def _may_be_of_warmth(comparison: Comparison, fallen: float) -> bool:
    """Whether two sides at different places of one way could differ so much."""
    if comparison.row.metric == FAILED or comparison.row.is_count:
        return False
    if comparison.row.in_points or comparison.interval is None:
        return True
    return any(
        bound > -1 and abs(math.log1p(bound)) <= _QUEUEING * fallen
        for bound in (comparison.interval.low, comparison.interval.high)
    )
