"""Facts from the files of two commits: those files that both have, and that are not the same. git reads them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from perfgate.explain.differences.difference import NotCompared
from perfgate.explain.differences.facts import Sheet
from perfgate.explain.differences.files.reading import most_bytes, reader_of
from perfgate.git import Git
from perfgate.texts import decoded

# A change of more files than that is a move of the whole repository.
_MOST_FILES = 40
# What Python raises of texts that are no JSON, TOML or XML, and of such data in another shape than was expected.
BROKEN = (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError)
"""What Python raises of data that is broken."""
SECONDS = 1.0
"""How long reading may take: whoever waits for a verdict has it already, and wants the prompt."""


@dataclass(frozen=True)
class TreeFacts:
    """What the files of two commits say.

    base, head: the facts of each side.
    not_compared: files that were passed over.
    """

    base: tuple[Sheet, ...]
    head: tuple[Sheet, ...]
    not_compared: tuple[NotCompared, ...]


@dataclass(frozen=True)
class _Blob:
    """A file as git keeps it. size: in bytes."""

    sha: str
    size: int


class _UnreadableError(Exception):
    """A file that is passed over. Its text says why."""


def tree_facts(git: Git, base: str, head: str, seconds: float = SECONDS) -> TreeFacts:
    """The facts of two trees, or commits; GitError where git has them not. git: anywhere in the repository."""
    end = time.monotonic() + seconds
    listed = git.say("diff", "--name-only", "--no-renames", "--diff-filter=M", "-z", base, head, "--")
    paths = sorted(filter(reader_of, filter(None, listed.split("\0"))), key=lambda path: (path.count("/"), path))
    skipped = [NotCompared(path, f"only {_MOST_FILES} files are read") for path in paths[_MOST_FILES:]]
    paths = paths[:_MOST_FILES]
    sides = [_blobs(git, side, paths) for side in (base, head)]
    found: tuple[list[Sheet], list[Sheet]] = ([], [])
    for path in paths:
        try:
            if time.monotonic() > end:
                raise _UnreadableError(f"reading took longer than {seconds:g} s")
            sheets = [
                _sheets(git, path, blobs.get(path), side) for blobs, side in zip(sides, ("base", "head"), strict=True)
            ]
        except _UnreadableError as error:
            skipped.append(NotCompared(path, str(error)))
        else:
            for side, read in zip(found, sheets, strict=True):
                side.extend(read)
    return TreeFacts(tuple(found[0]), tuple(found[1]), tuple(skipped))


def _blobs(git: Git, tree: str, paths: Sequence[str]) -> dict[str, _Blob]:
    if not paths:
        return {}
    listed = git.say("ls-tree", "-l", "-z", "--full-tree", tree, "--", *paths)
    found = {}
    for entry in filter(None, listed.split("\0")):
        details, _, path = entry.partition("\t")
        _, kind, sha, size = details.split()
        if kind == "blob":
            found[path] = _Blob(sha, int(size))
    return found


def _sheets(git: Git, path: str, blob: _Blob | None, side: str) -> list[Sheet]:
    reader = reader_of(path)
    if reader is None or blob is None:
        raise _UnreadableError(f"it is no file on {side}")
    if blob.size > most_bytes(path):
        raise _UnreadableError(f"it has {blob.size / 1e6:.1f} MB on {side}")
    text = decoded(git.blob(blob.sha))
    if "\0" in text:
        raise _UnreadableError(f"it is no text on {side}")
    try:
        return reader(path, text)
    except BROKEN:
        raise _UnreadableError(f"it cannot be understood on {side}") from None
