"""Where native functions begin, as debug information says, by `addr2line` of GNU's or LLVM's binutils."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection

from perfgate.explain.profilers.images import Image
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace, started

_PROGRAMS = ("addr2line", "llvm-addr2line")
_SOURCE = re.compile(r"(?P<file>.*):(?P<line>[0-9]{1,9}|\?)(?: .*)?")
_UNKNOWN = "??"

Source = tuple[str, int]
"""A file and a line in it; "" and 0 where they are not known."""


class SourceLines:
    """All that was asked for so far: nothing where the program is missing, or a file has no such information."""

    def __init__(self, place: ProfilerPlace) -> None:
        self._place = place
        path = place.environment.get("PATH")
        self._program = next(filter(None, (shutil.which(one, path=path) for one in _PROGRAMS)), None)
        self._known: dict[tuple[str, int], Source] = {}
        self._without: set[str] = set()

    def look_up(self, image: Image, addresses: Collection[int]) -> None:
        """Ask for the sources at these addresses of a file."""
        key = str(image.opened)
        asked = [one for one in sorted(addresses) if (key, one) not in self._known]
        if not self._program or not asked or key in self._without:
            return
        for address, source in zip(asked, self._ask(image, asked), strict=False):
            self._known[key, address] = source
        if not any(self._known.get((key, one), ("", 0))[0] for one in asked):
            self._without.add(key)

    def source(self, image: Image, address: int) -> Source | None:
        """The source there, where debug information of that file is known at all; else None."""
        key = str(image.opened)
        return None if key in self._without else self._known.get((key, address))

    def _ask(self, image: Image, addresses: Collection[int]) -> list[Source]:
        assert self._program is not None
        command = [self._program, "-e", str(image.opened), *map(hex, addresses)]
        try:
            with started(command, self._place) as program:
                _, output, _ = program.end()
        except ProfilerError:
            return []
        return [_source(line) for line in output.splitlines()]


def _source(line: str) -> Source:
    match = _SOURCE.fullmatch(line)
    if match is None or match["file"] == _UNKNOWN:
        return "", 0
    return match["file"], int(match["line"]) if match["line"] != "?" else 0
