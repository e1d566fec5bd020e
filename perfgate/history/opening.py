"""Opening a history: is it one, may it be written, does its schema fit? Everything else is refused with a hint."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from tempfile import TemporaryFile

from perfgate.errors import HistoryError, full_disk
from perfgate.history.connection import connect
from perfgate.history.schema.migrations import VERSION, migrate, version_of
from perfgate.history.schema.version_1 import APPLICATION_ID
from perfgate.history.sqlite_errors import FULL, refusing

BUSY_SECONDS = 10.0

# A run takes about 1 KB for each of its request names, of which there are 200 at most, and its journal as much.
ROOM_BYTES = 256 * 1024
_ROOM = "256 KB"

# The figures behind this are in perfgate.history.schema.migrations.
_PAGE_BYTES = 4096
_SQLITE_MAGIC = b"SQLite format 3\0"
_POINTER = b"version https://git-lfs"


def open_for_reading(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection that cannot change a row of the history. HistoryError where there is none or it cannot be read.

    A history of an older schema is migrated in memory, so reading leaves the file as it is.
    """
    with refusing(path):
        if not path.exists():
            hint = "`perfgate run` makes one; or name another file."
            raise HistoryError(f"{path}: there is no history", hint)
        _refuse_other_files(path)
        if not path.stat().st_size:
            raise HistoryError(f"{path}: the file is empty", "`perfgate run` fills it; or name another file.")
        # Opened for writing all the same: after a killed run the first reader must roll the journal back.
        connection = connect(path, "rw", busy_seconds)
        try:
            _refuse_other_databases(path, connection)
            if version_of(connection) < VERSION:
                connection = _copied_into_memory(connection)
                migrate(connection)
            connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        return connection


def open_for_writing(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection to a sound history of this schema: made where there is none, migrated where it is older.

    HistoryError where that cannot be had: better now than after minutes of load.
    """
    with refusing(path):
        if path.exists():
            _refuse_other_files(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_read_only(path)
        connection = connect(path, "rwc", busy_seconds)
        try:
            _refuse_other_databases(path, connection)
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            connection.execute("PRAGMA auto_vacuum = NONE")
            connection.execute("PRAGMA journal_mode = DELETE")
            # Freed bytes become zeros, so that a row that grew leaves nothing behind that git would have to pack.
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA foreign_keys = ON")
            written_by = version_of(connection)
            migrate(connection)
            _refuse_damage(path, connection)
            if 0 < written_by < VERSION:
                connection.execute("VACUUM")  # a table that was made anew leaves its old pages behind
        except BaseException:
            connection.close()
            raise
        return connection


def is_pointer(path: Path) -> bool:
    """Whether the file is what Git LFS has in the place of another."""
    with refusing(path), path.open("rb") as file:
        return file.read(len(_POINTER)) == _POINTER


def refuse_full_disk(path: Path) -> None:
    """HistoryError where there is no room for a run beside the history: better now than after minutes of load."""
    with refusing(path), TemporaryFile(prefix=f".{path.name}-", dir=path.parent) as trial:
        try:
            trial.write(bytes(ROOM_BYTES))
            trial.flush()
            os.fsync(trial.fileno())
        except OSError as error:
            if not (full := full_disk(error)):
                return  # whatever that is, SQLite may manage
            raise HistoryError(f"{path}: {full}: a run takes up to {_ROOM}", FULL) from error


def damage_of(connection: sqlite3.Connection) -> tuple[str, ...]:
    """What is wrong with the file: SQLite's own check, then the foreign keys. Empty where it is sound."""
    found = []
    try:
        found += [text for (text,) in connection.execute("PRAGMA integrity_check") if text != "ok"]
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:  # so damaged that the check itself cannot go on
        found.append(str(error))
    if found:
        return tuple(found)
    orphans = connection.execute("PRAGMA foreign_key_check")
    return tuple(f"a row of {table} belongs to no row of {parent}" for table, _, parent, _ in orphans)


def _copied_into_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(copy)
    connection.close()
    return copy


def _refuse_other_files(path: Path) -> None:
    """HistoryError for what is there and is no SQLite file; the first bytes tell what it is instead."""
    if path.is_dir():
        raise HistoryError(f"{path}: is a directory", f"Name a file in it, such as {path / 'perfgate.db'}.")
    if not path.is_file():
        raise HistoryError(f"{path}: is not a file", "Name another file.")
    with path.open("rb") as file:
        start = file.read(4096)
    if not start or start.startswith(_SQLITE_MAGIC):
        return
    if start.startswith(_POINTER):
        raise HistoryError(f"{path}: is a Git LFS pointer, not the history itself", "Fetch it with `git lfs pull`.")
    if b'"perfgate.result/' in start:
        raise HistoryError(
            f"{path}: is a result file, not a history", "A history is an SQLite file, such as history/perfgate.db."
        )
    what = "a JSON file" if start.lstrip()[:1] in (b"{", b"[") else "not an SQLite database"
    raise HistoryError(f"{path}: is {what}, so no history", "A history is an SQLite file, such as history/perfgate.db.")


def _refuse_read_only(path: Path) -> None:
    """SQLite itself would notice no sooner than at the first row; it needs the folder for its journal."""
    for place in (path, path.parent):
        if place.exists() and not os.access(place, os.W_OK):
            raise HistoryError(f"{place}: cannot be written", "Make it writable, or name another file.")


def _refuse_other_databases(path: Path, connection: sqlite3.Connection) -> None:
    """HistoryError for a database of another program, and for a history of a newer perfgate."""
    # In this order: another process may be making the history just now, and does both at once.
    filled = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if filled and application != APPLICATION_ID:
        raise HistoryError(f"{path}: is an SQLite database, but no history", "Name another file.")
    version = version_of(connection)
    if version > VERSION:
        raise HistoryError(
            f"{path}: was written by a newer perfgate (schema {version}; this one knows up to {VERSION})",
            "Update perfgate: `pip install --upgrade perfgate`.",
        )


def _refuse_damage(path: Path, connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"malformed: {found}")
