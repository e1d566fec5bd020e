"""The tutorial, played from its first line to its last as somebody would who has nothing else."""

import os
import re
import subprocess
import sys

import pytest

from tests.support.command import QUICK
from tests.support.pages import DOCS
from tests.support.paths import ROOT

# A file to be written, or commands to be typed.
STEP = re.compile(r'^```(?:\w+ title="([^"]+)"|(console))\n(.*?)^```', re.DOTALL | re.MULTILINE)
# Beside busy neighbours nothing would be proven: what is measured is large enough.
BRIEF = f"""
{QUICK}round = "0.1s"
budget = "3.2s"
instances = 1

[explain]
seconds = "12s"
"""


@pytest.fixture
def shell(tmp_path):
    """A shell of somebody who has git and Python; what pip would install is there already."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, code in (
        ("pip", f'"{sys.executable}" -c "{{}}" "$@"'.format("import sys; assert sys.argv[1] == 'install'")),
        ("perfgate", f'exec "{sys.executable}" -c "from perfgate.cli import main; main()" "$@"'),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{code}\n")
        (programs / name).chmod(0o755)
    folder = tmp_path / "tutorial"
    folder.mkdir()
    environment = {
        "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "PERFGATE_DURATION": "1s",
        **{
            f"GIT_{who}_{what}": "newcomer@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        },
    }
    return Shell(folder, environment)


class Shell:
    """A folder, and the environment that exports change."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + (BRIEF if name == "perfgate.toml" else ""))
        # A file of the same size, written in the same second, is taken for the old one by Python's cache.
        os.utime(path, (0, self._seconds()))

    def _seconds(self):
        self._clock = getattr(self, "_clock", 1_700_000_000) + 10
        return self._clock

    def type(self, line):
        """Type a line, and see its exit code. What would make an environment is left out: it takes a registry."""
        command, _, code = line.partition("  # exit ")
        if command.startswith(("python3 -m venv", "export ")):
            return
        command = command.replace(".venv/bin/pip", "pip")
        for _ in range(3):  # what a neighbour made invalid is measured again, as the report says
            done = subprocess.run(
                command, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120,
                check=False,
            )  # fmt: skip
            if done.returncode != 3:
                break
        assert done.returncode == int(code or 0), f"{command}\n{done.stdout}\n{done.stderr}"


def test_the_tutorial_holds_from_its_first_line_to_its_last(shell):
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    for name, console, body in STEP.findall(text):
        if console:
            for line in re.findall(r"^\$ (.*)$", body, re.MULTILINE):
                shell.type(line)
        else:
            shell.write(name, body)
    comment = (shell.folder / "comment.md").read_text(encoding="utf-8")
    assert comment.startswith("### ❌ `basket` costs more CPU") or "### ❌" in comment
    assert (shell.folder / ".github/workflows/perfgate.yml").exists()


def test_nothing_on_the_page_is_left_out():
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    fences = [fence for fence in re.findall(r"^```(.+)$", text, re.MULTILINE) if fence != "text"]
    assert len(fences) == len(STEP.findall(text)) > 15
