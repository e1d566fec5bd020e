"""Pruning: the runs that a history need not keep, and what their deletion saves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from perfgate.history.merging import copy_history
from perfgate.history.opening import BUSY_SECONDS, open_for_reading, open_for_writing
from perfgate.history.sqlite_errors import refusing
from perfgate.history.transaction import transaction

# Freed pages are filled by the next runs, which costs git next to nothing. Rewriting the file costs a whole copy of it,
# once, and pays only where much of it is free.
_REWRITE_SHARE = 0.25

# Which runs are alike when they are thinned: one of each stays.
_DAY = "substr(started_at, 1, 10)"
_PERIODS = {"day": _DAY, "week": f"date({_DAY}, 'weekday 0')"}

# Of each scenario by itself, as runs need not have all of them; what nothing can be compared with comes last.
_KEPT = """
SELECT first_value(runs.id) OVER (
  PARTITION BY branch, testbed_id, target, side, {period}, results.scenario
  ORDER BY finished AND coalesce(results.rounds > results.invalid_rounds, 1) DESC, finished DESC, runs.id DESC
)
FROM runs LEFT JOIN results ON results.run_id = runs.id AND results.request = ''
WHERE ? IS NULL OR started_at < ?
"""


@dataclass(frozen=True)
class Plan:
    """What to keep; None asks for nothing. Times are UTC in ISO 8601, as in the column `started_at`.

    newest: the number of runs to keep.
    since: keep runs that began then or later.
    thin: keep of each day or week the newest run that finished and had a valid round, per scenario, branch, testbed,
        target and side.
    thin_before: thin runs that began before then.
    histograms_since: delete the distributions of runs that began before then; their percentiles stay.
    always: the ids of runs that stay in any case.
    """

    newest: int | None
    since: str | None
    thin: Literal["day", "week"] | None
    thin_before: str | None
    histograms_since: str | None
    always: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Pruned:
    """What pruning did.

    runs_before, runs_after: the number of runs.
    histograms: the number of distributions that were deleted.
    bytes_before, bytes_after: the size of the file.
    reusable: the bytes in it that are free for the next runs.
    """

    runs_before: int
    runs_after: int
    histograms: int
    bytes_before: int
    bytes_after: int
    reusable: int


def prune(path: Path, plan: Plan) -> Pruned:
    """Delete what the plan does not keep, in one transaction. HistoryError where it cannot be done."""
    with refusing(path):
        open_for_reading(path, BUSY_SECONDS).close()  # never makes one
        with closing(open_for_writing(path, BUSY_SECONDS)) as connection:
            size = path.stat().st_size
            before = _count(connection, "runs")
            with transaction(connection):
                for deletion in _deletions(plan):
                    connection.execute(
                        f"DELETE FROM runs WHERE ({deletion.condition}) AND id NOT IN (SELECT value FROM json_each(?))",
                        [*deletion.parameters, json.dumps(sorted(plan.always))],
                    )
                histograms = _drop_histograms(connection, plan.histograms_since)
                after = _count(connection, "runs")
                if after < before:
                    connection.execute("DELETE FROM testbeds WHERE id NOT IN (SELECT testbed_id FROM runs)")
            if _pragma(connection, "freelist_count") >= _REWRITE_SHARE * _pragma(connection, "page_count"):
                connection.execute("VACUUM")
            reusable = _pragma(connection, "freelist_count") * _pragma(connection, "page_size")
        return Pruned(before, after, histograms, size, path.stat().st_size, reusable)


def rehearse(path: Path, plan: Plan) -> Pruned:
    """What `prune` would do, found out on a copy."""
    with TemporaryDirectory(prefix="perfgate-") as folder:
        copy = Path(folder, "perfgate.db")
        copy_history(path, copy)
        return prune(copy, plan)


@dataclass(frozen=True)
class _Deletion:
    """The runs to delete: an SQL condition on `runs`, and its parameters."""

    condition: str
    parameters: Sequence[object]


def _deletions(plan: Plan) -> list[_Deletion]:
    """The runs that a plan does not keep."""
    deletions: list[_Deletion] = []
    if plan.since is not None:
        deletions.append(_Deletion("started_at < ?", [plan.since]))
    if plan.newest is not None:
        # Both sides of a duet began at once, and stay or go together.
        oldest = "SELECT started_at FROM runs ORDER BY started_at DESC LIMIT 1 OFFSET ?"
        deletions.append(_Deletion(f"started_at < ({oldest})", [plan.newest - 1]))
    if plan.thin is not None:
        kept = _KEPT.format(period=_PERIODS[plan.thin])
        deletions.append(_Deletion(f"(? IS NULL OR started_at < ?) AND id NOT IN ({kept})", [plan.thin_before] * 4))
    return deletions


def _drop_histograms(connection: sqlite3.Connection, since: str | None) -> int:
    if since is None:
        return 0
    old = "SELECT id FROM runs WHERE started_at < ?"
    return connection.execute(
        f"UPDATE results SET histogram = NULL WHERE histogram IS NOT NULL AND run_id IN ({old})", [since]
    ).rowcount


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
