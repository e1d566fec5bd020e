"""Where a measurement comes from: the commit and branch of this checkout, and the versions that took part."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from perfgate.git import Git
from perfgate.service.target import CommitTarget, Target
from perfgate.version import VERSION


@dataclass(frozen=True)
class Checkout:
    """What git says of the folder that perfgate runs in; empty outside of a repository."""

    commit: str
    branch: str
    dirty: bool


def read_checkout(folder: Path, environment: Mapping[str, str]) -> Checkout:
    """Commit, branch and whether files differ. CI checks commits out without a branch: there its variables say it."""
    commit = _git(folder, "rev-parse", "HEAD")
    branch = _git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    if branch in ("HEAD", ""):
        branch = environment.get("GITHUB_HEAD_REF") or environment.get("GITHUB_REF_NAME") or ""
    dirty = bool(commit) and bool(_git(folder, "status", "--porcelain", "--untracked-files=no"))
    return Checkout(commit, branch, dirty)


def resolve_commit(folder: Path, name: str) -> str:
    """The commit that git knows by a tag, branch or commit's name; "" where there is none."""
    return _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")


def commits_after_fork(folder: Path, head: str, branch: str) -> frozenset[str]:
    """The commits of `branch` that `head`, a commit, does not stand on: what landed there after their merge-base.

    Empty where git cannot tell: outside of a repository, or in a clone too shallow to hold both. The branch is that of
    the remote where there is one: the local one may be old.
    """
    for tip in (f"origin/{branch}", branch):
        if head and resolve_commit(folder, tip) and _git(folder, "merge-base", head, tip):
            return frozenset(_git(folder, "rev-list", tip, f"^{head}").split())
    return frozenset()


def source_of(target: Target, here: Checkout) -> Checkout:
    """What a target was made of: its own commit, or, where nobody knows that, what lies here."""
    if not isinstance(target, CommitTarget):
        return here
    commit = target.commit
    return Checkout(commit.sha, commit.branch or (here.branch if commit.sha == here.commit else ""), dirty=False)


def remote_of_checkout(folder: Path) -> str:
    """The address of the remote `origin`; "" where there is none."""
    return _git(folder, "remote", "get-url", "origin")


def _git(folder: Path, *arguments: str) -> str:
    return Git(folder, os.environ).ask(*arguments) or ""


def versions() -> dict[str, str]:
    """Versions of perfgate, Python, and the libraries that carry the load."""
    found = {"perfgate": VERSION, "python": platform.python_version()}
    for package in ("gevent", "httptools"):
        found[package] = metadata.version(package)
    return found
