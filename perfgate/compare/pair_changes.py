"""The change of a row in each pair of a duet, on a scale on which changes add up."""

from __future__ import annotations

import math

from perfgate.compare.pairs import sign_of, worse_logs
from perfgate.compare.rows import Row, rows_of
from perfgate.compare.sample import counted_pairs, paired_sample, totals, valid_pairs
from perfgate.metrics.run import ScenarioRun


def changes_by_row(base: ScenarioRun, head: ScenarioRun) -> dict[Row, tuple[float, ...]]:
    """Of each row the change in every pair that can be believed for it, worse ones positive, in the order of measuring.

    Logs of head/base; of a row in points the difference head - base.
    """
    timed, counted = valid_pairs(base, head), counted_pairs(base, head)
    found = {}
    for row in rows_of(base.scenario, base.executor, *totals(counted)) if counted else ():
        pairs = counted if row.is_count else timed
        if row.in_points:
            sample = paired_sample(pairs, row.metric, row.stat, row.request)
            changes = [sign_of(row) * (on_head - on_base) for on_base, on_head in sample]
        else:
            changes = worse_logs(row, pairs)
        if changes:
            found[row] = tuple(changes)
    return found


def change_of(row: Row, worse: float) -> float:
    """What such a change is on the scale of `Comparison.change`: positive where the number went up."""
    signed = sign_of(row) * worse
    return signed if row.in_points else math.expm1(signed)
