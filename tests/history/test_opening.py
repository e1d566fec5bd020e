"""Opening histories: new ones, locked ones, and files that are something else."""

import json
import os
import shutil
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from perfgate.errors import ExitCode, HistoryError
from perfgate.history.checking import faults_of
from perfgate.history.merging import merge_into
from perfgate.history.schema import migrations
from perfgate.history.store import open_history
from tests.support.histories import put, small_run, with_counts


@pytest.fixture
def path(tmp_path):
    return tmp_path / "perfgate.db"


@pytest.fixture
def saved(path):
    """A history with one run."""
    put(path, small_run())
    return path


def refused(path, create=False, **options):
    with pytest.raises(HistoryError) as caught:
        open_history(path, create=create, **options).close()
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint
    assert str(path) in caught.value.message
    return caught.value


def pragma(path, name):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        connection.close()


def test_a_new_history_is_made_with_its_folders(tmp_path):
    path = tmp_path / ".perfgate" / "deep" / "local.db"
    with open_history(path, create=True) as history:
        assert history.runs() == ()
        assert faults_of(history.path) == ()


def test_a_new_history_has_a_rollback_journal_and_no_automatic_vacuum(saved):
    assert pragma(saved, "journal_mode") == "delete"
    assert pragma(saved, "auto_vacuum") == 0
    assert pragma(saved, "page_size") == 4096
    assert [file.name for file in saved.parent.iterdir()] == ["perfgate.db"]


def test_a_history_in_wal_mode_is_brought_back_to_a_rollback_journal(saved):
    assert pragma(saved, "journal_mode = WAL") == "wal"
    put(saved, small_run(1))
    assert pragma(saved, "journal_mode") == "delete"


def test_an_empty_file_becomes_a_history_when_there_is_something_to_save(path):
    path.touch()
    put(path, small_run())
    assert pragma(path, "user_version") == migrations.VERSION
    with open_history(path, create=False) as history:
        assert len(history.runs()) == 1


def test_reading_cannot_change_a_row(saved):
    before = saved.read_bytes()
    with open_history(saved, create=False) as history, pytest.raises(HistoryError, match="it cannot be written"):
        history.save_run(small_run(1))
    assert saved.read_bytes() == before


def test_a_missing_history_is_not_made_by_reading(path):
    assert "there is no history" in refused(path).message
    assert not path.exists()


def test_an_empty_file_is_not_read(path):
    path.touch()
    assert "empty" in refused(path).message


@pytest.mark.parametrize("create", [False, True])
class TestOtherThings:
    def test_a_directory_is_refused(self, tmp_path, create):
        error = refused(tmp_path, create)
        assert "is a directory" in error.message
        assert "perfgate.db" in error.hint

    def test_a_text_is_refused(self, path, create):
        path.write_text("this is a shopping list, and a long one, of milk, bread, butter and many more things")
        assert "not an SQLite database" in refused(path, create).message

    def test_a_result_file_is_refused(self, path, create):
        path.write_text(json.dumps({"schema": "perfgate.result/1", "verdict": "pass"}))
        assert "is a result file, not a history" in refused(path, create).message

    def test_another_json_file_is_refused(self, path, create):
        path.write_text('\n [{"name": "x"}]')
        assert "is a JSON file" in refused(path, create).message

    def test_a_git_lfs_pointer_is_refused(self, path, create):
        path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 12345\n")
        error = refused(path, create)
        assert "Git LFS pointer" in error.message
        assert "git lfs pull" in error.hint

    def test_the_database_of_another_program_is_refused(self, path, create):
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE runs (id)")
        connection.commit()
        connection.close()
        before = path.read_bytes()
        assert "is an SQLite database, but no history" in refused(path, create).message
        assert path.read_bytes() == before

    def test_a_device_is_refused(self, tmp_path, create):
        path = tmp_path / "pipe"
        os.mkfifo(path)
        assert "is not a file" in refused(path, create).message

    def test_the_history_of_a_newer_perfgate_is_refused(self, saved, create):
        connection = sqlite3.connect(saved)
        connection.execute(f"PRAGMA user_version = {migrations.VERSION + 1}")
        connection.close()
        error = refused(saved, create)
        assert (
            f"newer perfgate (schema {migrations.VERSION + 1}; this one knows up to {migrations.VERSION})"
            in error.message
        )
        assert "pip install --upgrade perfgate" in error.hint

    def test_a_file_with_only_the_header_of_sqlite_is_refused(self, path, create):
        path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
        refused(path, create)

    def test_a_folder_that_is_a_file_is_refused(self, path, create):
        path.write_text("")
        refused(path / "perfgate.db", create)

    def test_a_name_that_is_too_long_is_refused(self, tmp_path, create):
        refused(tmp_path / ("x" * 300), create)

    def test_a_truncated_history_is_damaged(self, saved, create):
        content = saved.read_bytes()
        saved.write_bytes(content[: len(content) // 2 + 100])
        with pytest.raises(HistoryError, match="damaged") as caught, open_history(saved, create=create) as history:
            history.results(history.find("latest").record.id)
        assert "git checkout" in caught.value.hint


def overwritten(path, place):
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\xa5" * 3000)


def test_a_damaged_history_is_not_written_to(path):
    put(path, *(small_run(number) for number in range(5)))
    overwritten(path, path.stat().st_size - 4096)
    before = path.read_bytes()
    assert "it is damaged" in refused(path, create=True).message
    assert path.read_bytes() == before


def test_check_says_what_is_wrong_with_a_damaged_history(path):
    put(path, *(small_run(number) for number in range(5)))
    overwritten(path, path.stat().st_size - 4096)
    with open_history(path, create=False) as history:
        assert faults_of(history.path)


def test_check_names_rows_that_belong_to_no_run(saved):
    connection = sqlite3.connect(saved)
    connection.execute("DELETE FROM runs")
    connection.commit()
    connection.close()
    with open_history(saved, create=False) as history:
        assert "a row of results belongs to no row of runs" in faults_of(history.path)


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE runs RENAME COLUMN dirty TO other", "ALTER TABLE results RENAME COLUMN retries TO other"],
)
def test_a_column_that_is_lost_is_an_error_and_no_crash(saved, statement):
    connection = sqlite3.connect(saved)
    connection.execute(statement)
    connection.commit()
    connection.close()
    with open_history(saved, create=False) as history, pytest.raises(HistoryError):
        [history.results(run.record.id) for run in history.runs()]


def test_a_name_of_a_column_that_is_no_text_is_damage_and_no_crash(saved):
    content = saved.read_bytes()
    saved.write_bytes(content.replace(b"branch", b"branc\x8a"))
    with pytest.raises(HistoryError):
        merge_into(saved, saved)


def test_an_error_that_somebody_keeps_does_not_lock_the_history(saved):
    connection = sqlite3.connect(saved)
    connection.execute("ALTER TABLE results DROP COLUMN max_ms")
    connection.commit()
    connection.close()
    with open_history(saved, create=False) as history:
        run = history.runs()[0].record.id
        with pytest.raises(HistoryError) as kept:
            history.results(run)
    open_history(saved, create=True, busy_seconds=0.0).close()
    assert "max_ms" in str(kept.value)


def test_a_row_that_was_changed_by_hand_is_an_error_and_no_crash(saved):
    connection = sqlite3.connect(saved)
    connection.execute("UPDATE runs SET versions = 'one point oh'")
    connection.commit()
    connection.close()
    with open_history(saved, create=False) as history, pytest.raises(HistoryError, match="cannot be understood"):
        history.runs()


@pytest.mark.parametrize("statement", ["UPDATE runs SET id = x'00'", "UPDATE results SET run_id = x'00'"])
def test_an_id_that_is_no_text_is_damage_and_no_crash(saved, tmp_path, statement):
    connection = sqlite3.connect(saved)
    connection.execute("PRAGMA foreign_keys = off")
    connection.execute(statement)
    connection.commit()
    connection.close()
    with pytest.raises(HistoryError, match="the id of a run is no text"):
        merge_into(tmp_path / "other.db", saved)


def test_a_count_of_a_metric_that_counts_nothing_is_an_error_and_no_crash(tmp_path):
    path = tmp_path / "history.db"
    run = with_counts(small_run())
    with open_history(path, create=True) as history:
        history.save_run(run)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE counters SET metric = 'bounter' WHERE metric = 'counter'")
    connection.commit()
    connection.close()
    with open_history(path, create=False) as history, pytest.raises(HistoryError, match="'bounter' counts nothing"):
        history.results(run.record.id)


def test_a_history_that_another_process_writes_to_is_waited_for_and_then_refused(saved):
    writer = sqlite3.connect(saved, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    try:
        for create in (False, True):
            error = refused(saved, create, busy_seconds=0.05)
            assert "another process is using it" in error.message
    finally:
        writer.close()
    open_history(saved, create=True, busy_seconds=0.05).close()


def test_a_full_disk_loses_nothing_that_was_stored(saved):
    pages = int.from_bytes(saved.read_bytes()[28:32], "big")  # the header of the file tells how many it has
    large = small_run(1, scenarios={"browse": {f"GET /page/{number}": 5.0 for number in range(100)}})
    with open_history(saved, create=True) as history:
        history._database.conn.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(HistoryError, match="the disk is full") as caught:
            history.save_run(large)
        assert "Make room" in caught.value.hint
        assert faults_of(history.path) == ()
        assert [run.record for run in history.runs()] == [small_run().record]


def test_a_writer_goes_on_while_another_reads(saved):
    with open_history(saved, create=False) as reader:
        assert len(reader.runs()) == 1
        put(saved, small_run(1))
        assert len(reader.runs()) == 2


def as_an_ordinary_user(work):
    """What `work` says in a process that is not root's: for root nothing is read-only."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            if not os.geteuid():
                os.setuid(65534)
            os.write(writer, work().encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        text = said.read()
    os.waitpid(child, 0)
    return text


def test_a_read_only_history_is_read_and_not_written():
    # pytest's own folders can be entered by their owner alone.
    with TemporaryDirectory() as folder:
        path = Path(folder) / "perfgate.db"
        put(path, small_run())
        os.chmod(folder, 0o555)
        path.chmod(0o444)

        def look():
            with open_history(path, create=False) as history:
                return f"{len(history.runs())} run, {refusal_to_write(path)}"

        assert as_an_ordinary_user(look) == f"1 run, {path}: cannot be written"
        path.chmod(0o666)
        assert as_an_ordinary_user(look) == f"1 run, {folder}: cannot be written"


def test_a_history_that_cannot_be_made_is_refused_before_there_is_anything_to_save():
    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        new, deep = Path(folder) / "perfgate.db", Path(folder) / "deep" / "perfgate.db"
        assert as_an_ordinary_user(lambda: refusal_to_write(new)) == f"{folder}: cannot be written"
        assert as_an_ordinary_user(lambda: refusal_to_write(deep)) == f"{deep}: Permission denied"


def refusal_to_write(path):
    try:
        open_history(path, create=True).close()
    except HistoryError as error:
        return error.message
    return "no refusal"


def test_the_first_reader_after_a_killed_writer_sees_the_history_as_it_was(saved, tmp_path):
    copy = tmp_path / "killed.db"
    writer = sqlite3.connect(saved, isolation_level=None)
    writer.execute("PRAGMA cache_size = 1")  # pages go to the file, and what they replace to the journal, at once
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE results SET requests = -1, scenario = scenario || hex(zeroblob(2000))")
    shutil.copy(saved, copy)
    shutil.copy(f"{saved}-journal", f"{copy}-journal")
    writer.execute("ROLLBACK")
    writer.close()
    assert copy.read_bytes() != saved.read_bytes()
    with open_history(copy, create=False) as history:
        assert faults_of(history.path) == ()
        assert history.results(history.find("latest").record.id)[0].requests == 80
    assert copy.read_bytes() == saved.read_bytes()
