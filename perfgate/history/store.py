"""The history: runs are put in as they are measured, and taken out as values."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from perfgate.errors import HistoryError
from perfgate.history.branch_runs import BranchRuns, PackedLatencies, packed_latencies, read_branch
from perfgate.history.count_rows import counts_of, rows_of_counts
from perfgate.history.dependency_rows import dependencies_of, rows_of_dependencies
from perfgate.history.finding import find_run
from perfgate.history.opening import BUSY_SECONDS, open_for_reading, open_for_writing, refuse_full_disk
from perfgate.history.reading import ids_of_runs, listed_runs, query, results_of, runs_after, runs_before, runs_where
from perfgate.history.rows import Row, row_of_run, row_of_stored, row_of_testbed, rows_of_results
from perfgate.history.sqlite_errors import refusing
from perfgate.history.stored import MeasuredAs, StoredResult, StoredRun
from perfgate.history.timing_rows import rows_of_timings, timings_of
from perfgate.history.transaction import transaction
from perfgate.history.values import Statistic, StoredValue, Wanted, values_of
from perfgate.metrics.run import Run, RunRecord, ScenarioRun, Testbed
from perfgate.metrics.threshold import ThresholdResult
from perfgate.units import format_timestamp

if TYPE_CHECKING:
    from sqlite_utils import Database

_KEYS = {
    "testbeds": ("id",),
    "runs": ("id",),
    "results": ("run_id", "scenario", "request"),
    "dependencies": ("run_id", "scenario", "name"),
    "counters": ("run_id", "scenario", "request", "metric", "name"),
    "timings": ("run_id", "scenario", "request", "metric"),
}


def open_history(path: Path | str, *, create: bool, busy_seconds: float = BUSY_SECONDS) -> History:
    """The history at `path`.

    create: for saving; made where there is none, and migrated where it is older. Otherwise for reading alone.
    busy_seconds: how long to wait for other processes. HistoryError where it cannot be had so.
    """
    path = Path(path)
    if create:
        import_module("sqlite_utils")  # takes a quarter of a second: now, rather than between two rounds
    return History(path, (open_for_writing if create else open_for_reading)(path, busy_seconds))


class History:
    """An open history. Every method raises HistoryError where the file cannot be read or written."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @cached_property
    def _database(self) -> Database:
        """For writing; reading does without its import."""
        from sqlite_utils import Database

        return Database(self._connection, recursive_triggers=False, execute_plugins=False)

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def check_room(self) -> None:
        """HistoryError where the disk has no room for another run: better now than after minutes of load."""
        refuse_full_disk(self.path)

    def save(
        self,
        record: RunRecord,
        scenario_run: ScenarioRun,
        thresholds: Iterable[ThresholdResult] = (),
        *,
        finished: bool = False,
    ) -> None:
        """Put in one scenario of a run with all rounds so far, in one short transaction.

        Meant to be called after every round, with finished=True after the last one of the run: the rows of before are
        brought up to date. What is there already is not written again, and a run that has finished stays so.
        """
        self.save_run(Run(record, (scenario_run,)), thresholds, finished=finished)

    def save_run(self, run: Run, thresholds: Iterable[ThresholdResult] = (), *, finished: bool = True) -> None:
        """Put in all scenarios of a run in one transaction, as `save` does."""
        held = tuple(thresholds)
        id_ = run.record.id
        rows = {
            scenario_run.scenario: {
                "results": rows_of_results(id_, scenario_run, held),
                "dependencies": rows_of_dependencies(id_, scenario_run.scenario, dependencies_of(scenario_run)),
                "counters": [
                    row
                    for request, counts in counts_of(scenario_run).items()
                    for row in rows_of_counts(id_, scenario_run.scenario, request, counts)
                ],
                "timings": [
                    row
                    for request, timings in timings_of(scenario_run).items()
                    for row in rows_of_timings(id_, scenario_run.scenario, request, timings)
                ],
            }
            for scenario_run in run.scenarios
        }
        with self._writing():
            self._put_testbed(row_of_testbed(run.record.testbed))
            self._put_run(row_of_run(run.record, finished))
            for scenario, of_tables in rows.items():
                for table, of_table in of_tables.items():
                    self._put_all(table, id_, scenario, of_table)

    def add(self, runs: Iterable[tuple[StoredRun, Sequence[StoredResult]]]) -> int:
        """Put in stored runs with their results, all of them in one transaction; how many were not there yet.

        A run that is there already is left as it is.
        """
        added = 0
        with self._writing():
            for run, results in runs:
                row = row_of_run(run.record, run.finished)
                if self._stored("runs", [row["id"]]) is None:
                    self._put_testbed(row_of_testbed(run.record.testbed))
                    self._put_run(row)
                    for result in results:
                        self._put("results", row_of_stored(result))
                        for of_dependency in rows_of_dependencies(row["id"], result.scenario, result.dependencies):
                            self._put("dependencies", of_dependency)
                        for count in rows_of_counts(
                            row["id"], result.scenario, result.request, result.counts_by_metric
                        ):
                            self._put("counters", count)
                        for timing in rows_of_timings(row["id"], result.scenario, result.request, result.timings):
                            self._put("timings", timing)
                    added += 1
        return added

    def finish(self, run_id: str) -> None:
        """Say of a saved run that it has finished."""
        with self._writing():
            self._database.execute("UPDATE runs SET finished = 1 WHERE id = ? AND NOT finished", [run_id])

    def runs(
        self,
        limit: int | None = None,
        branch: str | None = None,
        testbed_id: str | None = None,
        finished: bool | None = None,
    ) -> tuple[StoredRun, ...]:
        """The runs, the newest first; of one branch or testbed, finished or not, where that is given."""
        with self._reading():
            return tuple(listed_runs(self._connection, branch, testbed_id, finished, limit))

    def runs_before(
        self,
        moment: float,
        branch: str,
        limit: int,
        except_commits: Collection[str] = (),
        *,
        imported: bool = False,
        measured_as: MeasuredAs | None = None,
    ) -> tuple[StoredRun, ...]:
        """The newest finished runs of a branch that began before a moment (Unix seconds), without heads of duets.

        Runs without a valid round are left out. except_commits: whose runs are left out, too. imported: whether runs
        that other tools measured are wanted. measured_as: the scenario that must have a valid round, and where; None
        for any.
        """
        wanted = _wanted(moment, branch, measured_as) | {
            "except_commits": json.dumps(sorted(except_commits)),
            "imported": imported,
        }
        with self._reading():
            return tuple(runs_before(self._connection, wanted, limit))

    def runs_after(self, moment: float, branch: str, limit: int, measured_as: MeasuredAs) -> tuple[StoredRun, ...]:
        """As `runs_before`, but those that began first after the moment; of imported ones none."""
        with self._reading():
            return tuple(runs_after(self._connection, _wanted(moment, branch, measured_as), limit))

    def ids(self, branch: str | None = None) -> frozenset[str]:
        """The ids of all runs, or of those of a branch."""
        with self._reading():
            return frozenset(ids_of_runs(self._connection, branch))

    def find(self, reference: str) -> StoredRun:
        """The run that a person means by a run id, a commit, a branch, the start of an id or commit, or `latest`.

        Of several runs of one commit or branch it is the newest that finished. HistoryError where nothing fits, or
        where a start fits more than one.
        """
        with self._reading():
            return find_run(self._connection, reference)

    def results(self, run_id: str) -> tuple[StoredResult, ...]:
        """The results of a run, of each scenario the whole first, then its request names. HistoryError without it."""
        with self._reading():
            found = runs_where(self._connection, "id = :id", {"id": run_id})
            if not found:
                raise HistoryError(
                    f"{self.path}: there is no run {run_id}", "`perfgate history list` shows the runs that are there."
                )
            return tuple(results_of(self._connection, found[0]))

    def values(self, statistics: Sequence[Statistic], wanted: Wanted) -> tuple[StoredValue, ...]:
        """Single statistics of many runs, without the rest of them; see `perfgate.history.values`."""
        with self._reading():
            return tuple(values_of(self._connection, statistics, wanted))

    def branch(self, branch: str) -> BranchRuns:
        """The runs of a branch that others are compared with, without their results."""
        with self._reading():
            return read_branch(self._connection, branch)

    def packed_latencies(self, scenario: str, runs: Sequence[str]) -> tuple[PackedLatencies, ...]:
        """The latencies of a scenario in these runs, in no particular order."""
        with self._reading():
            return tuple(packed_latencies(self._connection, scenario, runs))

    def testbeds(self) -> tuple[Testbed, ...]:
        """The machines, without what belongs to a run alone: kernel and image are ""."""
        with self._reading():
            found = query(self._connection, "SELECT * FROM testbeds ORDER BY id", {})
            return tuple(Testbed(**row, kernel="", image="") for row in found)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with refusing(self.path):
            try:
                yield
            except (ValueError, TypeError, KeyError) as error:
                why = f"it lacks {error}" if isinstance(error, KeyError) else error
                raise HistoryError(
                    f"{self.path}: a row cannot be understood ({why})", "Was it changed by hand? Restore the file."
                ) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all that is done inside lands, or nothing."""
        with refusing(self.path), transaction(self._connection):
            yield

    def _put_testbed(self, row: Row) -> None:
        stored = self._stored("testbeds", [row["id"]])
        if stored:  # the memory that a kernel reports differs by a little from boot to boot
            row = row | {"memory_bytes": min(stored["memory_bytes"], row["memory_bytes"])}
        self._put("testbeds", row)

    def _put_run(self, row: Row) -> None:
        stored = self._stored("runs", [row["id"]])
        if stored:
            row = row | {"finished": max(stored["finished"], row["finished"])}
        self._put("runs", row)

    def _put_all(self, table: str, run_id: str, scenario: str, rows: list[Row]) -> None:
        """All rows of a scenario in one of the tables.

        A request name of an invalid round is gone again as soon as there is a valid one; so is its row then.
        """
        names = _KEYS[table][2:]
        wanted = {tuple(row[name] for name in names) for row in rows}
        of_scenario = ("run_id = ? AND scenario = ?", [run_id, scenario])
        for stored in self._database.table(table).rows_where(*of_scenario, select=", ".join(names)):
            named = tuple(stored[name] for name in names)
            if named not in wanted:
                self._database.table(table).delete((run_id, scenario, *named))
        for row in rows:
            self._put(table, row)

    def _put(self, table: str, row: Row) -> None:
        """Insert or update one row; one that is there already is left alone, so that the file stays as it is."""
        keys = _KEYS[table]
        if self._stored(table, [row[key] for key in keys]) != row:
            # Not sqlite-utils' upsert: where a full disk fails its trial of ON CONFLICT it says INSERT OR IGNORE, which
            # ignores the row.
            columns = ", ".join(row)
            others = ", ".join(f"{column} = excluded.{column}" for column in row if column not in keys)
            self._database.execute(
                f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(row))})"
                f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {others}",
                list(row.values()),
            )

    def _stored(self, table: str, key: list[str]) -> Row | None:
        condition = " AND ".join(f"{column} = ?" for column in _KEYS[table])
        return next(iter(self._database.table(table).rows_where(condition, key)), None)


def _wanted(moment: float, branch: str, measured_as: MeasuredAs | None) -> Row:
    """The parameters of a query for runs of a baseline."""
    return {
        "moment": format_timestamp(moment),
        "branch": branch,
        "except_commits": "[]",
        "imported": False,
        "testbed": measured_as and measured_as.testbed,
        "scenario": measured_as and measured_as.scenario,
        "scenario_hash": measured_as and measured_as.scenario_hash,
    }
