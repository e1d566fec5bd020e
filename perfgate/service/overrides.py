"""Overrides: what belongs to others is set otherwise for a measurement, and restored whatever happens.

What a thing had before stands in a file for as long as it is overridden, so that a later start can restore it where
this one is killed. Several perfgates may override one thing: their files tell the order. The one that goes while a
later one stays hands what it found on to that one; only the latest changes the thing.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from perfgate.service.owner import owner_in, this_process

_LOCK = "perfgate-cpuset-lock-"


class OverrideNotes:
    """Notes of all overrides of one kind of thing, and the way back.

    prefix: of their files' names. put_back: gives the thing of that key what it had before. errors: the exceptions of a
    `put_back` that failed, after which a later start tries again.
    """

    def __init__(
        self, prefix: str, put_back: Callable[[str, str], None], errors: tuple[type[Exception], ...] = ()
    ) -> None:
        self._prefix = prefix
        self._put_back = put_back
        self._errors = errors

    def begin(self, key: str, read: Callable[[], str], change: Callable[[], None]) -> Path | None:
        """Override a thing; its file, or None where this process does so already.

        key: of the thing, without "-". read: what it has now, as one line. change: overrides it; where that raises, it
        is put back.
        """
        file = _folder() / f"{self._prefix}{this_process()}-{key}"
        with _alone():
            before = read()  # another perfgate may have changed it until now
            try:
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            except FileExistsError:
                return None
            with os.fdopen(descriptor, "w") as opened:
                opened.write(str(_Note(before, time.time_ns())))
            try:
                change()
            except BaseException:
                self._restore(file)
                raise
        return file

    def end(self, file: Path) -> None:
        """Restore what was overridden. Once is enough."""
        with _alone():
            self._restore(file)

    def abandoned(self) -> list[Path]:
        """The files of owners that were killed, the latest first."""
        found = [
            path
            for path in self._files("")
            if (owner := owner_in(path.name)) is not None and owner.gone() and _is_ours(path)
        ]
        return sorted(found, key=_written, reverse=True)

    def end_abandoned(self) -> None:
        """Restore what owners that were killed had overridden."""
        if self.abandoned():
            with _alone():
                for path in self.abandoned():
                    self._restore(path)

    def _restore(self, path: Path) -> None:
        with suppress(OSError, ValueError, *self._errors):
            note, key = _read(path), path.name.rpartition("-")[2]
            later = self._next_after(note, key)
            if later is not None:
                later.write_text(str(_Note(note.before, _read(later).written)))
            else:
                self._put_back(key, note.before)
            path.unlink()

    def _next_after(self, note: _Note, key: str) -> Path | None:
        """The file of the one that overrode the thing next, and so found there what this one had set."""
        others = [path for path in self._files(f"-{key}") if _is_ours(path)]
        return min((path for path in others if _written(path) > note.written), key=_written, default=None)

    def _files(self, end: str) -> list[Path]:
        return list(_folder().glob(f"{self._prefix}*{end}"))


@dataclass(frozen=True)
class _Note:
    """What a file holds.

    before: what the thing had.
    written: when it was overridden (Unix ns).
    """

    before: str
    written: int

    def __str__(self) -> str:
        return f"{self.before}\n{self.written}"


def _read(path: Path) -> _Note:
    before, _, written = path.read_text().partition("\n")
    return _Note(before, int(written or 0))


def _written(path: Path) -> int:
    try:
        return _read(path).written
    except (OSError, ValueError):
        return 0


def _is_ours(note: Path) -> bool:
    """Whether this user wrote it; not so where somebody else has just restored it."""
    try:
        return note.lstat().st_uid == os.getuid()
    except FileNotFoundError:
        return False


@contextmanager
def _alone() -> Iterator[None]:
    """Inside, no other perfgate of this user overrides anything."""
    descriptor = os.open(_folder() / f"{_LOCK}{os.getuid()}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _folder() -> Path:
    return Path(tempfile.gettempdir())
