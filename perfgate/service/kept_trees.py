"""Work trees that stay, built, between two starts of a commit, for commands that start some commits several times."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol

from perfgate.popen import interrupts_held

# Of a large repository with all that a build installs, more would fill the disk.
_MOST = 8


class BuiltTree(Protocol):
    """The work tree of a commit.

    folder: its top.
    mark: that of all processes that it owns.
    """

    folder: Path
    mark: str

    def remove(self) -> None:
        """Remove it."""


class KeptTrees:
    """A context manager; at its end no tree is left. A tree that is in use is not here."""

    def __init__(self) -> None:
        self._idle: dict[str, BuiltTree] = {}

    def take(self, key: str) -> BuiltTree | None:
        """The idle tree of that key; None where there is none. key: all that its content depends on."""
        return self._idle.pop(key, None)

    def put_back(self, key: str, tree: BuiltTree) -> None:
        """Keep a tree that is no longer in use; beyond a few, the one that was idle for longest goes."""
        self._idle[key] = tree
        while len(self._idle) > _MOST:
            self._idle.pop(next(iter(self._idle))).remove()

    def __enter__(self) -> KeptTrees:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with interrupts_held():
            while self._idle:
                self._idle.popitem()[1].remove()
