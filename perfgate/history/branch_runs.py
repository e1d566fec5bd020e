"""The runs of a branch that others are compared with, without their results: thousands of them in little time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfgate.units import parse_timestamp


@dataclass(frozen=True)
class BranchRun:
    """A finished run of a branch.

    id: of the run.
    started_at: Unix seconds.
    commit: that was measured, "" where unknown.
    dirty: whether the commit had changes.
    testbed: the id of the machine.
    """

    id: str
    started_at: float
    commit: str
    dirty: bool
    testbed: str


@dataclass(frozen=True)
class BranchRuns:
    """The runs of a branch.

    runs: the newest first.
    scenarios: the names of all scenarios that they measured.
    """

    runs: tuple[BranchRun, ...]
    scenarios: tuple[str, ...]


@dataclass(frozen=True)
class PackedLatencies:
    """The latencies of one request name in one run, as `histogram_codec.pack` wrote them."""

    run: str
    request: str
    packed: bytes


# As for a baseline: what did not finish and heads of duets are left out.
_OF_BRANCH = "finished AND side <> 'head' AND branch = :branch"

_RUNS = f"""
SELECT id, started_at, commit_sha, dirty, testbed_id FROM runs
WHERE {_OF_BRANCH} AND (:testbed IS NULL OR testbed_id = :testbed)
ORDER BY started_at DESC, id DESC
"""

_SCENARIOS = f"""
SELECT DISTINCT results.scenario FROM runs
JOIN results ON results.run_id = runs.id AND results.request = ''
WHERE {_OF_BRANCH} AND results.rounds > results.invalid_rounds
ORDER BY results.scenario
"""

_LATENCIES = """
SELECT results.run_id, results.request, results.histogram
FROM json_each(:runs) AS wanted
JOIN results ON results.run_id = wanted.value AND results.scenario = :scenario
WHERE results.histogram IS NOT NULL
"""


def runs_of_branch(connection: sqlite3.Connection, branch: str, testbed: str | None) -> Iterator[BranchRun]:
    """The runs, the newest first. testbed: its id; None for any."""
    found = connection.execute(_RUNS, {"branch": branch, "testbed": testbed})
    for run, started_at, commit, dirty, machine in found:
        yield BranchRun(run, parse_timestamp(started_at), commit, bool(dirty), machine)


def read_branch(connection: sqlite3.Connection, branch: str) -> BranchRuns:
    """All runs of a branch, and what they measured."""
    scenarios = (scenario for (scenario,) in connection.execute(_SCENARIOS, {"branch": branch}))
    return BranchRuns(tuple(runs_of_branch(connection, branch, None)), tuple(scenarios))


def packed_latencies(connection: sqlite3.Connection, scenario: str, runs: Sequence[str]) -> Iterator[PackedLatencies]:
    """The latencies of a scenario in these runs, in no particular order."""
    for run, request, packed in connection.execute(_LATENCIES, {"scenario": scenario, "runs": json.dumps([*runs])}):
        if isinstance(packed, bytes):
            yield PackedLatencies(run, request, packed)
