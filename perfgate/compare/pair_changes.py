"""The change of a row in each pair of a duet, on a scale on which changes add up."""

from __future__ import annotations

import math

from perfgate.compare.pairs import sign_of, worse_logs
from perfgate.compare.rows import Row, rows_of
from perfgate.compare.sample import counted_pairs, paired_sample, totals, valid_pairs
from perfgate.metrics.run import ScenarioRun


def changes_by_row(base: ScenarioRun, head: ScenarioRun) -> dict[Row, tuple[float, ...]]:
    """The changes of every row that has some."""
    counted = counted_pairs(base, head)
    rows = rows_of(base.scenario, base.executor, *totals(counted)) if counted else ()
    return {row: changes for row in rows if (changes := changes_in(row, base, head))}


def changes_in(row: Row, base: ScenarioRun, head: ScenarioRun) -> tuple[float, ...]:
    """The change in every pair that can be believed for this row, worse ones positive, in the order of measuring.

    Logs of head/base; of a row in points the difference head - base.
    """
    pairs = counted_pairs(base, head) if row.is_count else valid_pairs(base, head)
    if not row.in_points:
        return tuple(worse_logs(row, pairs))
    sample = paired_sample(pairs, row.metric, row.stat, row.request)
    return tuple(sign_of(row) * (on_head - on_base) for on_base, on_head in sample)


def change_of(row: Row, worse: float) -> float:
    """What such a change is on the scale of `Comparison.change`: positive where the number went up."""
    signed = sign_of(row) * worse
    return signed if row.in_points else math.expm1(signed)
