"""What all tests share: one option, and asserts of the helpers that explain themselves."""

import pytest

pytest.register_assert_rewrite("tests.support")


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files instead of comparing with them"
    )
