"""The commits between a good and a bad one, along first parents, as git tells them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfgate.application.context import Context
from perfgate.application.plan import MeasurementPlan
from perfgate.bisecting.beside_service import touches_service
from perfgate.bisecting.bisection import LineCommit
from perfgate.errors import UsageError
from perfgate.git import Git, checkout_of
from perfgate.service.commits.refs import look_up
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import CommitTarget, RefTarget

_SHORT = 12
_FIELDS = ("%H", "%aI", "%P", "%s")


def read_ends(context: Context, plan: MeasurementPlan, good: str, bad: str) -> tuple[str, str]:
    """The hashes of the two ends, of refs with or without `ref:`. UsageError where they are no ends of a line."""
    launch = LaunchContext(
        plan.config.service, folder=context.folder.absolute(), environment=context.environment, say=context.say
    )
    first, last = (_commit(ref, launch) for ref in (good, bad))
    checkout = checkout_of(context.folder, context.environment)
    if first == last:
        raise UsageError(f"{good} and {bad} are the same commit, {first[:_SHORT]}", "name a good and a bad one")
    if checkout.ask("merge-base", "--is-ancestor", first, last) is None:
        raise _no_ancestor(checkout, (good, first), (bad, last))
    return first, last


def read_commits(context: Context, plan: MeasurementPlan, good: str, bad: str) -> tuple[LineCommit, ...]:
    """The commits after one hash, up to another, the oldest first."""
    checkout = checkout_of(context.folder, context.environment)
    between = ("--first-parent", "--reverse", f"{good}..{bad}")
    told = iter(checkout.say("log", "-z", f"--format={'%x00'.join(_FIELDS)}", *between).split("\0"))
    commits = list(zip(*[told] * len(_FIELDS), strict=False))
    hashes = [sha for sha, *_ in commits]
    changed = dict(_changed(checkout, hashes, between))
    inside = _folder_of_service(checkout, plan.config.service, bad)
    besides = [path.as_posix() for path in (plan.folder, plan.config.history.parent) if not path.is_absolute()]
    besides = [path for path in besides if path != "."]
    return tuple(
        LineCommit(
            sha,
            authored,
            subject,
            merge=" " in parents,
            likely=touches_service(changed.get(sha, ()), inside, besides),
        )
        for sha, authored, parents, subject in commits
    )


def _commit(ref: str, launch: LaunchContext) -> str:
    name = ref.removeprefix("ref:")
    if not name or name.startswith("-") or ":" in name or name in ("worktree", "petstore"):
        raise UsageError(f"{ref!r} names no commit: a bisection goes from commit to commit", "write it like v1.2.0")
    found = look_up(RefTarget(f"ref:{name}", name), launch)
    assert isinstance(found, CommitTarget)
    return found.commit.sha


def _no_ancestor(checkout: Git, good: tuple[str, str], bad: tuple[str, str]) -> UsageError:
    message = f"{good[0]} ({good[1][:_SHORT]}) is no ancestor of {bad[0]} ({bad[1][:_SHORT]})"
    if checkout.ask("merge-base", "--is-ancestor", bad[1], good[1]) is not None:
        return UsageError(f"{message}, but the other way round", "name the older one first, which is good")
    if checkout.is_shallow:
        return UsageError(f"{message}, as far as this shallow clone knows", "fetch it all: `git fetch --unshallow`")
    base = checkout.ask("merge-base", good[1], bad[1])
    if base is None:
        return UsageError(f"{message}: they have nothing in common", "name two commits of one history")
    return UsageError(message, f"{base[:_SHORT]} is where they parted: take it for the good one")


def _changed(checkout: Git, hashes: Sequence[str], between: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The paths that each commit changes; of a merge, what it brings to its first parent."""
    words = checkout.say("log", "-z", "-m", "--name-only", "--no-renames", "--format=%H", *between).split("\0")
    left = list(reversed(hashes))
    paths: list[str] = []
    for word in words:
        name = word.lstrip("\n")
        if left and name == left[-1]:
            paths = []
            yield left.pop(), paths
        elif name:
            paths.append(name)


def _folder_of_service(checkout: Git, settings: ServiceSettings, sha: str) -> str:
    """The folder that an image is built from, where `build` names one: nothing else gets into it. "" for all."""
    if settings.build is None:
        return ""
    place = settings.build.as_posix()
    if place == "." or checkout.ask("cat-file", "-t", f"{sha}:{place}") != "tree":
        return ""
    return place
