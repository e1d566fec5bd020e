"""Whether a history is sound: not only SQLite's pages, but also the rows and what they say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from perfgate.history.histogram_codec import unpack
from perfgate.history.opening import BUSY_SECONDS, damage_of, open_for_reading
from perfgate.history.schema.migrations import MIGRATIONS
from perfgate.history.sqlite_errors import refusing
from perfgate.metrics.phases import TIMINGS

# Each finds rows that no perfgate writes, and says what is wrong with them.
_QUERIES = (
    (
        "SELECT id FROM runs WHERE julianday(started_at) IS NULL",
        "run {0}: started_at is no time",
    ),
    (
        "SELECT id, name FROM (SELECT id, 'versions' AS name, versions AS text FROM runs "
        "UNION ALL SELECT id, 'cpus', cpus FROM runs) WHERE NOT json_valid(text)",
        "run {0}: {1} is not JSON",
    ),
    (
        "SELECT run_id, scenario, request FROM results AS named WHERE request <> '' AND NOT EXISTS (SELECT 1 FROM "
        "results WHERE run_id = named.run_id AND scenario = named.scenario AND request = '')",
        "run {0}, {1}: {2} belongs to no row of the whole scenario",
    ),
    (
        "SELECT run_id, scenario, request FROM results WHERE requests < 0 OR failed < 0 OR failed > requests "
        "OR seconds < 0 OR typeof(requests) NOT IN ('integer', 'null') OR typeof(failed) NOT IN ('integer', 'null')",
        "run {0}, {1} {2}: its counts cannot be",
    ),
    (
        "SELECT run_id, scenario, request FROM results WHERE request = '' AND (rounds IS NULL OR "
        "scenario_hash IS NULL OR invalid_rounds NOT BETWEEN 0 AND rounds)",
        "run {0}, {1}: the row of the whole scenario lacks its rounds",
    ),
    (
        "SELECT run_id, scenario, request, name FROM (SELECT run_id, scenario, request, 'errors' AS name, errors AS "
        "text FROM results UNION ALL SELECT run_id, scenario, request, 'warnings', warnings FROM results "
        "UNION ALL SELECT run_id, scenario, request, 'problems', problems FROM results) "
        "WHERE text IS NOT NULL AND NOT json_valid(text)",
        "run {0}, {1} {2}: {3} is not JSON",
    ),
    (
        "SELECT run_id, scenario, name FROM dependencies AS named WHERE NOT EXISTS (SELECT 1 FROM "
        "results WHERE run_id = named.run_id AND scenario = named.scenario AND request = '')",
        "run {0}, {1}: the dependency {2} belongs to no row of the whole scenario",
    ),
    (
        "SELECT run_id, scenario, name FROM dependencies WHERE cpu_ms < 0 OR memory_bytes < 0 "
        "OR typeof(cpu_ms) NOT IN ('real', 'null') OR typeof(memory_bytes) NOT IN ('integer', 'null')",
        "run {0}, {1}: what the dependency {2} used cannot be",
    ),
    (
        "SELECT run_id, scenario, request, name FROM counters AS named WHERE NOT EXISTS (SELECT 1 FROM "
        "results WHERE run_id = named.run_id AND scenario = named.scenario AND request = named.request)",
        "run {0}, {1} {2}: the counter {3} belongs to no result",
    ),
    (
        "SELECT run_id, scenario, request, name FROM counters WHERE typeof(value) <> 'real' "
        "OR metric NOT IN ('counter', 'server_timing', 'server_timing_count')",
        "run {0}, {1} {2}: what the counter {3} says cannot be",
    ),
    (
        "SELECT run_id, scenario, request, metric FROM timings AS named WHERE NOT EXISTS (SELECT 1 FROM "
        "results WHERE run_id = named.run_id AND scenario = named.scenario AND request = named.request)",
        "run {0}, {1} {2}: {3} belongs to no result",
    ),
    (
        "SELECT run_id, scenario, request, metric FROM timings WHERE min(coalesce(count, 0), coalesce(avg_ms, 0), "
        "coalesce(med_ms, 0), coalesce(p95_ms, 0), coalesce(p99_ms, 0), coalesce(max_ms, 0)) < 0 "
        "OR typeof(avg_ms) NOT IN ('real', 'null') OR typeof(count) NOT IN ('integer', 'null') "
        f"OR metric NOT IN {TIMINGS}",
        "run {0}, {1} {2}: what {3} says cannot be",
    ),
)

_HISTOGRAMS = """
SELECT run_id, scenario, request, CASE WHEN command NOT LIKE 'import %' THEN requests - failed END, histogram
FROM results JOIN runs ON runs.id = run_id
WHERE histogram IS NOT NULL
"""


def faults_of(path: Path) -> tuple[str, ...]:
    """What is wrong with a history, in sentences; empty where it is sound. HistoryError where it cannot be read."""
    with refusing(path), closing(open_for_reading(path, BUSY_SECONDS)) as connection:
        return damage_of(connection) or (*_of_tables(connection), *_of_rows(connection), *_of_histograms(connection))


def _of_tables(connection: sqlite3.Connection) -> Iterator[str]:
    with closing(sqlite3.connect(":memory:")) as fresh:
        for statements in MIGRATIONS:
            for statement in statements:
                fresh.execute(statement)
        wanted, found = _columns(fresh), _columns(connection)
    for name in sorted(wanted.keys() - found.keys()):
        yield f"the table or view {name} is missing"
    for name in sorted(wanted.keys() & found.keys()):
        if wanted[name] != found[name]:
            yield f"{name} has other columns than it should"


def _columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    named = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    return {
        name: [column for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", [name])]
        for (name,) in named
    }


def _of_rows(connection: sqlite3.Connection) -> Iterator[str]:
    for query, sentence in _QUERIES:
        for row in connection.execute(query):
            yield sentence.format(*row)


def _of_histograms(connection: sqlite3.Connection) -> Iterator[str]:
    for run_id, scenario, request, succeeded, blob in connection.execute(_HISTOGRAMS):
        try:
            count = unpack(blob).count
        except (TypeError, ValueError) as error:
            yield f"run {run_id}, {scenario} {request}: the histogram cannot be read ({error})"
            continue
        if succeeded not in (None, count):  # other tools time failed requests as well
            yield f"run {run_id}, {scenario} {request}: the histogram counts {count} requests, the row {succeeded}"
