"""Locustfiles told from our own scenario files, and read as scenarios."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

from perfgate.errors import GeneratorError, Problem
from perfgate.load.locust_version import LOCUST, require_locust
from perfgate.load.locustfile.shapes import profile_of
from perfgate.load.processes.child import Child
from perfgate.scenario.profile import ConstantVUs, Profile
from perfgate.scenario.script import LoadedFile, Script
from perfgate.scenario.source import place

PLAYER = "perfgate.load.locustfile.player"

_DEFAULT_DURATION = 20.0
# How long a locustfile may take to be imported (seconds).
_PATIENCE = 30.0


class LocustfileReader:
    """Makes scenarios of locustfiles: the file's stem is the name, users and time are Locust's own settings."""

    def knows(self, file: Path) -> bool:
        """Whether it imports Locust, and nothing that declares scenarios of ours. It is only looked at."""
        if file.suffix != ".py":
            return False
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError):
            return False  # it is reported as any Python file is
        imported = _imported(tree)
        return LOCUST in imported and "perfgate" not in imported

    def read(self, file: Path) -> LoadedFile:
        require_locust()
        described = describe(file)
        if "mistake" in described:
            problem = Problem(place(file, described["line"]), described["mistake"], described["hint"])
            return LoadedFile((), (problem,))
        script = Script(file.stem, LOCUST, _profile(described), (), file, _first_class(file))
        return LoadedFile((script,), ())


def _imported(tree: ast.Module) -> set[str]:
    """The packages that a file imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def _first_class(file: Path) -> int:
    tree = ast.parse(file.read_bytes())
    return next((node.lineno for node in tree.body if isinstance(node, ast.ClassDef)), 1)


def describe(file: Path) -> dict[str, Any]:
    """What Locust says of the file: see player. A file that does not come to its end is a mistake like others."""
    child = Child(PLAYER, "Locust")
    try:
        child.say(json.dumps({"file": str(file), "url": None}).encode() + b"\n")
        return child.hear(_PATIENCE)
    except GeneratorError as error:
        hint = "see that importing it starts nothing and comes to an end"
        return {"mistake": f"Locust could not import it: {error.message}", "hint": hint, "line": None}
    finally:
        child.stop()


def _profile(described: dict[str, Any]) -> Profile:
    if described["shape"]:
        return profile_of([(int(users), float(rate)) for users, rate in described["ticks"]])
    users, seconds = described["users"] or 1, described["run_time"] or _DEFAULT_DURATION
    return ConstantVUs(users, float(seconds), graceful_stop=0.0)
