"""Older histories, brought to the newest schema."""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from perfgate.errors import HistoryError
from perfgate.history import checking, opening
from perfgate.history.checking import faults_of
from perfgate.history.merging import Merged, merge_into, versions_of
from perfgate.history.schema import migrations
from perfgate.history.store import open_history
from tests.support.histories import put, put_of_every_kind, small_run

# What the perfgate of each schema has written, by `put_of_every_kind`; no file is ever made again.
SCHEMAS = Path(__file__).parent / "files"
# A migration that has landed is in other people's files: it is never edited.
LANDED = ["89b32c8e77645d17", "3bcfb04b088e4e4c", "c5a79a570e916109", "b517ac97819862a9", "25a10d2f4e223225"]

ADD_COLUMN = "ALTER TABLE runs ADD COLUMN note TEXT"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "perfgate.db"
    put(path, small_run())
    return path


@pytest.fixture
def newer(monkeypatch):
    """A perfgate that knows further migrations."""

    def know(*statements):
        monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, statements))
        for module in (migrations, opening):
            monkeypatch.setattr(module, "VERSION", len(migrations.MIGRATIONS))
        monkeypatch.setattr(checking, "MIGRATIONS", migrations.MIGRATIONS)

    return know


def tables_of(path):
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        return connection.execute("PRAGMA user_version").fetchone()[0], rows
    finally:
        connection.close()


def test_a_file_of_version_0_gets_every_table_and_view(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()
    open_history(path, create=True).close()
    version, rows = tables_of(path)
    assert version == migrations.VERSION
    assert [(kind, name) for kind, name, sql in rows if sql] == [
        ("table", "counters"),
        ("table", "dependencies"),
        ("table", "results"),
        ("table", "runs"),
        ("table", "testbeds"),
        ("table", "timings"),
        ("view", "latest"),
        ("view", "trend"),
    ]


def test_an_older_history_is_migrated_by_the_first_who_writes_and_keeps_its_rows(path, newer):
    newer(ADD_COLUMN)
    with open_history(path, create=True) as history:
        assert history.find("latest").record == small_run().record
        assert faults_of(history.path) == ()
    assert tables_of(path)[0] == migrations.VERSION
    assert any("note TEXT" in (sql or "") for _, _, sql in tables_of(path)[1])


def test_reading_an_older_history_leaves_the_file_as_it_is(path, newer):
    before = path.read_bytes()
    newer(ADD_COLUMN)
    with open_history(path, create=False) as history:
        assert history.find("latest").record == small_run().record
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_file_as_it_was(path, newer):
    before = path.read_bytes()
    newer(ADD_COLUMN, "ALTER TABLE nowhere ADD COLUMN note TEXT")
    with pytest.raises(HistoryError):
        open_history(path, create=True)
    assert path.read_bytes() == before


def test_opening_a_history_of_this_schema_changes_nothing(path):
    before = path.read_bytes()
    open_history(path, create=True).close()
    assert path.read_bytes() == before


def rows_of(path):
    """Every row of every table, as it is in the file."""
    with closing(sqlite3.connect(path)) as connection:
        tables = ("testbeds", "runs", "results")
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in tables}


def test_every_schema_that_landed_has_a_file(request):
    newest = SCHEMAS / f"{migrations.VERSION}.db"
    if request.config.getoption("--update-golden") and not newest.exists():
        put_of_every_kind(newest)
    assert {file.name for file in SCHEMAS.iterdir()} == {f"{number + 1}.db" for number in range(migrations.VERSION)}


def test_no_migration_that_landed_was_edited():
    digests = [hashlib.sha256("".join(statements).encode()).hexdigest()[:16] for statements in migrations.MIGRATIONS]
    assert digests == LANDED


@pytest.mark.parametrize("version", range(1, migrations.VERSION + 1))
def test_a_file_of_every_schema_is_migrated_without_losing_a_row(version, tmp_path):
    path, fresh = tmp_path / "old.db", tmp_path / "fresh.db"
    shutil.copy(SCHEMAS / f"{version}.db", path)
    before = rows_of(path)
    with open_history(path, create=True) as history:
        assert len(history.runs()) == 6
        assert [result for run in history.runs() for result in history.results(run.record.id)]
    put_of_every_kind(fresh)
    assert rows_of(path) == before
    assert tables_of(path) == tables_of(fresh)
    assert faults_of(path) == ()
    page = 4096  # for the table of each later schema
    assert path.stat().st_size <= (SCHEMAS / f"{version}.db").stat().st_size + page * (migrations.VERSION - version)


@pytest.mark.parametrize("version", range(1, migrations.VERSION + 1))
def test_a_file_of_every_schema_takes_further_runs_and_merges(version, tmp_path):
    path, other = tmp_path / "old.db", tmp_path / "other.db"
    for copy in (path, other):
        shutil.copy(SCHEMAS / f"{version}.db", copy)
    put(path, small_run(7))
    assert merge_into(other, path).added == 1
    assert versions_in(other) == versions_in(path)
    assert merge_into(other, SCHEMAS / f"{version}.db") == Merged(0, 0, 0)


def versions_in(path):
    with closing(opening.open_for_reading(path, 1)) as connection:
        return versions_of(connection)
