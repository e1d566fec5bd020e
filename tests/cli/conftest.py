"""What the command-line tests share: an empty folder, and perfgate in it, called or as a process of its own."""

import pytest

from tests.support.command import QUICK, SCENARIO, call, start_and_wait


@pytest.fixture
def folder(tmp_path):
    """A folder with one scenario and a quick configuration."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "create_pet.py").write_text(SCENARIO)
    (tmp_path / "perfgate.toml").write_text(QUICK)
    return tmp_path


@pytest.fixture
def perfgate(folder, monkeypatch):
    """Call perfgate there, in this process: perfgate("run", "create_pet") -> Done."""

    def run(*arguments, **variables):
        with monkeypatch.context() as patched:
            patched.chdir(folder)
            return call(*arguments, **variables)

    return run


@pytest.fixture
def perfgate_process(folder):
    """As `perfgate`, in a process of its own: the entry point, the streams and the exit code as a shell has them."""

    def run(*arguments, **variables):
        return start_and_wait(folder, *arguments, **variables)

    return run
