"""What the command-line tests share: perfgate as a process of its own, in an empty folder."""

import subprocess

import pytest

from tests.support.command import COMMAND, SCENARIO, Done, environment


@pytest.fixture
def folder(tmp_path):
    """A folder with one scenario and a quick configuration."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "create_pet.py").write_text(SCENARIO)
    # Tests run beside whatever else runs on the machine, and that decides nothing here.
    (tmp_path / "perfgate.toml").write_text('[measure]\nwarm_up = "200ms"\nforeign_cpu = "100%"\n')
    return tmp_path


@pytest.fixture
def perfgate(folder):
    """Run perfgate there: perfgate("run", "create_pet") -> Done."""

    def run(*arguments, **variables):
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=folder,
            env={**environment(), **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return run
