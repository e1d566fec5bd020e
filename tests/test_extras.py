"""Extras: what is said where one is missing, and silence where it is there."""

from __future__ import annotations

import sys

import pytest

from perfgate.errors import ExitCode, UsageError
from perfgate.extras import is_installed, require


def test_a_missing_extra_is_a_usage_error_with_the_command_that_installs_it() -> None:
    with pytest.raises(UsageError) as caught:
        require("there_is_none", "chart", "charts need altair")
    assert caught.value.message == "charts need altair"
    assert caught.value.hint == "pip install 'perfgate[chart]'"
    assert caught.value.exit_code == ExitCode.USAGE


def test_an_installed_extra_is_no_problem() -> None:
    require("json", "chart", "charts need altair")


def test_asking_for_a_module_does_not_import_it() -> None:
    assert is_installed("this")
    assert "this" not in sys.modules
