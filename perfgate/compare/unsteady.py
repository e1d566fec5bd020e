"""Regressions of sides that were never steady.

A runtime that is still on its way differs from another that is further for no other reason (Barrett et al. 2017,
"Virtual Machine Warmup Blows Hot and Cold"): that head is slower meanwhile is no regression.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.compare.rows import FAILED


def downgrade_unsteady(rows: Sequence[Comparison], unsteady: Collection[str]) -> tuple[Comparison, ...]:
    """The rows of one scenario, its regressions inconclusive where a side was never steady.

    unsteady: the sides that still got faster when their warm-up had to end. Failed requests and counts stand: no
    warm-up makes a service answer errors, or a request ask more.
    """
    if not unsteady:
        return tuple(rows)
    warning = f"{' and '.join(sorted(unsteady))} still got faster when the warm-up had to end: not proven before that"
    return tuple(
        replace(comparison, verdict=RowVerdict.INCONCLUSIVE, warnings=(*comparison.warnings, warning))
        if comparison.verdict is RowVerdict.REGRESSED
        and comparison.row.metric != FAILED
        and not comparison.row.is_count
        else comparison
        for comparison in rows
    )
