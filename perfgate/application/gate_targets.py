"""What a gate measures where nobody names it: the commit that is checked out, and the one that it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perfgate.application.bench.provenance import read_provenance, resolve_commit
from perfgate.application.context import Context
from perfgate.git import NETWORK_SECONDS, GitError, checkout_of
from perfgate.service.target import RefTarget, WorktreeTarget, parse_target

if TYPE_CHECKING:
    from perfgate.config.values import Config
    from perfgate.github.event import Event


@dataclass(frozen=True)
class GateTargets:
    """The target strings of a gate.

    base: None where head is compared with the history.
    head: what is gated.
    """

    base: str | None
    head: str


def gate_targets(
    context: Context, config: Config, base: str | None, head: str | None, event: Event | None
) -> GateTargets:
    """The targets of a gate.

    base, head: as they were named. Where no base is named or configured and head is a commit of this repository, or its
    checkout, base is the very commit that a pull request, or a merge queue, has merged it into.
    """
    head_target = head or config.head_target
    base_target = base or config.base
    if base_target is None and event is not None and isinstance(parse_target(head_target), (RefTarget, WorktreeTarget)):
        commit = base_commit(context, event)
        base_target = f"ref:{commit}" if commit else None
    return GateTargets(base_target, head_target)


def base_commit(context: Context, event: Event) -> str:
    """The commit that a pull request, or a group of a merge queue, is merged into; "" of any other event."""
    if event.pull_request is None and event.name != "merge_group":
        return ""
    provenance = read_provenance(context)
    commit = provenance.base.commit if provenance.base else event.base_commit
    if commit and not resolve_commit(context, commit):
        _fetch(context, commit)
    return commit


def _fetch(context: Context, commit: str) -> None:
    """Bring a commit into a clone that was made without it. Where that fails, looking it up says what to do."""
    try:
        checkout = checkout_of(context.folder, context.environment)
        checkout.say("fetch", "--quiet", "--depth=1", "origin", commit, seconds=NETWORK_SECONDS)
    except GitError:
        return
