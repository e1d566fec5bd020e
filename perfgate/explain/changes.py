"""What the two commits changed: whether a function's own lines are among it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import PurePosixPath

from perfgate.explain.extents import extent
from perfgate.explain.origin import in_library, is_own
from perfgate.explain.profile import Function

_FILE = re.compile(r"\+\+\+ b/(.+?)\t?")
# Endings of JavaScript that may be built, and of what it is built from.
_BUILT, _SOURCES = (".js", ".mjs", ".cjs"), (".ts", ".tsx", ".mts", ".cts", ".jsx", ".js", ".coffee")
_HUNK = re.compile(r"@@ -\S+ \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@.*")


class Changes:
    """The lines of head that differ from base.

    lines: by file, from the repository's top on.
    files: all that are on head, likewise.
    source: the text of such a file on head; None where it cannot be had.
    folder: the service's, which relative names of files are told from; "" for the top, or where it is not known.
    """

    def __init__(
        self,
        lines: Mapping[str, Sequence[range]],
        files: Collection[str],
        source: Callable[[str], str | None],
        folder: str = "",
    ) -> None:
        self._lines = lines
        self._files = frozenset(files)
        self._named: defaultdict[str, list[str]] = defaultdict(list)
        for path in self._files:
            self._named[PurePosixPath(path).name].append(path)
        self._source = cache(source)
        self._folder = folder

    def touch(self, function: Function, line: int | None) -> bool | None:
        """Whether the commits differ in a function that begins on this line; None where that cannot be told, since git
        may not know its file.
        """
        file = function.file
        if not file or file.startswith("<") or function.name == "<module>":
            return None
        fitting = self._fitting(file)
        if not fitting and is_own(function):
            # A container may hold what is in the repository in a folder below the service's.
            file = f"/{file.lstrip('/')}"
            fitting = self._fitting(file)
        if not fitting:
            return True if is_own(function) and self._compiled_from(file) in self._lines else None
        if not any(path in self._lines for path in fitting):
            return None if file.startswith("/") else False
        path = self._path(file, fitting)
        if path is None:
            return None
        if path not in self._lines:
            return False
        own = self._extent(path, line)
        return own is None or any(_overlap(own, changed) for changed in self._lines[path])

    def installed_name(self, file: str) -> str | None:
        """The name of a module that was installed from the repository, such as shop/prices.py of
        .../site-packages/shop/prices.py; None for all others.
        """
        _, mark, name = file.rpartition("-packages/")
        if not mark or not in_library(file):
            return None
        # A module without a package may be called like any file.
        ends = f"/{name}" if "/" in name else f"src/{name}"
        found = [
            path
            for path in self._named.get(PurePosixPath(name).name, ())
            if (path == name or f"/{path}".endswith(ends)) and not in_library(path)
        ]
        return name if len(found) == 1 else None

    def _fitting(self, file: str) -> list[str]:
        """The paths of head that may be a profiler's file."""
        return [path for path in self._named.get(PurePosixPath(file).name, ()) if _fits(path, file)]

    def _compiled_from(self, file: str) -> str | None:
        """The source that JavaScript was built from: src/routes/pets.ts of dist/routes/pets.js; None for none.

        Where several fit, the one that has most folders in common with it.
        """
        built = PurePosixPath(file)
        if built.suffix not in _BUILT:
            return None
        found: dict[int, set[str]] = {}
        for path in (one for ending in _SOURCES for one in self._named.get(f"{built.stem}{ending}", ())):
            below = path.removeprefix(f"{self._folder}/") if self._folder else path
            for parts in (PurePosixPath(below).parts, PurePosixPath(below).parts[1:]):
                if parts[:-1] == built.parts[-len(parts) : -1]:
                    found.setdefault(len(parts), set()).add(path)
        longest = found[max(found)] if found else set()
        return next(iter(longest)) if len(longest) == 1 else None

    def _path(self, file: str, fitting: Sequence[str]) -> str | None:
        """The path from the repository's top on of a profiler's file; None where it may be one of several.

        fitting: those that it may be.
        """
        for exact in (str(PurePosixPath(self._folder, file)), file):
            if exact in self._files:
                return exact
        if file.startswith("/"):
            return max(fitting, key=len, default=None)
        return fitting[0] if len(fitting) == 1 else None

    def _extent(self, path: str, line: int | None) -> range | None:
        """The lines of the function that begins on this one; None where they are not known."""
        source = self._source(path) if line is not None else None
        return None if line is None or source is None else extent(path, source, line)


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


def _fits(path: str, file: str) -> bool:
    """Whether git's path may be the file of a profiler: the service may run in a folder below, and in a container."""
    if file.startswith("/"):
        return file.endswith(f"/{path}") and (in_library(path) or not in_library(file))
    return path == file or path.endswith(f"/{file}")


def _overlap(own: range, changed: range) -> bool:
    return own.start < changed.stop and changed.start < own.stop
