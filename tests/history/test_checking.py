"""Faults that a check of a history finds."""

import errno
import os
import sqlite3
import subprocess
from contextlib import closing, suppress

import pytest

from perfgate.errors import HistoryError
from perfgate.history.checking import faults_of
from perfgate.history.merging import merge_into
from perfgate.history.store import open_history
from tests.support.histories import put, small_run, with_dependencies


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "perfgate.db"
    put(path, with_dependencies(small_run(0, failed=0.1), postgres=1.0), small_run(1))
    return path


def change(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_history_that_perfgate_wrote_is_sound(path):
    assert faults_of(path) == ()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE runs SET started_at = 'yesterday'", "started_at is no time"),
        ("UPDATE runs SET cpus = 'all'", "cpus is not JSON"),
        ("UPDATE results SET problems = 'none' WHERE request = ''", "problems is not JSON"),
        ("UPDATE results SET failed = requests + 1", "counts cannot be"),
        ("UPDATE results SET requests = 'many'", "counts cannot be"),
        ("UPDATE results SET rounds = NULL WHERE request = ''", "lacks its rounds"),
        ("DELETE FROM results WHERE request = ''", "belongs to no row of the whole scenario"),
        ("UPDATE results SET histogram = x'00ff' WHERE request <> ''", "the histogram cannot be read"),
        ("UPDATE results SET histogram = 'text' WHERE request <> ''", "the histogram cannot be read"),
        ("UPDATE results SET requests = requests + 1 WHERE request <> ''", "the histogram counts"),
        ("UPDATE dependencies SET cpu_ms = -1", "what the dependency postgres used cannot be"),
        ("UPDATE dependencies SET memory_bytes = 'much'", "what the dependency postgres used cannot be"),
        (
            "UPDATE dependencies SET scenario = 'no ' || scenario",
            "the dependency postgres belongs to no row of the whole scenario",
        ),
        ("DELETE FROM testbeds", "a row of runs belongs to no row of testbeds"),
        ("DROP VIEW latest", "the table or view latest is missing"),
        ("ALTER TABLE results DROP COLUMN clock", "results has other columns than it should"),
    ],
)
def test_what_a_hand_has_changed_is_named(path, statement, said):
    change(path, *(["DROP VIEW latest", "DROP VIEW trend"] if "DROP COLUMN" in statement else []), statement)
    assert any(said in fault for fault in faults_of(path)), faults_of(path)


def test_a_damaged_page_is_told_in_sqlites_words(path):
    put(path, *(small_run(number) for number in range(2, 8)))
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 2 * 4096)
        file.write(b"\xa5" * 2 * 4096)
    assert faults_of(path)


def test_checking_changes_nothing(path):
    before = path.read_bytes()
    faults_of(path)
    assert path.read_bytes() == before


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with 200 KiB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "perfgate", folder]).returncode:
        pytest.skip("only root can make a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_has_room_for_no_row_is_full_whatever_sqlite_utils_tries_first(small_disk):
    path = small_disk / "perfgate.db"
    put(path, small_run())
    with open_history(path, create=True) as history:
        filling = small_disk / "filling"
        with suppress(OSError), filling.open("wb", buffering=0) as rest:
            while True:
                rest.write(bytes(1024))
        for ask in (lambda: history.save_run(small_run(1)), history.check_room):
            with pytest.raises(HistoryError, match="the disk is full") as caught:
                ask()
            assert "Make room" in caught.value.hint
        filling.unlink()
        history.save_run(small_run(1))
    assert faults_of(path) == ()


def test_a_full_disk_is_said_and_loses_nothing(small_disk, tmp_path):
    path = small_disk / "perfgate.db"
    number, error = 0, None
    while number < 200 and error is None:
        try:
            put(path, small_run(number))
            number += 1
        except HistoryError as caught:
            error = caught
    assert error is not None
    assert "full" in error.message or os.strerror(errno.ENOSPC) in error.message
    assert "Make room" in error.hint
    assert number > 1
    assert faults_of(path) == ()
    with open_history(path, create=False) as history:
        assert len(history.runs()) == number
    other = tmp_path / "other.db"
    put(other, *(small_run(1000 + extra) for extra in range(20)))
    with pytest.raises(HistoryError, match="full"):
        merge_into(path, other)
    assert faults_of(path) == ()
