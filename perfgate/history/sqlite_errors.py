"""Errors of SQLite and of the file system as HistoryErrors, with hints: the one place that translates them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perfgate.errors import MAKE_ROOM, HistoryError, full_disk

_RESTORE = "Restore it from git (`git checkout -- {path}`) or from a copy, or name another file."
FULL = f"{MAKE_ROOM} Nothing that was stored is lost."
_LARGE = "Look for a number, a name or a message that cannot be meant so."

# Parts of SQLite's messages (https://www.sqlite.org/rescode.html; sqlite3 tells codes only from Python 3.11 on).
_MEANINGS = (
    ("locked", "another process is using it", "Wait until the other run has ended, then try again."),
    ("readonly", "it cannot be written", "Make the file and its folder writable, or name another file."),
    ("malformed", "it is damaged", _RESTORE),
    ("not a database", "it is not an SQLite database", _RESTORE),
    ("disk is full", "the disk is full", FULL),
    ("disk I/O error", "the disk failed to read or write it", "Check the disk, then try again."),
    ("unable to open", "it cannot be opened", "Check that its folder exists and may be written."),
    ("too big", "a value is too large for it", _LARGE),
    ("too large", "a value is too large for it", _LARGE),  # an OverflowError of sqlite3
    ("no such", "its tables are not those of a history", _RESTORE),
    ("unsupported file format", "its format is newer than this SQLite", "Use a newer Python, which brings its SQLite."),
)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Inside, whatever sqlite3 or the file system says of `path` becomes a HistoryError with a hint."""
    try:
        yield
    except UnicodeError as error:  # of the name of a column
        raise _translated(path, f"malformed: {error}") from error
    except (sqlite3.Error, OverflowError) as error:
        raise _translated(path, str(error)) from error
    except OSError as error:
        if full := full_disk(error):
            raise HistoryError(f"{path}: {full}", FULL) from error
        reason = error.strerror or str(error)
        raise HistoryError(f"{path}: {reason}", "Name another file.") from error


def _translated(path: Path, said: str) -> HistoryError:
    for part, meaning, hint in _MEANINGS:
        if part in said:
            return HistoryError(f"{path}: {meaning} ({said})", hint.format(path=path))
    return HistoryError(f"{path}: {said}", _RESTORE.format(path=path))
