"""Where the time of a scenario's requests went, as rows of `timings` and as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from perfgate.metrics.phases import EVENT_WAITING, EVENTS, TIMINGS
from perfgate.metrics.run import ScenarioRun
from perfgate.metrics.tally_statistics import timing_counts

_MS_DECIMALS = 4
STATS = {"avg": "avg_ms", "med": "med_ms", "p(95)": "p95_ms", "p(99)": "p99_ms", "max": "max_ms"}
"""The statistics that are kept, and their columns."""


@dataclass(frozen=True)
class StoredTiming:
    """One phase of requests, or the waiting for events. count: how many had any of it, or the events; None: not known.

    Milliseconds; None where they are not known.
    """

    count: int | None
    avg_ms: float | None
    med_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None

    def read(self, stat: str) -> float | None:
        """One statistic by the names of the metric catalogue; None where it is not kept."""
        value: float | None = getattr(self, STATS[stat]) if stat in STATS else None
        return value


Timings = dict[str, StoredTiming]
"""By metric."""


def timings_of(scenario_run: ScenarioRun) -> dict[str | None, Timings]:
    """All that is known of a scenario, by request name; under None of the whole."""
    found: dict[str | None, Timings] = {}
    events = [(None, EVENT_WAITING)] if scenario_run.read(EVENTS, "count") else []
    for request, metric in (*scenario_run.timings, *events):
        read = {column: scenario_run.read(metric, stat, request) for stat, column in STATS.items()}
        rounded = {column: None if value is None else round(value, _MS_DECIMALS) for column, value in read.items()}
        count = timing_counts(scenario_run.total, metric, request)
        found.setdefault(request, {})[metric] = StoredTiming(count, **rounded)
    return found


def rows_of_timings(
    run_id: str, scenario: str, request: str | None, timings: Mapping[str, StoredTiming]
) -> list[dict[str, Any]]:
    """The rows of `timings`."""
    key = {"run_id": run_id, "scenario": scenario, "request": request or ""}
    return [{**key, "metric": metric, **asdict(timing)} for metric, timing in sorted(timings.items())]


def timings_by_result(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Timings]:
    """The timings of a run's results, by scenario and request ("" of the whole). ValueError for a row of none."""
    found: dict[tuple[str, str], Timings] = {}
    for row in rows:
        if row["metric"] not in TIMINGS:
            raise ValueError(f"{row['metric']!r} is no time of requests")
        timing = StoredTiming(row["count"], **{column: row[column] for column in STATS.values()})
        found.setdefault((row["scenario"], row["request"]), {})[row["metric"]] = timing
    return found
