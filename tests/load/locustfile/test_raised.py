"""Exceptions of a locustfile's own code, in words."""

import queue
from collections import deque

import pytest

from perfgate.load.locustfile.raised import describe_users

REMEDY = "let the data go round, as itertools.cycle does"


def raised_by(call):
    try:
        call()
    except Exception as error:
        return describe_users(error)
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    "take", [[].pop, set().pop, deque().pop, {}.popitem, queue.Queue().get_nowait, iter(()).__next__]
)
def test_data_that_ran_out_is_told_with_the_remedy(take):
    assert raised_by(take).endswith(REMEDY)


@pytest.mark.parametrize("take", [lambda: [][0], lambda: {"name": "ann"}["age"], lambda: int("")])
def test_other_exceptions_speak_for_themselves(take):
    assert REMEDY not in raised_by(take)
