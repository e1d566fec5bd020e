"""The services of examples/, played as their README says: copied, committed, made slower, judged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.deciding import decided, valid
from tests.support.paths import ROOT

EXAMPLES = ROOT / "examples"
NAMES = ("python-postgresql", "node-redis", "go")
# Short, and with a margin that no noise gets over: what the patches do is far beyond it.
_BRIEF = ("--round", "0.2s", "--budget", "9s", "--margin", "50%")
# Beside tests and other work, what nobody can attribute decides nothing here.
_MEASURE = '\n[measure]\nwarm_up = "500ms"\nwarm_up_most = "500ms"\nforeign_cpu = "100%"\ninstances = 1\n'


@dataclass(frozen=True)
class Played:
    """An example that has been judged. code: the exit code of perfgate. said: all that was printed."""

    code: int
    said: str
    result: dict

    def changes(self) -> Mapping[str, float]:
        """How much each metric changed, worst first where it has several rows."""
        rows = [row for row in self.result["rows"] if row["change"] is not None]
        return {row["metric"]: row["change"] for row in sorted(rows, key=lambda row: abs(row["change"]))}


def play(folder: Path, name: str, *options: str, words: Mapping[str, str] | None = None, **environment: str) -> Played:
    """options: of examples/play, before the name. words: what its perfgate.toml has here instead of what it says."""
    shutil.copytree(EXAMPLES, folder / "examples", ignore=shutil.ignore_patterns(".venv", "node_modules", ".perfgate"))
    toml = folder / "examples" / name / "perfgate.toml"
    text = toml.read_text()
    for old, new in (words or {}).items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    toml.write_text(text + _MEASURE)
    result = folder / "result.json"

    def measure() -> Played:
        done = subprocess.run(
            [folder / "examples" / "play", *options, name, *_BRIEF, "--json", result],
            env={**os.environ, **environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = done.stdout + done.stderr
        return Played(done.returncode, said, json.loads(result.read_text()) if result.exists() else {"rows": []})

    if "--unchanged" in options:
        return valid(measure, lambda played: played.code)
    return decided(measure, lambda played: played.result.get("verdict", ""))
