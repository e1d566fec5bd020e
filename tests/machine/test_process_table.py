"""The table of all processes."""

import os
import subprocess
import sys

import pytest

from perfgate.machine.process_table import ProcessEntry, ProcessTable, parse_entry, read_processes

linux = pytest.mark.skipif(sys.platform != "linux", reason="the accounts are those of Linux")
LINE = b"42 (my (odd) name) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 1 0 987654 1000 20 18446744073709551615"


def entry(pid, parent, name="x"):
    return ProcessEntry(pid, parent, name, 0.0, 0.0, started=pid)


TABLE = ProcessTable(0.0, {one.pid: one for one in (entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 2), entry(5, 1))})


def test_a_line_is_read_whatever_the_name_holds():
    read = parse_entry(LINE)
    assert read == ProcessEntry(42, 7, "my (odd) name", 2.0, 0.5, 987654)
    assert parse_entry(b"") is None
    assert parse_entry(b"42 (cut") is None


def test_a_tree_is_a_process_with_all_that_descends_from_it():
    assert {one.pid for one in TABLE.tree([2])} == {2, 3, 4}
    assert {one.pid for one in TABLE.tree([2, 5, 99])} == {2, 3, 4, 5}


def test_ancestors_and_the_topmost_of_several_are_known():
    assert TABLE.ancestors(4) == [2, 1]
    assert TABLE.topmost({3, 4, 2, 5}) == [2, 5]
    assert TABLE.topmost({3, 4, 99}) == [3, 4]


@linux
def test_this_process_is_there_with_its_parent_and_its_time():
    (here,) = read_processes().tree([os.getpid()])[:1]
    assert here.parent == os.getppid()
    assert here.exact_cpu() == pytest.approx(sum(os.times()[:2]), abs=0.5)


@linux
def test_the_time_of_a_child_that_has_ended_is_its_parents():
    before = read_processes().entries[os.getpid()].of_ended
    work = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", work], check=True)
    assert read_processes().entries[os.getpid()].of_ended - before > 0.25


def test_where_nothing_is_told_there_is_nothing(tmp_path):
    assert read_processes(tmp_path / "nowhere").entries == {}
