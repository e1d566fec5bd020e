"""The tables and views of a history, as ordered migrations on `PRAGMA user_version`.

All keys are natural (a run's id, the names of scenario and request, a testbed's fingerprint), so the union of two
histories is the union of their rows. Whatever belongs to a run alone is in `runs`, not in `testbeds`: the kernel and
the runner image change between runs on one testbed. There is no index but the keys: each is bytes in git with every
run, and with 10,000 runs a comparison, a list of the newest and `latest` take less than a second without one. Only what
asks for all of them (the whole of `trend`, `runs()` without a limit) takes 1.1 s.

What a run adds to a git repository, measured: 300 commits of four scenarios with five request names, 20,000 latencies
each, saved after each of five rounds, then `git gc`. Of these bytes a third are whole copies of older files, which git
keeps wherever its chains of differences get too long.

    3.3 KB   as it is: a packed histogram in the row of each request name, tables WITHOUT ROWID
    3.3 KB   one blob for each scenario          3.1 KB   one for each run          1.8 KB   no histograms
    4.2 KB   blobs by zlib, of each request name or of each scenario; 4.1 KB of each run
    3.5 KB   `results` with a rowid              3.6 KB   without PRAGMA secure_delete (see perfgate.history.opening)
    3.6 KB   pages of 1,024 bytes                3.2 KB   of 8,192

Over 1,000 commits (10,000 latencies each) it is 4.0 KB. A blob for each run would save 5 % and a reader could no longer
take a row for itself.

A migration that has landed is never edited: a change of the schema is a new one, in a module of its own.
The newest one says what the tables and columns mean.
"""

from __future__ import annotations

import sqlite3

from perfgate.history.schema import version_1, version_2, version_3, version_4, version_5
from perfgate.history.transaction import transaction

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    version_1.STATEMENTS,
    version_2.STATEMENTS,
    version_3.STATEMENTS,
    version_4.STATEMENTS,
    version_5.STATEMENTS,
)
VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """How many migrations the file has seen; 0 of an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an older or empty file to this schema in one transaction; a file of this schema is not touched.

    The connection must be in autocommit mode. Two processes may do this at once: one waits for the other.
    """
    with transaction(connection):
        for number in range(version_of(connection), VERSION):
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
