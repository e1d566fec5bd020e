"""Errors say what is wrong, where, how to mend it, and with which exit code the process ends."""

import errno
import os

import pytest

from perfgate import errors
from perfgate.errors import (
    ExitCode,
    MistakeError,
    PerfgateError,
    Problem,
    ProblemsError,
    did_you_mean,
    full_disk,
    nearest,
)

FAMILY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PerfgateError)]


@pytest.mark.parametrize("kind", FAMILY)
def test_every_error_has_an_exit_code_that_is_not_success(kind):
    assert kind.exit_code in set(ExitCode) - {ExitCode.PASS}


@pytest.mark.parametrize(("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, False)])
def test_a_disk_is_full_when_it_is_or_when_a_user_may_have_no_more_of_it(number, full):
    shown = full_disk(OSError(number, os.strerror(number)))
    assert shown == (f"the disk is full ({os.strerror(number)})" if full else "")


def test_an_error_carries_its_message_and_its_hint():
    error = PerfgateError("it broke", "mend it")
    assert (str(error), error.message, error.hint) == ("it broke", "it broke", "mend it")


def test_a_problem_is_written_with_its_hint_below():
    assert str(Problem("a.py:4", "vus=0", "write 1 or more")) == "a.py:4: vus=0\n    write 1 or more"
    assert str(Problem("a.py:4", "vus=0")) == "a.py:4: vus=0"


def test_problems_are_counted_and_listed():
    one, two = Problem("a.py:4", "vus=0", "write 1"), Problem("b.py", "empty")
    assert str(ProblemsError("the files", [one])) == "1 mistake in the files:\n  a.py:4: vus=0\n    write 1"
    assert str(ProblemsError("the files", [one, two])).startswith("2 mistakes in the files:\n")
    assert ProblemsError("the files", iter([one, two])).problems == (one, two)


def test_a_mistake_is_a_value_error_with_a_hint():
    error = MistakeError("'x' is not a number", "write 5")
    assert isinstance(error, ValueError)
    assert str(error) == "'x' is not a number; write 5"
    assert (error.message, error.hint) == ("'x' is not a number", "write 5")


def test_a_misspelt_word_gets_the_nearest():
    assert nearest("durration", ["vus", "duration"]) == "duration"
    assert did_you_mean("durration", ["vus", "duration"]) == "did you mean duration?"


def test_a_word_that_is_near_to_none_gets_all():
    assert nearest(5, ["vus", "duration"]) is None
    assert did_you_mean(5, iter(["vus", "duration"])) == "there are vus, duration"
