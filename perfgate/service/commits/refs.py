"""`ref:` targets: a commit of this repository, looked up first, started later as `[service]` says."""

from __future__ import annotations

from functools import partial

from perfgate.errors import UsageError
from perfgate.git import checkout_of
from perfgate.service.commits.command import open_command
from perfgate.service.commits.commit import find_commit
from perfgate.service.commits.worktree import Worktree, sweep_worktrees
from perfgate.service.containers.sdk import require_docker_sdk
from perfgate.service.own_service import OwnService
from perfgate.service.processes.owned_processes import sweep_processes
from perfgate.service.service import Service
from perfgate.service.settings import SHA, LaunchContext
from perfgate.service.target import CommitTarget, RefTarget, Target


def look_up(target: Target, context: LaunchContext) -> Target:
    """The target with the commit that it means, where it is a `ref:`; any other as it is. Starts nothing.

    UsageError where there is no such commit, or the settings do not start commits.
    """
    if not isinstance(target, RefTarget):
        return target
    if not context.settings.starts_commits:
        raise UsageError(
            f"{target.text}: nothing says how a commit of this repository is started",
            'add [service] to perfgate.toml, with command = "... --port {port}", build or image',
        )
    commit = find_commit(checkout_of(context.folder, context.environment), target.ref)
    if commit.unsaved:
        context.say(f"{target.text} is commit {commit.sha[:12]}: what is not committed is not measured.")
    return CommitTarget(target.text, commit)


def open_commit(target: CommitTarget, context: LaunchContext) -> Service:
    """The service of a commit, ready for load. Remains of such services of killed owners are swept first."""
    checkout = checkout_of(context.folder, context.environment)
    sweep_processes()
    sweep_worktrees(checkout)
    sha = target.commit.sha
    if context.settings.command:
        return open_command(target, Worktree(checkout, sha), context)
    require_docker_sdk()
    from perfgate.service.commits.build import built_image
    from perfgate.service.containers.container import open_image

    image = context.settings.image
    name = built_image(target, checkout, context) if image is None else image.replace(SHA, sha)
    return OwnService(partial(open_image, name, target, context))
