"""A child process that says what is no message."""

import pytest

from perfgate.errors import GeneratorError
from perfgate.load.processes.child import Child
from perfgate.load.processes.messages import Done


def test_a_child_that_says_what_is_no_message_is_an_error_of_the_generator():
    child = Child("this", "Locust")  # a module that prints a poem
    try:
        with pytest.raises(GeneratorError, match="Locust said what is no message"):
            child.receive(Done, 20.0)
    finally:
        child.stop()


def test_a_line_that_is_nested_too_deeply_is_no_message_either(tmp_path, monkeypatch):
    (tmp_path / "deep.py").write_text("print('[' * 9_000)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    child = Child("deep", "Locust")
    try:
        with pytest.raises(GeneratorError, match="Locust said what is no message"):
            child.receive(Done, 20.0)
    finally:
        child.stop()
