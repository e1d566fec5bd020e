"""Runs as points: one statistic of one run each, and all that decides whether two may be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from perfgate.compare.comparison import Comparison, undecided
from perfgate.compare.rows import Row, rows_of_readings
from perfgate.compare.rules import Rules
from perfgate.metrics.readings import RunReadings
from perfgate.metrics.run import Run


@dataclass(frozen=True)
class StoredPoint:
    """One statistic of one run.

    row: the statistic.
    value: in the unit of its row.
    run: the id of the run.
    started_at: of the run (Unix seconds).
    testbed: the id of its testbed; of an imported run, whose machine is unknown, the id of the run.
    scenario_hash: of its source, data and load profile.
    """

    row: Row
    value: float
    run: str
    started_at: float
    testbed: str
    scenario_hash: str


def points_of(run: RunReadings) -> tuple[StoredPoint, ...]:
    """The points of a run of one side, measured or stored: every row of every scenario that has a value."""
    record = run.record
    testbed = record.id if record.imported_from else record.testbed.id  # unknown, so no other run's
    return tuple(
        StoredPoint(row, value, record.id, record.started_at, testbed, scenario.scenario_hash)
        for scenario in run.scenarios
        for row in rows_of_readings(scenario)
        if (value := scenario.read(row.metric, row.stat, row.request)) is not None
    )


def rows_without_base(run: Run, rules: Rules) -> tuple[Comparison, ...]:
    """Every row of a run that is compared with nothing: values to be read, which gate nothing."""
    rounds = {scenario.scenario: len(scenario.valid_rounds) for scenario in run.scenarios}
    return tuple(
        replace(undecided(point.row, None, point.value, rules, rounds[point.row.scenario]), gated=False)
        for point in points_of(run)
    )
