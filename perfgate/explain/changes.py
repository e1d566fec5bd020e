"""What the two commits changed: whether a function's own lines are among it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from perfgate.explain.profile import Function

_FILE = re.compile(r"\+\+\+ b/(.+?)\t?")
_HUNK = re.compile(r"@@ -\S+ \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@.*")


class Changes:
    """The lines of head that differ from base.

    lines: by file, from the repository's top on.
    source: the text of such a file on head; None where it cannot be had.
    """

    def __init__(self, lines: Mapping[str, Sequence[range]], source: Callable[[str], str | None]) -> None:
        self._lines = lines
        self._source = source

    def touch(self, function: Function, line: int | None) -> bool | None:
        """Whether the commits differ in a function that begins on this line; None where that cannot be told."""
        file = function.file
        if not file or file.startswith("<") or function.name == "<module>":
            return None
        path = next((one for one in self._lines if _is_same(one, file)), None)
        if path is None:
            return None if file.startswith("/") else False
        own = self._extent(path, line)
        return own is None or any(_overlap(own, changed) for changed in self._lines[path])

    def _extent(self, path: str, line: int | None) -> range | None:
        """The lines of the function of Python that begins on this one; None where they are not known."""
        source = self._source(path) if line is not None and path.endswith(".py") else None
        if source is None:
            return None
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            return None
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                # As the interpreter counts, a function begins with its decorators.
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                if line in (first, node.lineno):
                    return range(first, (node.end_lineno or node.lineno) + 1)
        return None


def parse_diff(lines: Iterable[str]) -> dict[str, list[range]]:
    """The lines of head that a diff without context changes, by file; of lines that are gone the two around them."""
    found: defaultdict[str, list[range]] = defaultdict(list)
    file = ""
    for line in lines:
        if named := _FILE.fullmatch(line):
            file = named[1]
        elif line.startswith("+++ "):
            file = ""
        elif (hunk := _HUNK.fullmatch(line)) and file:
            start, count = int(hunk[1]), int(hunk[2] or 1)
            found[file].append(range(start, start + count) if count else range(start, start + 2))
    return dict(found)


def _is_same(path: str, file: str) -> bool:
    """Whether git's path is the file of a profiler: the service may run in a folder below, and in a container."""
    if file.startswith("/"):
        return file.endswith(f"/{path}")
    return path == file or path.endswith(f"/{file}")


def _overlap(own: range, changed: range) -> bool:
    return own.start < changed.stop and changed.start < own.stop
