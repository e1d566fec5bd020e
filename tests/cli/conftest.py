"""What the command-line tests share: perfgate as a process of its own, in an empty folder."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from perfgate.cli import main; main()"]

# A short measurement: what is tested is not how finely it sees.
BRIEF = ["--round", "0.1s", "--vus", "4"]

SCENARIO = """
from perfgate import scenario

@scenario(vus=4, duration="1s", thresholds={"http_req_failed": "rate<50%"})
def create_pet(user):
    response = user.post("/pet", json={"id": user.unique_id(), "name": "doggie", "photoUrls": []})
    user.check("created", response.status_code == 200)
"""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str


def environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PERFGATE_", "GITHUB_", "CI"))}
    return {**kept, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def folder(tmp_path):
    """A folder with one scenario and a quick configuration."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "create_pet.py").write_text(SCENARIO)
    (tmp_path / "perfgate.toml").write_text('[measure]\nwarm_up = "200ms"\n')
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
