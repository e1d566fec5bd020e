"""The reader of locustfiles: it tells them from our own scenario files, and makes scenarios of them."""

from __future__ import annotations

import ast
from pathlib import Path

from perfgate.errors import GeneratorError, Problem
from perfgate.load.locust_version import LOCUST, require_locust
from perfgate.load.locustfile.messages import FileSettings, Inspection, LoadFile, Mistake
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
        """Whether a file imports Locust and not perfgate. The file is parsed, not run."""
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
        found = inspect(file)
        if isinstance(found, Mistake):
            return LoadedFile((), (Problem(place(file, found.line), found.error, found.hint),))
        script = Script(file.stem, LOCUST, _profile(found), (), file, _first_class(file))
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


def inspect(file: Path) -> FileSettings | Mistake:
    """Locust's settings for the file, or a mistake in it: a file whose import does not end is one, too."""
    child = Child(PLAYER, "Locust")
    try:
        child.send(LoadFile(str(file), None))
        found = child.receive(Inspection, _PATIENCE)
    except GeneratorError as error:
        hint = "see that importing it starts nothing and comes to an end"
        return Mistake(f"Locust could not import it: {error.message}", hint, None)
    finally:
        child.stop()
    settings = found.settings or found.mistake
    assert settings is not None
    return settings


def _profile(settings: FileSettings) -> Profile:
    if settings.has_shape:
        return profile_of([(int(users), float(rate)) for users, rate in settings.ticks])
    users, seconds = settings.users or 1, settings.run_time or _DEFAULT_DURATION
    return ConstantVUs(users, float(seconds), graceful_stop=0.0)
