"""CPU time of processes and of all that they started."""

import os
import subprocess
import sys

import pytest

from perfgate.machine.family_cpu import FamilyCpu
from perfgate.machine.process_table import ProcessEntry, ProcessTable, read_processes

# No such processes: their time is what the table says.
FIRST = 2**22 + 1


def table(*entries):
    return ProcessTable(0.0, {entry.pid: entry for entry in entries})


def parent(of_ended=0.0):
    return ProcessEntry(FIRST, 1, "server", 1.0, of_ended, started=1)


def child(number, cpu):
    return ProcessEntry(FIRST + number, FIRST, "worker", cpu, 0.0, started=number)


def test_a_child_that_came_and_went_between_two_looks_is_counted():
    family = FamilyCpu((FIRST,))
    assert family.read(table(parent())) == 1.0
    assert family.read(table(parent(of_ended=0.4))) == pytest.approx(1.4)


def test_a_child_that_was_seen_is_counted_once():
    family = FamilyCpu((FIRST,))
    assert family.read(table(parent(), child(1, 0.3))) == pytest.approx(1.3)
    assert family.read(table(parent(of_ended=0.5))) == pytest.approx(1.5)


def test_what_nobody_waited_for_is_kept_as_it_was_last_seen():
    family = FamilyCpu((FIRST,))
    family.read(table(parent(), child(1, 0.3)))
    assert family.read(table(parent())) == pytest.approx(1.3)
    assert family.read(table(parent())) == pytest.approx(1.3)


def test_the_steps_of_the_parents_account_never_let_it_go_back():
    family = FamilyCpu((FIRST,))
    before = family.read(table(parent(), child(1, 0.119)))
    assert family.read(table(parent(of_ended=0.11))) == before
    assert family.read(table(parent(of_ended=0.13))) == pytest.approx(1.13)


@pytest.mark.skipif(sys.platform != "linux", reason="the accounts are those of Linux")
def test_a_child_that_ended_while_the_table_was_read_is_counted_now_and_not_the_next_time():
    family, at_its_end = FamilyCpu((os.getpid(),)), read_processes()
    before = family.read(at_its_end)
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert family.read(at_its_end) - before > 0.25
