"""What a gate measures where nobody names it: the commit that is checked out, and the one that it stands on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from perfgate.application.provenance import read_provenance, resolve_commit
from perfgate.git import NETWORK_SECONDS, GitError, checkout_of

if TYPE_CHECKING:
    from perfgate.config.reading import Config
    from perfgate.github.event import Event


def gate_targets(config: Config, base: str | None, head: str | None, event: Event | None) -> tuple[str | None, str]:
    """Base and head of a gate; without a base (None) head is compared with the history.

    base, head: as they were named. Where no base is named or configured and head is a commit of this repository, base
    is the very commit that a pull request, or a merge queue, has merged it into.
    """
    head_target = head or config.head_target
    base_target = base or config.base
    if base_target is None and event is not None and head_target.startswith("ref:"):
        commit = _base_commit(event)
        base_target = f"ref:{commit}" if commit else None
    return base_target, head_target


def _base_commit(event: Event) -> str:
    """The commit that a pull request, or a group of a merge queue, is merged into; "" of any other event."""
    if event.pull_request is None and event.name != "merge_group":
        return ""
    provenance = read_provenance(Path.cwd(), os.environ)
    commit = provenance.base.commit if provenance.base else event.base_commit
    if commit and not resolve_commit(Path.cwd(), commit):
        _fetch(commit)
    return commit


def _fetch(commit: str) -> None:
    """Bring a commit into a clone that was made without it. Where that fails, looking it up says what to do."""
    try:
        checkout = checkout_of(Path.cwd(), os.environ)
        checkout.say("fetch", "--quiet", "--depth=1", "origin", commit, seconds=NETWORK_SECONDS)
    except GitError:
        return
