"""A dry run as plain values, such as JSON has."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from perfgate.report.dry_run.values import DryRun, ForeseenRow, PlannedScenario

SCHEMA = "perfgate.dry_run/1"


def dumps(planned: DryRun) -> str:
    """The dry run as JSON, without a line break at its end. Durations are seconds, changes and margins fractions."""
    plain = {
        "schema": SCHEMA,
        **asdict(planned),
        "scenarios": [_scenario(scenario) for scenario in planned.scenarios],
        "seconds": planned.seconds,
    }
    return json.dumps(plain, indent=2)


def _scenario(scenario: PlannedScenario) -> dict[str, Any]:
    return {**asdict(scenario), "rows": [_row(row) for row in scenario.rows], "seconds": scenario.seconds}


def _row(row: ForeseenRow) -> dict[str, Any]:
    return {**asdict(row.row), "unit": row.row.unit, **{k: v for k, v in asdict(row).items() if k != "row"}}
