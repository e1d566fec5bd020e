import sqlite3

import pytest
from histories import put, small_run

from perfgate.errors import HistoryError
from perfgate.history import opening, schema
from perfgate.history.store import open_history

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
        monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, statements))
        for module in (schema, opening):
            monkeypatch.setattr(module, "VERSION", len(schema.MIGRATIONS))

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
    assert version == schema.VERSION
    assert [(kind, name) for kind, name, sql in rows if sql] == [
        ("table", "results"),
        ("table", "runs"),
        ("table", "testbeds"),
        ("view", "latest"),
        ("view", "trend"),
    ]


def test_an_older_history_is_migrated_by_the_first_who_writes_and_keeps_its_rows(path, newer):
    newer(ADD_COLUMN)
    with open_history(path, create=True) as history:
        assert history.find("latest").record == small_run().record
        assert history.check() == ()
    assert tables_of(path)[0] == schema.VERSION == 2
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
