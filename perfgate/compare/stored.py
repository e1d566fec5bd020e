"""Stored runs as points: one statistic of one run each, and all that decides whether two may be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from perfgate.compare.comparison import Comparison, undecided
from perfgate.compare.rows import Row, rows_of
from perfgate.compare.rules import Rules
from perfgate.metrics.run import Run
from perfgate.metrics.tally import read


@dataclass(frozen=True)
class StoredPoint:
    """One statistic of one stored run, in the unit of its metric. run: its id; started_at: Unix seconds."""

    row: Row
    value: float
    run: str
    started_at: float
    testbed: str
    scenario_hash: str


def points_of(run: Run) -> tuple[StoredPoint, ...]:
    """The points of a run of one side: every row of every scenario that measured it."""
    return tuple(
        StoredPoint(row, value, run.record.id, run.record.started_at, run.record.testbed.id, scenario.scenario_hash)
        for scenario in run.scenarios
        for total in [scenario.total]
        for row in rows_of(scenario.scenario, scenario.executor, total, total)
        if (value := read(total, row.metric, row.stat, row.request)) is not None
    )


def rows_without_base(run: Run, rules: Rules) -> tuple[Comparison, ...]:
    """Every row of a run that is compared with nothing: values to be read, which gate nothing."""
    rounds = {scenario.scenario: len(scenario.valid_rounds) for scenario in run.scenarios}
    return tuple(
        replace(undecided(point.row, None, point.value, rules, rounds[point.row.scenario]), gated=False)
        for point in points_of(run)
    )
