"""Where a measurement comes from: the commit and branch of this checkout, and the versions that took part."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from perfgate.application.ci_job import ci_job
from perfgate.application.context import Context
from perfgate.git import Git, GitError
from perfgate.service.target import CommitTarget, Target
from perfgate.version import VERSION


@dataclass(frozen=True)
class Checkout:
    """The commit that is checked out.

    commit: its SHA; "" outside of a repository.
    branch: the branch, as git or CI names it; "" where neither does.
    dirty: whether tracked files differ from it, or, of the target `worktree`, any that git does not ignore.
    refusal: why git does not tell, though there is a repository; None where it does, or where there is none.
    """

    commit: str
    branch: str
    dirty: bool
    refusal: GitError | None = None


@dataclass(frozen=True)
class Provenance:
    """Where the two sides of a measurement come from.

    here: the commit that is checked out; of a pull request its newest commit, which people know.
    base: the commit that it was merged into; None where that is not known.
    merge: the commit that CI made of the two and checked out; "" where it did not.
    """

    here: Checkout
    base: Checkout | None
    merge: str

    def of(self, side: str, target: Target) -> Checkout:
        """What a target was made of: its own commit, or, where nobody knows that, what lies here."""
        base = self.base if side == "base" else None
        if not isinstance(target, CommitTarget):
            return base or self.here
        commit = target.commit
        if base and commit.sha == base.commit:
            return replace(base, dirty=bool(commit.tree))
        if commit.sha in (self.here.commit, self.merge):
            return replace(self.here, branch=commit.branch or self.here.branch, dirty=bool(commit.tree))
        return Checkout(commit.sha, commit.branch, dirty=bool(commit.tree))


def read_provenance(context: Context, history: Path | None = None) -> Provenance:
    """What this checkout holds, and what it stands on where CI has merged a pull request into its base branch.

    history: the file that perfgate itself keeps among those of the repository.
    """
    here = read_checkout(context, history)
    parents = _merged(context, here.commit)
    if not parents:
        return Provenance(here, None, "")
    base, head = parents
    base_branch = context.environment.get("GITHUB_BASE_REF", "")
    return Provenance(replace(here, commit=head), Checkout(base, base_branch, dirty=False), here.commit)


def _merged(context: Context, commit: str) -> list[str]:
    """The parents of the commit that Actions makes of a pull request: first the base, then the head. [] of any other.

    As the commit itself has them: `git log` would not show what a shallow clone lacks.
    """
    if not context.environment.get("GITHUB_BASE_REF") or not commit or context.environment.get("GITHUB_SHA") != commit:
        return []
    header = _git(context, "cat-file", "commit", commit).partition("\n\n")[0]
    parents = [line.split()[1] for line in header.splitlines() if line.startswith("parent ")]
    return parents if len(parents) == 2 else []


def read_checkout(context: Context, history: Path | None = None) -> Checkout:
    """Commit, branch and whether files differ. CI checks commits out without a branch: there its variables say it.

    history: a file that may differ: what perfgate keeps of its own runs is no change of the service.
    """
    try:
        commit, refusal = Git(context.folder, context.environment).say("rev-parse", "HEAD"), None
    except GitError as error:
        commit, refusal = "", error if _has_repository(context) else None
    branch = _git(context, "rev-parse", "--abbrev-ref", "HEAD")
    if branch in ("HEAD", ""):
        branch = ci_job(context.environment).branch
    but = [] if history is None or not _is_below(history) else [f":(exclude,literal){history.as_posix()}"]
    dirty = bool(commit) and bool(_git(context, "status", "--porcelain", "--untracked-files=no", "--", ":/", *but))
    return Checkout(commit, branch, dirty, refusal)


def _is_below(path: Path) -> bool:
    """Whether git takes the path for one of its own, from this folder on: it refuses one outside of the repository."""
    return not path.is_absolute() and ".." not in path.parts


def _has_repository(context: Context) -> bool:
    """Whether the folder lies in one that git refuses, or cannot read without being installed."""
    folder = context.folder.absolute()
    return any((place / ".git").exists() for place in (folder, *folder.parents))


def resolve_commit(context: Context, name: str) -> str:
    """The commit that git knows by a tag, branch or commit's name; "" where there is none."""
    return _git(context, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")


def commits_after_fork(context: Context, head: str, branch: str) -> frozenset[str]:
    """The commits of `branch` that `head`, a commit, does not stand on: what landed there after their merge-base.

    Empty where git cannot tell: outside of a repository, or in a clone too shallow to hold both. The branch is that of
    the remote where there is one: the local one may be old. What CI has merged stands on all that it was merged into.
    """
    provenance = read_provenance(context)
    if provenance.merge and head == provenance.here.commit:
        head = provenance.merge
    for tip in (f"origin/{branch}", branch):
        if head and resolve_commit(context, tip) and _git(context, "merge-base", head, tip):
            return frozenset(_git(context, "rev-list", tip, f"^{head}").split())
    return frozenset()


def remote_of_checkout(context: Context) -> str:
    """The address of the remote `origin`; "" where there is none."""
    return _git(context, "remote", "get-url", "origin")


def _git(context: Context, *arguments: str) -> str:
    return Git(context.folder, context.environment).ask(*arguments) or ""


def versions() -> dict[str, str]:
    """Versions of perfgate, Python, and the libraries that carry the load."""
    found = {"perfgate": VERSION, "python": platform.python_version()}
    for package in ("gevent", "httptools"):
        found[package] = metadata.version(package)
    return found
