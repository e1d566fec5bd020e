"""What all tests share: one option, and asserts of the helpers that explain themselves."""

import signal

import pytest

pytest.register_assert_rewrite("tests.support")


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files instead of comparing with them"
    )


def pytest_configure(config):
    """A shell that starts the tests in the background has them ignore Ctrl-C, and so what they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
