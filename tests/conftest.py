"""What all tests share: one option, an environment of no job, and asserts of the helpers that explain themselves."""

import os
import signal

import pytest

pytest.register_assert_rewrite("tests.support")


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files instead of comparing with them"
    )


def pytest_configure(config):
    """What the shell or the job that starts the tests says, they and what they start must not hear.

    A shell has processes in the background ignore Ctrl-C. In a job, `CI` and its like make perfgate keep and publish.
    """
    for name in list(os.environ):
        if name == "CI" or (name.startswith(("GITHUB_", "PERFGATE_")) and not name.startswith("PERFGATE_TEST_")):
            del os.environ[name]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
