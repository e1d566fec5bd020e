"""What is said, and which exit code tells it, where something fails after an interrupt."""

from pathlib import Path

import pytest

from perfgate.application.context import Context
from perfgate.cli import app
from perfgate.errors import ExitCode, NoVerdictError

CONTEXT = Context(Path(), {}, lambda _: None)


@pytest.mark.parametrize("error", [NoVerdictError("the teardown failed", ""), RuntimeError("the teardown failed")])
def test_what_fails_while_an_interrupted_command_is_cleared_away_leaves_it_interrupted(monkeypatch, capsys, error):
    def interrupted(**_):
        try:
            raise KeyboardInterrupt
        finally:
            raise error

    monkeypatch.setattr(app.perfgate, "main", interrupted)
    assert app.invoke([], CONTEXT) == ExitCode.INTERRUPTED
    assert "the teardown failed" in capsys.readouterr().err


def test_what_fails_by_itself_has_its_own_exit_code(monkeypatch):
    def failing(**_):
        raise NoVerdictError("nothing was measured", "")

    monkeypatch.setattr(app.perfgate, "main", failing)
    assert app.invoke([], CONTEXT) == ExitCode.NO_VERDICT
