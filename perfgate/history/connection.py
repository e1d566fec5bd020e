"""Connections to SQLite that let go of their file at once when they are closed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from weakref import WeakSet


def connect(path: Path, mode: str, busy_seconds: float) -> sqlite3.Connection:
    """A connection in autocommit mode. mode: "rw", or "rwc" to make the file where there is none."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=busy_seconds, isolation_level=None, factory=_Connection)


class _Connection(sqlite3.Connection):
    """A connection whose cursors end with it.

    sqlite3 keeps a closed file open, and locked, for as long as a cursor of it has not come to its end: the traceback
    of an error holds such cursors (https://www.sqlite.org/c3ref/close.html: "zombie").
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        cursor = super().execute(*arguments)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        for cursor in tuple(self._cursors):
            cursor.close()
        super().close()
