"""Publishing: fetch the newest commit, replay the new runs on its history, commit, push; again if another was faster.

Never a merge of binaries and never a force push: what is pushed is one commit on the newest one, so all publishers
together make one line, and a push that comes too late is simply done again on what the other has made of the branch.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from perfgate.errors import HistoryError
from perfgate.git import Git, GitError
from perfgate.history.git.filtering import refuse_filter, refuse_pointer
from perfgate.history.git.place import path_in_tree
from perfgate.history.git.scratch_repository import ScratchRepository
from perfgate.history.merging import merge_into

PUBLISH_SECONDS = 180.0

# Waits between attempts grow from the first to the longest and are drawn from 0 up to that, which spreads rivals best
# ("full jitter": Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
_FIRST_WAIT = 0.25
_LONGEST_WAIT = 8.0

# What git says, lower case, when another push came first.
_ANOTHER_WAS_FASTER = (
    "[rejected]",
    "cannot lock ref",
    "failed to update ref",
    "failed to lock",
    "incorrect old value",
    "reference already exists",
    "shallow update not allowed",
)
# What it says when the remote did not answer, or not as it should: over HTTP always the first, over ssh always the
# second, whatever the libraries below call it; then of a connection that ends too soon, and GitHub of its own faults.
_UNANSWERED = (
    "unable to access",
    "could not read from remote repository",
    "timed out",
    "early eof",
    "remote end hung up unexpectedly",
    "rpc failed",
    "fatal error in commit_refs",
    "internal server error",
)
# Answers among these that no waiting changes: who asks may not, there is no such repository, or its name is not proven.
_ANSWERED = re.compile(
    r"error: 4(?!08|29)\d\d|permission denied|permission to|authentication failed|could not read (username|password)"
    r"|repository not found|not appear to be a git repository|access denied|unauthorized|host key verification failed"
    r"|certificate (problem|verif)|ssl certificate"
)
_QUOTED = re.compile(r"'[^'\n]*'")

# GitHub starts no workflow for a push whose newest commit says so: "Skipping workflow runs",
# https://docs.github.com/en/actions/managing-workflow-runs/skipping-workflow-runs
_NO_WORKFLOW = "[skip ci]"


@dataclass(frozen=True)
class Destination:
    """Where a history is published. path: in the tree of the branch.

    own: whether the branch holds nothing but the history; it is made where it is missing.
    """

    remote: str
    branch: str
    path: str
    own: bool

    def __str__(self) -> str:
        return f"{self.path} on {self.remote}/{self.branch}"


@dataclass(frozen=True)
class _Source:
    """What is published. base: the history that the file began as, where that is known.

    leaving_out: the ids of runs that are not.
    """

    file: Path
    base: Path | None
    leaving_out: Collection[str]


@dataclass(frozen=True)
class Published:
    """What publishing did. commit: None where the branch had every run already. size: of the history, in bytes."""

    commit: str | None
    runs: int
    size: int
    attempts: int


def publish(
    checkout: Git,
    file: Path,
    destination: Destination,
    *,
    leaving_out: Collection[str] = (),
    seconds: float = PUBLISH_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> Published:
    """Add the runs of `file` that the destination lacks to it.

    leaving_out: ids of runs that are not. seconds: how long to try again when others push at the same time.
    HistoryError or GitError where it cannot be done; then nothing was published, and `file` is as it was either way.
    """
    if not destination.own:  # on a branch of its own there is no .gitattributes
        refuse_filter(checkout, destination.path)
    deadline = clock() + seconds
    attempt = 0
    with ScratchRepository(checkout, destination.remote) as scratch:
        base = _common_ancestor(checkout, file, destination, scratch.folder)
        source = _Source(file, base, leaving_out)
        while True:
            attempt += 1
            try:
                return _attempt(scratch, source, destination, attempt)
            except GitError as error:
                longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1))
                pause = longest * chance()
                if not _worth_another(error):
                    raise
                if clock() + pause > deadline:
                    error.hint = f"It was tried {attempt} times in {seconds:.0f} s. {error.hint}"
                    raise
                wait(pause)


def _attempt(scratch: ScratchRepository, source: _Source, destination: Destination, number: int) -> Published:
    tip = scratch.fetch(destination.branch)
    if tip is None and not destination.own:
        raise HistoryError(
            f"{destination.remote} has no branch {destination.branch}",
            "Push it first, or name another: branch under [gate] in perfgate.toml, or under [history] for one that "
            "holds the history alone.",
        )
    history = scratch.folder / "perfgate.db"
    history.unlink(missing_ok=True)
    if tip is not None:
        scratch.read(tip, destination.path, history)
        refuse_pointer(history, str(destination))
    runs = _replay(history, source, destination)
    size = history.stat().st_size
    if not runs:
        return Published(None, 0, size, number)
    message = f"history: Add {runs} run{'s' if runs > 1 else ''}\n\n{_NO_WORKFLOW}"
    commit = scratch.commit(tip, destination.path, history, message)
    scratch.push(commit, destination.branch)
    return Published(commit, runs, size, number)


def _replay(history: Path, source: _Source, destination: Destination) -> int:
    """Put the new runs of the source into the branch's history; how many there were."""
    try:
        merged = merge_into(history, source.file, source.base, removing=False, leaving_out=source.leaving_out)
    except HistoryError as error:
        raise HistoryError(error.message.replace(str(history), str(destination)), error.hint) from error
    return merged.added + merged.replaced


def _common_ancestor(checkout: Git, file: Path, destination: Destination, folder: Path) -> Path | None:
    """The history that `file` began as, where it is the checkout's own copy: runs of it that are gone stay gone."""
    if file.resolve() != (checkout.folder / destination.path).resolve():
        return None
    committed = f"HEAD:{path_in_tree(checkout, file)}"
    if checkout.ask("rev-parse", "--verify", "--quiet", committed) is None:
        return None
    base = folder / "base.db"
    with base.open("wb") as opened:
        checkout.write(opened, "cat-file", "blob", committed)
    return base


def _worth_another(error: GitError) -> bool:
    lines = (line.removeprefix("remote: ") for line in error.said.lower().splitlines())
    said = "\n".join(line for line in lines if not line.startswith("warning:"))
    if any(part in said for part in _ANOTHER_WAS_FASTER):
        return True
    # What is quoted is an address or a file: its name may say anything.
    return any(part in said for part in _UNANSWERED) and not _ANSWERED.search(_QUOTED.sub("", said))
