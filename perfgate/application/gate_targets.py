"""What a gate measures where nobody names it: the commit that is checked out, and the one that it stands on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from perfgate.application.bench.provenance import read_provenance, resolve_commit
from perfgate.application.context import Context
from perfgate.git import NETWORK_SECONDS, Git, GitError, checkout_of
from perfgate.service.commits.named_file import new_file
from perfgate.service.placeholders import SHA, names_in
from perfgate.service.target import RefTarget, WorktreeTarget, parse_target

if TYPE_CHECKING:
    from pathlib import Path

    from perfgate.config.values import Config
    from perfgate.github.event import Event

# What --base, or base under [gate], says where there is to be none.
_NONE = "none"
# More runs than are published between two changes of a service, even where several services publish theirs.
_MOST_PUBLISHED = 20


@dataclass(frozen=True)
class GateTargets:
    """The target strings of a gate.

    base: None where head is compared with the history.
    head: what is gated.
    no_base: why a change has no base that it is measured against; "" where it has one, or this is none.
    """

    base: str | None
    head: str
    no_base: str = ""


@dataclass(frozen=True)
class _Base:
    """The commit that a change is measured against.

    commit: its SHA; "" where there is none.
    sure: False where the change may have left its base branch before that commit.
    """

    commit: str
    sure: bool


def gate_targets(
    context: Context, config: Config, base: str | None, head: str | None, event: Event | None
) -> GateTargets:
    """The targets of a gate.

    base, head: as they were named. Where no base is named or configured and head is a commit of this repository, or its
    checkout, base is what `base_commit` says, unless that lacks the Dockerfile or compose file that `[service]` names,
    and head has it.
    """
    head_target = head or config.head_target
    base_target = base or config.base
    if base_target == _NONE:
        of_a_change = event is not None and _is_change(event)
        return GateTargets(None, head_target, 'nothing was measured beside head: base is "none"' if of_a_change else "")
    if base_target is None and event is not None and isinstance(parse_target(head_target), (RefTarget, WorktreeTarget)):
        return _of_change(context, config, event, head_target)
    return GateTargets(base_target, head_target)


def _of_change(context: Context, config: Config, event: Event, head: str) -> GateTargets:
    """Head, and the base that git and the event tell; none where that cannot be started."""
    found = _base(context, event)
    commit = found.commit
    if not found.sure:
        context.say(
            f"git cannot tell from this clone where the pull request left {event.base_branch}, so base is the"
            " newest commit there. Let actions/checkout have `fetch-depth: 0`, or leave out its `ref`."
        )
    if not commit:
        return GateTargets(None, head)
    if new := _new_file(context, config, commit):
        context.say(f"Base, commit {commit[:7]}, has no {new} yet: head alone is measured.")
        return GateTargets(None, head, f"nothing was measured beside head: base has no {new} yet")
    if SHA in names_in(config.service.image or "") and config.history_branch is None:
        commit = _before_published(context, commit, config.history.name)
    if commit != found.commit:
        context.say(f"Base is commit {commit[:7]}: no workflow makes an image of those after it, which add runs alone.")
    return GateTargets(f"ref:{commit}", head)


def base_commit(context: Context, event: Event) -> str:
    """The very commit that a pull request, or a group of a merge queue, is merged into; "" of any other event.

    Of a pull request of which its own head is checked out, and no merge, it is where that left its base branch: what
    landed there since is not in head. Where git cannot tell, it is the newest commit of that branch.
    """
    return _base(context, event).commit


def _is_change(event: Event) -> bool:
    """Whether it is of a pull request, or of a group of a merge queue."""
    return event.pull_request is not None or event.name == "merge_group"


def _new_file(context: Context, config: Config, base: str) -> Path | None:
    """The Dockerfile or compose file that only head has, so that base cannot be started; None where it may be."""
    try:
        checkout = checkout_of(context.folder, context.environment)
    except GitError:
        return None
    return new_file(checkout, base, "HEAD", config.service)


def _before_published(context: Context, commit: str, history: str) -> str:
    """The commit, or, of one that only publishes runs, the newest before it that does more: its files are the same.

    CI starts no workflow for what perfgate publishes. history: the name of history files, of other services too.
    """
    git = Git(context.folder, context.environment)
    found = commit
    for _ in range(_MOST_PUBLISHED):
        parent = resolve_commit(context, f"{found}^")
        if not parent:
            _deepen(context, found)
            parent = resolve_commit(context, f"{found}^")
        names = git.ask("diff", "--name-only", "--no-renames", "--no-ext-diff", parent, found) if parent else None
        if not names or any(PurePosixPath(name).name != history for name in names.splitlines()):
            return found
        found = parent
    return commit


def _deepen(context: Context, commit: str) -> None:
    """Bring what is before a commit into a shallow clone, where its remote gives it."""
    with suppress(GitError):
        checkout = checkout_of(context.folder, context.environment)
        if checkout.is_shallow:
            checkout.say("fetch", "--quiet", f"--deepen={_MOST_PUBLISHED}", "origin", commit, seconds=NETWORK_SECONDS)


def _base(context: Context, event: Event) -> _Base:
    if not _is_change(event):
        return _Base("", sure=True)
    provenance = read_provenance(context)
    commit = provenance.base.commit if provenance.base else event.base_commit
    if commit and not resolve_commit(context, commit):
        _fetch(context, commit)
    if provenance.base or event.pull_request is None or not resolve_commit(context, commit):
        return _Base(commit, sure=True)
    fork_point = Git(context.folder, context.environment).ask("merge-base", commit, "HEAD")
    return _Base(fork_point or commit, sure=fork_point is not None)


def _fetch(context: Context, commit: str) -> None:
    """Bring a commit into a clone that was made without it. Where that fails, looking it up says what to do.

    Without its history only where the clone has none either: a whole one stays whole, and tells what led there.
    """
    try:
        checkout = checkout_of(context.folder, context.environment)
        depth = ["--depth=1"] if checkout.is_shallow else []
        checkout.say("fetch", "--quiet", *depth, "origin", commit, seconds=NETWORK_SECONDS)
    except GitError:
        return
