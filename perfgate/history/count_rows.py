"""What was counted for each request of a scenario, as rows of `counters` and as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from perfgate.metrics.catalogue import OF_COUNTS, count_of, metric_of, with_name
from perfgate.metrics.run import ScenarioRun

_DIGITS = 6

Counts = dict[str, float]
"""Values by their metrics with names: "counter{name:queries}"."""


def counts_of(scenario_run: ScenarioRun) -> dict[str | None, Counts]:
    """All that is known of a scenario, by request name; under None of the whole."""
    found: dict[str | None, Counts] = {}
    for request, metric in scenario_run.counts:
        value = scenario_run.read(metric, "value", request)
        if value is not None:
            found.setdefault(request, {})[metric] = round(value, _DIGITS)
    return found


def rows_of_counts(
    run_id: str, scenario: str, request: str | None, counts: Mapping[str, float]
) -> list[dict[str, Any]]:
    """The rows of `counters`."""
    return [
        {
            "run_id": run_id,
            "scenario": scenario,
            "request": request or "",
            "metric": metric_of(metric).name,
            "name": count_of(metric) or "",
            "value": value,
        }
        for metric, value in sorted(counts.items())
    ]


def counts_by_result(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Counts]:
    """The counts of a run's results, by scenario and request ("" of the whole). ValueError for a row of no count."""
    found: dict[tuple[str, str], Counts] = {}
    for row in rows:
        if row["metric"] not in OF_COUNTS:
            raise ValueError(f"{row['metric']!r} counts nothing")
        metric = with_name(row["metric"], row["name"])
        found.setdefault((row["scenario"], row["request"]), {})[metric] = row["value"]
    return found
