"""Single statistics of many runs, read as columns: a trend over thousands of runs needs nothing else of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from perfgate.history.branch_runs import BranchRun, runs_of_branch
from perfgate.history.histogram_codec import unpack
from perfgate.history.timing_rows import STATS as STATS_OF_TIMINGS
from perfgate.metrics.catalogue import (
    METRICS,
    NAMED,
    OF_COUNTS,
    OF_DEPENDENCIES,
    STATS,
    Kind,
    metric_of,
    name_in,
    quantile_of,
    with_name,
)
from perfgate.metrics.phases import EVENT_WAITING, EVENTS, TIMINGS
from perfgate.metrics.tally_statistics import NANOSECONDS_PER_MILLISECOND


@dataclass(frozen=True)
class Statistic:
    """One statistic of the metric catalogue. ValueError where it is none, or where no history has it.

    metric: of a dependency or counter with its name ("dependency_cpu{name:postgres}"), or without for all of them.
    """

    metric: str
    stat: str

    def __post_init__(self) -> None:
        _expression(self.metric, self.stat)


@dataclass(frozen=True)
class Wanted:
    """Runs of a branch: those that began since a moment, and the newest ones whenever they began.

    branch: its name.
    testbed: its id; None for any.
    since: Unix seconds; None for no such moment.
    newest: the number of runs of each testbed; None for all.
    scenario: its name; None for all.
    """

    branch: str
    testbed: str | None
    since: float | None
    newest: int | None
    scenario: str | None


class StoredValue(NamedTuple):
    """One statistic of one scenario of one run, or of one request name of it. A tuple: there are many of them.

    value: in the unit of its metric.
    run: the id of the run.
    started_at: of the run (Unix seconds).
    commit: that was measured, "" where unknown.
    dirty: whether the commit had changes.
    testbed: the id of the machine.
    scenario_hash: of the scenario's source, data and load profile.
    request: a request name; None for the whole scenario.
    """

    statistic: Statistic
    value: float
    run: str
    started_at: float
    commit: str
    dirty: bool
    testbed: str
    scenario: str
    scenario_hash: str
    request: str | None


_COLUMNS = {
    ("iteration_duration", "avg"): "iteration_avg_ms",
    ("iteration_duration", "med"): "iteration_med_ms",
    ("iteration_duration", "p(95)"): "iteration_p95_ms",
    ("http_req_failed", "rate"): "1.0 * failed / nullif(requests, 0)",
    ("checks", "rate"): "1.0 * checks_passed / nullif(checks_passed + checks_failed, 0)",
    ("service_cpu", "value"): "service_cpu_ms",
    ("service_memory", "value"): "service_memory_bytes",
    ("dependency_cpu", "value"): "cpu_ms",
    ("dependency_memory", "value"): "memory_bytes",
    ("counter", "value"): "value",
    ("server_timing", "value"): "value",
    ("server_timing_count", "value"): "value",
    ("vus", "value"): "vus",
    ("vus_max", "value"): "vus_max",
}
_COUNTS = {
    "http_reqs": "requests",
    "http_req_retries": "retries",
    "iterations": "iterations",
    "dropped_iterations": "dropped_iterations",
    "data_sent": "data_sent_bytes",
    "data_received": "data_received_bytes",
    EVENTS: "CASE WHEN requests IS NOT NULL THEN coalesce(count, 0) END",
}

_VALUES = """
WITH measured AS (SELECT results.*, whole.scenario_hash AS whole_hash
  FROM json_each(:runs) AS wanted
  JOIN results ON results.run_id = wanted.value
  JOIN results AS whole
    ON whole.run_id = results.run_id AND whole.scenario = results.scenario AND whole.request = ''
  WHERE whole.rounds > whole.invalid_rounds AND (:scenario IS NULL OR results.scenario = :scenario))
SELECT run_id, scenario, whole_hash, request, {expressions} FROM measured
"""


_OF_DEPENDENCIES = """
SELECT dependencies.run_id, dependencies.scenario, whole.scenario_hash, dependencies.name, {expression}
FROM json_each(:runs) AS wanted
JOIN dependencies ON dependencies.run_id = wanted.value
JOIN results AS whole
  ON whole.run_id = dependencies.run_id AND whole.scenario = dependencies.scenario AND whole.request = ''
WHERE whole.rounds > whole.invalid_rounds AND (:scenario IS NULL OR whole.scenario = :scenario)
"""

_OF_COUNTERS = """
SELECT counters.run_id, counters.scenario, whole.scenario_hash, counters.request, counters.name, counters.value
FROM json_each(:runs) AS wanted
JOIN counters ON counters.run_id = wanted.value
JOIN results AS whole
  ON whole.run_id = counters.run_id AND whole.scenario = counters.scenario AND whole.request = ''
WHERE whole.rounds > whole.invalid_rounds AND counters.metric = :metric
  AND (:scenario IS NULL OR whole.scenario = :scenario)
"""

_OF_TIMINGS = """
WITH measured AS (SELECT results.*, whole.scenario_hash AS whole_hash,
    timings.count, timings.avg_ms AS avg, timings.med_ms AS med, timings.p95_ms AS p95, timings.p99_ms AS p99,
    timings.max_ms AS max
  FROM json_each(:runs) AS wanted
  JOIN results ON results.run_id = wanted.value
  JOIN results AS whole
    ON whole.run_id = results.run_id AND whole.scenario = results.scenario AND whole.request = ''
  LEFT JOIN timings ON timings.run_id = results.run_id AND timings.scenario = results.scenario
    AND timings.request = results.request AND timings.metric = :metric
  WHERE whole.rounds > whole.invalid_rounds AND (:scenario IS NULL OR results.scenario = :scenario))
SELECT run_id, scenario, whole_hash, request, {expression} FROM measured
"""


@dataclass(frozen=True)
class _Asked:
    """What values are asked for. runs: by their ids. scenario: its name; None for all."""

    runs: Mapping[str, BranchRun]
    scenario: str | None

    @property
    def parameters(self) -> dict[str, str | None]:
        """For a query."""
        return {"runs": json.dumps([*self.runs]), "scenario": self.scenario}


def values_of(connection: sqlite3.Connection, statistics: Sequence[Statistic], wanted: Wanted) -> Iterator[StoredValue]:
    """The values of scenarios with a valid round, in no particular order; latencies of request names alone.

    Those of dependencies and counters have the metric with the name, however it was asked for.
    """
    runs = {run.id: run for run in _newest(runs_of_branch(connection, wanted.branch, wanted.testbed), wanted)}
    asked = _Asked(runs, wanted.scenario)
    of_results = [one for one in statistics if metric_of(one.metric).name not in (*NAMED, *TIMINGS, EVENTS)]
    if of_results:
        yield from _values_of_results(connection, of_results, asked)
    for statistic in statistics:
        if metric_of(statistic.metric).name in OF_DEPENDENCIES:
            yield from _values_of_dependencies(connection, statistic, asked)
        elif metric_of(statistic.metric).name in OF_COUNTS:
            yield from _values_of_counters(connection, statistic, asked)
        elif statistic.metric in (*TIMINGS, EVENTS):
            yield from _values_of_timings(connection, statistic, asked)


def _values_of_results(
    connection: sqlite3.Connection, statistics: Sequence[Statistic], asked: _Asked
) -> Iterator[StoredValue]:
    expressions = ", ".join(_expression(one.metric, one.stat) for one in statistics)
    query = _VALUES.format(expressions=expressions)
    for run_id, scenario, scenario_hash, request, *values in connection.execute(query, asked.parameters):
        # Put together here once for all its values: there are hundreds of thousands.
        of_all = (*_facts_of(asked.runs[run_id]), scenario, scenario_hash, request or None)
        for statistic, stored in zip(statistics, values, strict=True):
            if stored is not None and (request or statistic.metric != "http_req_duration"):
                value = _quantile(statistic, stored) if isinstance(stored, bytes) else float(stored)
                if value is not None:
                    yield StoredValue(statistic, value, *of_all)


def _values_of_dependencies(
    connection: sqlite3.Connection, statistic: Statistic, asked: _Asked
) -> Iterator[StoredValue]:
    wanted = name_in(statistic.metric)
    metric = metric_of(statistic.metric).name
    query = _OF_DEPENDENCIES.format(expression=_expression(metric, statistic.stat))
    for run_id, scenario, scenario_hash, name, value in connection.execute(query, asked.parameters):
        if value is not None and wanted in (None, name):
            named = Statistic(with_name(metric, name), statistic.stat)
            yield _stored_value(asked.runs[run_id], named, float(value), _Place(scenario, scenario_hash, None))


def _values_of_counters(connection: sqlite3.Connection, statistic: Statistic, asked: _Asked) -> Iterator[StoredValue]:
    wanted, metric = name_in(statistic.metric), metric_of(statistic.metric).name
    parameters = asked.parameters | {"metric": metric}
    for run_id, scenario, scenario_hash, request, name, value in connection.execute(_OF_COUNTERS, parameters):
        if wanted in (None, name):
            named = Statistic(with_name(metric, name), statistic.stat)
            yield _stored_value(
                asked.runs[run_id], named, float(value), _Place(scenario, scenario_hash, request or None)
            )


def _values_of_timings(connection: sqlite3.Connection, statistic: Statistic, asked: _Asked) -> Iterator[StoredValue]:
    metric = EVENT_WAITING if statistic.metric == EVENTS else statistic.metric
    query = _OF_TIMINGS.format(expression=_expression(statistic.metric, statistic.stat))
    for run_id, scenario, scenario_hash, request, value in connection.execute(
        query, asked.parameters | {"metric": metric}
    ):
        if value is not None:
            place = _Place(scenario, scenario_hash, request or None)
            yield _stored_value(asked.runs[run_id], statistic, float(value), place)


class _Place(NamedTuple):
    """Where in a run a value is from; see StoredValue for its fields."""

    scenario: str
    scenario_hash: str
    request: str | None


def _stored_value(run: BranchRun, statistic: Statistic, value: float, place: _Place) -> StoredValue:
    return StoredValue(statistic, value, *_facts_of(run), *place)


def _facts_of(run: BranchRun) -> tuple[str, float, str, bool, str]:
    """What all values of a run have in common, in the order of StoredValue."""
    return run.id, run.started_at, run.commit, run.dirty, run.testbed


def _newest(runs: Iterator[BranchRun], wanted: Wanted) -> Iterator[BranchRun]:
    """The wanted ones among the runs, which come newest first."""
    seen: dict[str, int] = {}
    for run in runs:
        seen[run.testbed] = seen.get(run.testbed, 0) + 1
        among_newest = wanted.newest is None or seen[run.testbed] <= wanted.newest
        if among_newest or (wanted.since is not None and run.started_at >= wanted.since):
            yield run


def _expression(metric: str, stat: str) -> str:
    """What SQL reads the statistic by; percentiles without a column by their distribution."""
    if metric not in METRICS and not name_in(metric):
        raise ValueError(f"there is no metric {metric!r}")
    metric = metric_of(metric).name
    if metric == "http_req_duration":
        if stat in STATS[Kind.TREND]:
            return f"{stat.replace('(', '').replace(')', '')}_ms"
        if quantile_of(stat) is not None:
            return "histogram"
    elif metric in TIMINGS and stat in STATS_OF_TIMINGS:
        return f'"{STATS_OF_TIMINGS[stat].removesuffix("_ms")}"'
    elif metric in _COUNTS and stat in STATS[Kind.COUNTER]:
        return _COUNTS[metric] if stat == "count" else f"{_COUNTS[metric]} / nullif(seconds, 0)"
    elif (metric, stat) in _COLUMNS:
        return _COLUMNS[metric, stat]
    raise ValueError(f"the history has no {stat!r} of {metric}; it has {', '.join(_stats_of(metric))}")


def _stats_of(metric: str) -> list[str]:
    if metric in TIMINGS:
        return [*STATS_OF_TIMINGS]
    if metric in _COUNTS:
        return [*STATS[Kind.COUNTER]]
    return [stat for name, stat in _COLUMNS if name == metric] or [*STATS[METRICS[metric].kind]]


def _quantile(statistic: Statistic, packed: bytes) -> float | None:
    """Of a distribution."""
    quantile = quantile_of(statistic.stat)
    return None if quantile is None else unpack(packed).quantile(quantile) / NANOSECONDS_PER_MILLISECOND
