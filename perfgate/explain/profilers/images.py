"""The files that a process has its code from: which address of a file an address in memory is."""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Any

from perfgate.explain.profilers.go_functions import GoFunctions, is_go
from perfgate.extras import is_installed

_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) ..x\S* ([0-9a-f]+) \S+ \d+\s+(/.+)")


class Image:
    """A file with code.

    path: as its process calls it.
    opened: as it is opened from here, also where the process has another root.
    is_go: whether it is a Go program.
    go: its functions; None where that is not so, or they are written down in a way of an older Go.
    """

    def __init__(self, path: str, opened: Path) -> None:
        """OSError, ValueError or ELFError where it is no such file."""
        from elftools.elf.elffile import ELFFile

        self.path = path
        self.opened = opened
        with ExitStack() as stack:
            elf = ELFFile(stack.enter_context(opened.open("rb")))
            loaded = [one for one in elf.iter_segments() if one["p_type"] == "PT_LOAD"]
            self._segments = [(one["p_offset"], one["p_filesz"], one["p_vaddr"]) for one in loaded]
            self.is_go = is_go(elf)
            self.go = _go_functions(elf) if self.is_go else None

    def address(self, offset: int) -> int | None:
        """The address, as the file counts, of what lies there in it."""
        for start, size, address in self._segments:
            if start <= offset < start + size:
                return int(address + offset - start)
        return None


class Memory:
    """Where the code of one process came from, as of now.

    executable: the path of its program; "" where unknown.
    """

    def __init__(self, pid: int) -> None:
        self._root = Path(f"/proc/{pid}/root")
        self._mappings = sorted(_mappings(pid))
        try:
            self.executable = str(Path(f"/proc/{pid}/exe").readlink()).removesuffix(" (deleted)")
        except OSError:
            self.executable = ""

    @property
    def is_go(self) -> bool:
        """Whether its program is a Go program."""
        image = self.program
        return image is not None and image.is_go

    @property
    def program(self) -> Image | None:
        """The file of its program; None where it cannot be read."""
        return _image(self.executable, self._root) if self.executable else None

    def has(self, ending: str) -> bool:
        """Whether it has code from a file whose path ends so."""
        return any(path.endswith(ending) for *_, path in self._mappings)

    def has_named(self, pattern: re.Pattern[str]) -> bool:
        """Whether it has code from a file whose name, without folders, begins so."""
        return any(pattern.match(path.rpartition("/")[2]) for *_, path in self._mappings)

    def holds(self, address: int) -> bool:
        """Whether code lies at this address."""
        return self._mapping(address) is not None

    def place(self, address: int) -> tuple[Image, int] | None:
        """The file that is at an address, and the address in it; None where there is none that can be read."""
        mapping = self._mapping(address)
        return self.place_in(mapping[3], address - mapping[0] + mapping[2]) if mapping else None

    def place_in(self, path: str, offset: int) -> tuple[Image, int] | None:
        """A file, and the address in it of what lies at this offset; None where it cannot be read."""
        image = _image(path, self._root)
        address = image.address(offset) if image else None
        return None if image is None or address is None else (image, address)

    def _mapping(self, address: int) -> tuple[int, int, int, str] | None:
        """Start, end, offset in the file, and its path."""
        index = bisect_right(self._mappings, address, key=lambda one: one[0]) - 1
        return self._mappings[index] if index >= 0 and address < self._mappings[index][1] else None


def _mappings(pid: int) -> list[tuple[int, int, int, str]]:
    try:
        lines = Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines()
    except OSError:
        return []
    found = (_MAPPING.fullmatch(line) for line in lines)
    return [(int(one[1], 16), int(one[2], 16), int(one[3], 16), one[4]) for one in found if one]


def _image(path: str, root: Path) -> Image | None:
    opened = root / path.lstrip("/")
    try:
        status = opened.stat()
    except OSError:
        return None
    return _read(path, opened, (status.st_dev, status.st_ino, status.st_mtime_ns))


@lru_cache(maxsize=256)
def _read(path: str, opened: Path, _identity: Any) -> Image | None:
    if not is_installed("elftools"):
        return None
    from elftools.common.exceptions import ELFError

    try:
        return Image(path, opened)
    except (ELFError, OSError, ValueError):
        return None


def _go_functions(elf: Any) -> GoFunctions | None:
    try:
        return GoFunctions(elf)
    except ValueError:
        return None
