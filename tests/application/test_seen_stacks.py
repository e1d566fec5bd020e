"""Profiled pairs as a page shows them: milliseconds a request, in words that say of what."""

import random

import pytest

from perfgate.application.pages.seen_stacks import seen_stacks
from perfgate.explain.cause import CauseKind
from perfgate.explain.pairs import ProfiledPair
from perfgate.explain.profilers.py_spy import PySpy
from perfgate.explain.subject import Subject
from tests.support.profiled_pairs import pairs, profiled, stack

SORT, PRICES = stack("serve", "shop.py:sort"), stack("serve", "shop.py:prices")


def subject(kind=CauseKind.CPU, dependency=""):
    return Subject(kind, dependency, PySpy.__new__(PySpy))


def test_each_stack_takes_what_a_request_takes_in_it():
    measured = pairs({SORT: 2.0, PRICES: 1.0}, {SORT: 2.0, PRICES: 3.0}, count=40)
    (seen,) = seen_stacks("shop", subject(), measured)
    assert (seen.scenario, seen.what, seen.profiler) == ("shop", "CPU of a request", "py-spy")
    assert seen.base == {SORT: pytest.approx(2.0, rel=0.1), PRICES: pytest.approx(1.0, rel=0.1)}
    assert seen.head == {SORT: pytest.approx(2.0, rel=0.1), PRICES: pytest.approx(3.0, rel=0.1)}
    assert sum(seen.head.values()) == pytest.approx(5.0)
    assert seen.lines[PRICES[-1]] == 10


def test_waiting_and_dependencies_are_named():
    measured = pairs({SORT: 2.0}, {SORT: 2.0})
    (waits,) = seen_stacks("shop", subject(CauseKind.WAITING), measured)
    (inside,) = seen_stacks("shop", subject(dependency="postgres"), measured)
    assert (waits.what, inside.what) == ("Waiting of a request", "CPU of a request in postgres")


def test_where_no_round_can_be_used_nothing_is_shown():
    empty = profiled({}, random.Random(1))
    assert seen_stacks("shop", subject(), [ProfiledPair(empty, empty)]) == ()
