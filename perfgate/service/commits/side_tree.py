"""The tree of a side: a commit checked out, with the files of the checkout that git does not keep and `files` names."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from perfgate.errors import UsageError
from perfgate.git import Git
from perfgate.service.commits.worktree import Worktree
from perfgate.service.settings import LaunchContext
from perfgate.service.target import CommitTarget


def side_tree(target: CommitTarget, checkout: Git, context: LaunchContext) -> Worktree:
    """The work tree of a commit, with what it lacks of the named files.

    UsageError where the checkout lacks one, too, or it would lie outside of the tree. Then nothing of it is left.
    """
    tree = Worktree(checkout, target.commit.sha, target.commit.tree)
    try:
        for place in context.settings.files:
            if not (tree.folder / place).exists():
                _take(place, checkout.folder, tree.folder)
                context.say(f"{target.text} has no {place}: that of the checkout is taken")
    except BaseException:
        tree.remove()
        raise
    return tree


def hash_of_files(checkout: Git, context: LaunchContext) -> str:
    """A hash of the named files, as the checkout has them; "" where none is named."""
    found = [f"{place} {_hash(checkout.folder / place)}" for place in context.settings.files]
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else ""


def _take(place: Path, checkout: Path, tree: Path) -> None:
    own, copy = checkout / place, tree / place
    if not own.is_file():
        raise UsageError(
            f"[service] files in perfgate.toml names {place}, which the checkout has not",
            "write it before perfgate is called, in CI in a step of the workflow; of a folder name the files",
        )
    if not Path(os.path.realpath(copy)).is_relative_to(os.path.realpath(tree)):
        raise UsageError(
            f"[service] files in perfgate.toml names {place}, which a link of the commit leads out of its tree",
            "name the file by a path without links",
        )
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(own, copy)  # with its mode: a key may be its owner's alone


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
