"""Merging histories, by union: any two of them, in any order, give the same runs. There is nothing to conflict.

A run is made by one process, so two histories can only differ in how far along a run was when they were copied, or in
what was dropped of it since. Of two versions of one run the whole of the greater one is taken: `Version` is a total
order on what a run holds, and the maximum of a total order is commutative, associative and idempotent.

With the history that both sides came from, a run that only one side changed or removed (`perfgate history prune`) is
taken from that side, as git does with lines. Nothing that both sides changed is ever removed.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from perfgate.errors import HistoryError
from perfgate.history.opening import BUSY_SECONDS, open_for_reading, open_for_writing
from perfgate.history.sqlite_errors import refusing
from perfgate.history.transaction import transaction


@dataclass(frozen=True)
class Merged:
    """How many runs a merge put in, brought to another version, and took out; all 0 where the file was left alone."""

    added: int
    replaced: int
    removed: int


@dataclass(frozen=True, order=True)
class Version:
    """What a history holds of one run; the greater version is the one that tells more.

    finished: 1 where the run came to its end, else 0.
    rounds: the number of rounds, of all scenarios.
    histograms: the number of distributions.
    digest: a hash over all values, so that different versions differ.
    """

    finished: int
    rounds: int
    histograms: int
    digest: bytes


@dataclass(frozen=True)
class _Change:
    """One run that a merge touches.

    ours: its version in the target; None where the target lacks it.
    chosen: its version after the merge; None where it goes.
    """

    run_id: str
    ours: Version | None
    chosen: Version | None


def merge_into(
    target: Path, other: Path, base: Path | None = None, *, removing: bool = True, leaving_out: Collection[str] = ()
) -> Merged:
    """Put into `target` what `other` has and it lacks, in one transaction; the file is made where there is none.

    base: the history that both came from, where it is known. removing: whether a run that `other` removed since then
    goes; otherwise runs are only added and completed. leaving_out: ids of runs of `other` that do not count. Nothing to
    do leaves the file as it is. HistoryError where one of them cannot be read or written; `target` is then as it was.
    """
    with refusing(other), closing(open_for_reading(other, BUSY_SECONDS)) as source:
        theirs = {run_id: one for run_id, one in versions_of(source).items() if run_id not in leaving_out}
        common = {} if base is None else _versions_in(base)
        with (
            refusing(target),
            closing(open_for_writing(target, BUSY_SECONDS)) as connection,
            transaction(connection),
        ):
            changes = _changes(common, versions_of(connection), theirs, removing)
            _put_testbeds(connection, source)
            for change in changes:
                _put_run(connection, source, change)
    return Merged(
        added=sum(change.ours is None for change in changes),
        replaced=sum(None not in (change.ours, change.chosen) for change in changes),
        removed=sum(change.chosen is None for change in changes),
    )


def merge_as(output: Path, one: Path, other: Path, base: Path | None = None) -> Merged:
    """Write the union of two histories to a file that is not there yet; neither of them is changed."""
    if output.exists():
        raise HistoryError(
            f"{output}: is there already",
            f"Merge into it with `perfgate history merge {output} {one}`, or name another.",
        )
    with refusing(output), TemporaryDirectory(prefix=".perfgate-", dir=output.parent) as folder:
        copy = Path(folder, "merged.db")
        copy_history(one, copy)
        merged = merge_into(copy, other, base)
        os.replace(copy, output)
    return merged


def copy_history(path: Path, copy: Path) -> None:
    """A copy of a history as it is at this moment, even while another process writes to it."""
    with refusing(path), closing(open_for_reading(path, BUSY_SECONDS)) as source, refusing(copy):
        connection = sqlite3.connect(copy, isolation_level=None)
        with closing(connection):
            source.backup(connection)


_NO_TEXT = """
SELECT 1 FROM runs WHERE typeof(id) <> 'text' UNION ALL SELECT 1 FROM results WHERE typeof(run_id) <> 'text' LIMIT 1
"""

# What a run has besides its results.
_BESIDE_RESULTS = (
    "SELECT * FROM dependencies ORDER BY run_id, scenario, name",
    "SELECT * FROM counters ORDER BY run_id, scenario, request, metric, name",
    "SELECT * FROM timings ORDER BY run_id, scenario, request, metric",
)


def versions_of(connection: sqlite3.Connection) -> dict[str, Version]:
    """The version of every run, by its id. DatabaseError for ids that are no text, which SQLite keeps all the same."""
    if connection.execute(_NO_TEXT).fetchone():
        raise sqlite3.DatabaseError("malformed: the id of a run is no text")
    versions: dict[str, Version] = {}
    beside = [_rows_by_run(connection, query) for query in _BESIDE_RESULTS]
    results = connection.execute(
        "SELECT run_id, coalesce(rounds, 0), histogram IS NOT NULL, * FROM results ORDER BY run_id, scenario, request"
    )
    following = next(results, None)
    for run_id, finished, *row in connection.execute("SELECT id, finished, * FROM runs ORDER BY id"):
        digest, rounds, histograms = hashlib.sha256(repr(row).encode()), 0, 0
        while following is not None and following[0] <= run_id:
            if following[0] == run_id:
                rounds += following[1]
                histograms += following[2]
                digest.update(repr(following[3:]).encode())
            following = next(results, None)
        for of_table in beside:
            digest.update(repr(of_table.get(run_id)).encode())
        versions[run_id] = Version(finished, rounds, histograms, digest.digest())
    return versions


def _rows_by_run(connection: sqlite3.Connection, query: str) -> dict[str, list[tuple[object, ...]]]:
    found: dict[str, list[tuple[object, ...]]] = {}
    for row in connection.execute(query):
        found.setdefault(row[0], []).append(row)
    return found


def _versions_in(path: Path) -> dict[str, Version]:
    """Of the common ancestor; git gives an empty file where there was none."""
    if path.exists() and not path.stat().st_size:
        return {}
    with refusing(path), closing(open_for_reading(path, BUSY_SECONDS)) as connection:
        return versions_of(connection)


def _changes(
    base: dict[str, Version], ours: dict[str, Version], theirs: dict[str, Version], removing: bool
) -> list[_Change]:
    """What must happen to `ours`, in the order of the run ids."""
    changes = []
    for run_id in sorted({*ours, *theirs}):
        mine = ours.get(run_id)
        chosen = _choose(base.get(run_id), mine, theirs.get(run_id))
        if chosen != mine and (removing or chosen is not None):
            changes.append(_Change(run_id, mine, chosen))
    return changes


def _choose(base: Version | None, one: Version | None, other: Version | None) -> Version | None:
    if base is not None and one == base:
        return other
    if base is not None and other == base:
        return one
    return max((version for version in (one, other) if version is not None), default=None)


def _put_run(connection: sqlite3.Connection, source: sqlite3.Connection, change: _Change) -> None:
    if change.ours is not None:
        connection.execute("DELETE FROM runs WHERE id = ?", [change.run_id])  # and all that belongs to it
    if change.chosen is not None:
        _insert(connection, "runs", source.execute("SELECT * FROM runs WHERE id = ?", [change.run_id]))
        for table in ("results", "dependencies", "counters", "timings"):
            _insert(connection, table, source.execute(f"SELECT * FROM {table} WHERE run_id = ?", [change.run_id]))


def _put_testbeds(connection: sqlite3.Connection, source: sqlite3.Connection) -> None:
    """Of two rows of one testbed that with less memory: what a kernel reports differs from boot to boot."""
    order = "SELECT memory_bytes, cpu_model, cores, id FROM testbeds"
    ours = {row[3]: row for row in connection.execute(order)}
    for row in source.execute(order).fetchall():
        if row[3] not in ours:
            _insert(connection, "testbeds", source.execute("SELECT * FROM testbeds WHERE id = ?", [row[3]]))
        elif row < ours[row[3]]:
            connection.execute("UPDATE testbeds SET memory_bytes = ?, cpu_model = ?, cores = ? WHERE id = ?", row)


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    for row in rows:
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
