"""Exceptions of a locustfile's own code, in words."""

import queue
from collections import deque

import pytest

from perfgate.load.locustfile.raised import describe_users, without_user_info

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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("404 for url: http://me:pa%40ss@shop:80/seed?by=a@b", "404 for url: http://shop:80/seed?by=a@b"),
        ("404 for url: https://shop/mail/a@b and a@b", "404 for url: https://shop/mail/a@b and a@b"),
    ],
)
def test_user_info_of_urls_is_not_told(text, told):
    assert without_user_info(text) == told
