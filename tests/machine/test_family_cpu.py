"""CPU time of processes and of all that they started."""

import pytest

from perfgate.machine.family_cpu import FamilyCpu
from perfgate.machine.process_table import ProcessEntry

# No such processes: their time is what the table says.
FIRST = 2**22 + 1


def parent(of_ended=0.0):
    return ProcessEntry(FIRST, 1, "server", 1.0, of_ended, started=1)


def child(number, cpu):
    return ProcessEntry(FIRST + number, FIRST, "worker", cpu, 0.0, started=number)


def test_a_child_that_came_and_went_between_two_looks_is_counted():
    family = FamilyCpu()
    assert family.read([parent()]) == 1.0
    assert family.read([parent(of_ended=0.4)]) == pytest.approx(1.4)


def test_a_child_that_was_seen_is_counted_once():
    family = FamilyCpu()
    assert family.read([parent(), child(1, 0.3)]) == pytest.approx(1.3)
    assert family.read([parent(of_ended=0.5)]) == pytest.approx(1.5)


def test_what_nobody_waited_for_is_kept_as_it_was_last_seen():
    family = FamilyCpu()
    family.read([parent(), child(1, 0.3)])
    assert family.read([parent()]) == pytest.approx(1.3)
    assert family.read([parent()]) == pytest.approx(1.3)


def test_the_steps_of_the_parents_account_never_let_it_go_back():
    family = FamilyCpu()
    before = family.read([parent(), child(1, 0.119)])
    assert family.read([parent(of_ended=0.11)]) == before
    assert family.read([parent(of_ended=0.13)]) == pytest.approx(1.13)
