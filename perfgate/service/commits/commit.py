"""The commit of a git ref."""

from __future__ import annotations

import re

from perfgate.errors import UsageError, nearest
from perfgate.git import Git
from perfgate.service.target import Commit

# The suffix for "so many commits before": still on that branch.
_BEFORE = re.compile(r"(~\d*|\^)+$")
_HASH = re.compile(r"[0-9a-f]{7,64}")


def find_commit(checkout: Git, ref: str) -> Commit:
    """The commit that `ref` means; a branch that only a remote has is found by its own name, too.

    UsageError where there is none, with the most similar name, or how to fetch it into a shallow clone.
    """
    found = _sha(checkout, ref)
    if found is None:
        remote = _of_a_remote(checkout, ref)
        found = remote and _sha(checkout, remote)
        if not found or not remote:
            raise _missing(checkout, ref)
        ref = remote
    return Commit(found, _branch(checkout, ref), _unsaved(checkout, found), "")


def _sha(checkout: Git, ref: str) -> str | None:
    return checkout.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")


def _of_a_remote(checkout: Git, ref: str) -> str | None:
    """The remote's branch of that name: of origin, or of the only remote that has one."""
    name, before = _split(ref)
    listed = checkout.ask("for-each-ref", "--format=%(refname)", "refs/remotes") or ""
    found = [one for one in listed.splitlines() if "/".join(one.split("/")[3:]) == name]
    origin = f"refs/remotes/origin/{name}"
    if origin in found or len(found) == 1:
        return (origin if origin in found else found[0]) + before
    return None


def _split(ref: str) -> tuple[str, str]:
    """A ref as its name and its suffix: "main~2" is "main" and "~2"."""
    name = _BEFORE.sub("", ref)
    return name, ref[len(name) :]


def _branch(checkout: Git, ref: str) -> str:
    full = checkout.ask("rev-parse", "--symbolic-full-name", "--end-of-options", _split(ref)[0]) or ""
    # Git before 2.30 prints the option, too.
    kind, _, name = full.splitlines()[-1].removeprefix("refs/").partition("/") if full else ("", "", "")
    if kind == "remotes":
        return name.partition("/")[2]
    return name if kind == "heads" else ""


def _unsaved(checkout: Git, sha: str) -> bool:
    return _sha(checkout, "HEAD") == sha and bool(checkout.ask("status", "--porcelain", "--untracked-files=no"))


def _missing(checkout: Git, ref: str) -> UsageError:
    name, before = _split(ref)
    if checkout.is_shallow:
        return UsageError(
            f"this clone is shallow and has no commit {ref}", f"fetch it: `{_fetching(checkout, name, before)}`"
        )
    if _sha(checkout, "HEAD") is None:
        return UsageError(f"there is no commit {ref}: this repository has none yet", "commit something first")
    listed = checkout.ask("for-each-ref", "--format=%(refname:short)") or ""
    meant = nearest(name, ["HEAD", *listed.splitlines()])
    if before and _sha(checkout, name) is not None:
        hint = f"the history of {name} is not that long"
    elif meant and meant != name:
        hint = f"did you mean ref:{meant}{before}?"
    else:
        hint = "`git branch --all` and `git tag` list what there is; `git fetch` gets what others have added"
    return UsageError(f"this repository has no commit {ref}", hint)


def _fetching(checkout: Git, name: str, before: str) -> str:
    """The command that brings a commit into a shallow clone; in CI it is one that needs no more history than that."""
    if before:
        return "git fetch --deepen=100"
    remotes = (checkout.ask("remote") or "").split()
    remote = "origin" if "origin" in remotes or not remotes else remotes[0]
    if _HASH.fullmatch(name):
        return f"git fetch --depth=1 {remote} {name}"
    return f"git fetch --depth=1 {remote} +{name}:refs/remotes/{remote}/{name}"
