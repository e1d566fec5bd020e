"""The files beside a Python file that it imports: what it says, without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


def neighbours_of(file: Path) -> tuple[Path, ...]:
    """The files of its folder and below that a Python file imports, wherever in it, and those that they import."""
    return reached_from(file, lambda one: _imported(one, file.parent))


def reached_from(file: Path, named_by: Callable[[Path], Iterable[Path]]) -> tuple[Path, ...]:
    """The files that a file names, and those that these name, without itself; each once."""
    found: dict[Path, None] = {}
    waiting = [file]
    while waiting:
        for path in named_by(waiting.pop()):
            if path != file and path not in found:
                found[path] = None
                waiting.append(path)
    return tuple(found)


def _imported(file: Path, folder: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return  # running it tells
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield from _modules(folder, name.name)
        elif isinstance(node, ast.ImportFrom):
            base = file.parents[min(node.level, len(file.parents)) - 1] if node.level else folder
            if base == folder or folder in base.parents:
                for name in node.names:
                    yield from _modules(base, ".".join(filter(None, (node.module, name.name))))


def _modules(base: Path, dotted: str) -> Iterator[Path]:
    """The files below `base` that are run for an import of `dotted`, whose last parts may be no modules."""
    if dotted.partition(".")[0] == "perfgate":
        return  # it is there already, whatever lies in the folder
    for name in dotted.split("."):
        paths = (base / name / "__init__.py", base / f"{name}.py")
        found = next((path for path in paths if path.is_file()), None)
        if found is not None:
            yield found
        base = base / name
        if not base.is_dir():
            return
