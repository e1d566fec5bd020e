"""The queries: rows of an open history as values, the newest first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from perfgate.history.count_rows import counts_by_result
from perfgate.history.dependency_rows import dependencies_by_scenario
from perfgate.history.rows import BesideResult, Row, stored_result, stored_run
from perfgate.history.stored import StoredResult, StoredRun
from perfgate.history.timing_rows import timings_by_result

# Both sides of a duet began at once; the head is what was asked about.
_NEWEST_FIRST = "started_at DESC, side = 'base', id DESC"

_RUNS = f"""
SELECT
  runs.*, testbeds.cpu_model, testbeds.cores, testbeds.memory_bytes,
  (SELECT json_group_array(scenario) FROM results WHERE run_id = runs.id AND request = '') AS scenarios
FROM (SELECT * FROM runs WHERE {{condition}} ORDER BY {_NEWEST_FIRST} LIMIT :limit) AS runs
JOIN testbeds ON testbeds.id = runs.testbed_id
ORDER BY {_NEWEST_FIRST.replace("id DESC", "runs.id DESC")}
"""

_RESULTS = """
SELECT results.*, whole.scenario_hash AS whole_scenario_hash, whole.executor AS whole_executor
FROM results
JOIN results AS whole ON whole.run_id = results.run_id AND whole.scenario = results.scenario AND whole.request = ''
WHERE results.run_id = :run_id
ORDER BY results.scenario, results.request
"""

_DEPENDENCIES = "SELECT * FROM dependencies WHERE run_id = :run_id ORDER BY scenario, name"
_TIMINGS = "SELECT * FROM timings WHERE run_id = :run_id ORDER BY scenario, request, metric"
_COUNTERS = "SELECT * FROM counters WHERE run_id = :run_id ORDER BY scenario, request, metric, name"

# Conditions on `runs`; a parameter that is NULL asks for nothing.
_LISTED = """
(:branch IS NULL OR branch = :branch)
AND (:testbed_id IS NULL OR testbed_id = :testbed_id)
AND (:finished IS NULL OR finished = :finished)
"""

_OF_BASELINE = """
finished AND side <> 'head' AND branch = :branch
AND commit_sha NOT IN (SELECT value FROM json_each(:except_commits))
AND (:imported OR command NOT LIKE 'import %')
AND (:testbed IS NULL OR testbed_id = :testbed)
"""

# Results are looked at from the next run on until there are enough: LIMIT -1 keeps SQLite from looking at all first.
_NEXT = f"""
id IN (
  SELECT id FROM (SELECT id FROM runs WHERE {{when}} AND {_OF_BASELINE} ORDER BY {{order}} LIMIT -1) AS candidates
  WHERE EXISTS (
    SELECT 1 FROM results WHERE run_id = candidates.id AND request = '' AND rounds > invalid_rounds
    AND (:scenario IS NULL OR (scenario = :scenario AND scenario_hash = :scenario_hash))
  )
  LIMIT :limit
)
"""
_BEFORE = _NEXT.format(when="started_at < :moment", order=_NEWEST_FIRST)
_AFTER = _NEXT.format(when="started_at > :moment", order="started_at, id")


def query(connection: sqlite3.Connection, sql: str, parameters: Mapping[str, Any]) -> Iterator[Row]:
    """The rows that a query finds, each as a mapping from its columns."""
    cursor = connection.execute(sql, parameters)
    columns = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(columns, row, strict=True))


def runs_where(
    connection: sqlite3.Connection, condition: str, parameters: dict[str, Any], limit: int | None = None
) -> list[StoredRun]:
    """The runs that meet an SQL condition, the newest first; limit None for all."""
    rows = query(
        connection, _RUNS.format(condition=condition), parameters | {"limit": -1 if limit is None else max(0, limit)}
    )
    return [stored_run(row) for row in rows]


def listed_runs(
    connection: sqlite3.Connection, branch: str | None, testbed_id: str | None, finished: bool | None, limit: int | None
) -> list[StoredRun]:
    """The runs of a branch, of a testbed, finished or not; None for any."""
    wanted = {"branch": branch, "testbed_id": testbed_id, "finished": None if finished is None else int(finished)}
    return runs_where(connection, _LISTED, wanted, limit)


def runs_before(connection: sqlite3.Connection, wanted: dict[str, Any], limit: int) -> list[StoredRun]:
    """The runs that `History.runs_before` says. moment: a time as `started_at` has it; except_commits: a JSON list."""
    return runs_where(connection, _BEFORE, wanted, limit)


def runs_after(connection: sqlite3.Connection, wanted: dict[str, Any], limit: int) -> list[StoredRun]:
    """The runs that `History.runs_after` says; wanted as for `runs_before`."""
    return runs_where(connection, _AFTER, wanted, limit)


def ids_of_runs(connection: sqlite3.Connection, branch: str | None) -> list[str]:
    """The ids of all runs, or of those of a branch."""
    found = connection.execute("SELECT id FROM runs WHERE :branch IS NULL OR branch = :branch", {"branch": branch})
    return [run for (run,) in found]


def results_of(connection: sqlite3.Connection, run: StoredRun) -> list[StoredResult]:
    """The results of a run: of each scenario the whole first, then its request names."""
    wanted = {"run_id": run.record.id}
    dependencies = dependencies_by_scenario(query(connection, _DEPENDENCIES, wanted))
    rows = query(connection, _RESULTS, wanted)
    counts = counts_by_result(query(connection, _COUNTERS, wanted))
    timings = timings_by_result(query(connection, _TIMINGS, wanted))

    def beside(row: Row) -> BesideResult:
        key = row["scenario"], row["request"]
        return BesideResult(dependencies.get(row["scenario"], {}), counts.get(key, {}), timings.get(key, {}))

    return [stored_result(row, run, beside(row)) for row in rows]
