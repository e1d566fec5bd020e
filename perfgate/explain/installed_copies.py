"""A service that is installed like a library: its functions by the names that they have in the repository."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from perfgate.explain.changes import Changes
from perfgate.explain.pairs import ProfiledPair


def as_in_repository(pairs: Sequence[ProfiledPair], changes: Changes | None) -> list[ProfiledPair]:
    """The pairs, with modules of the repository as its own, though they lie in a folder of libraries (pip install .).

    changes: None where the repository is not known; then all stays as it is.
    """
    if changes is None:
        return list(pairs)
    known = changes

    @cache
    def name(file: str) -> str:
        return known.installed_name(file) or file

    return [ProfiledPair(pair.base.with_files(name), pair.head.with_files(name)) for pair in pairs]
