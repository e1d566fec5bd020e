"""`ref:` targets and `worktree`: a commit, or the checkout as it stands, looked up first and started later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from perfgate.errors import UsageError
from perfgate.git import Git, GitError, checkout_of
from perfgate.service.commits.command import clear, open_command
from perfgate.service.commits.commit import find_commit
from perfgate.service.commits.side_tree import side_tree
from perfgate.service.commits.snapshot import snapshot
from perfgate.service.commits.worktree import submodules, sweep_worktrees
from perfgate.service.containers.sdk import require_docker_sdk
from perfgate.service.dependencies.images import image_ground, needs_folder, open_image_stack
from perfgate.service.placeholders import SHA, SIDE, fill, side_name
from perfgate.service.processes.owned_processes import sweep_processes
from perfgate.service.service import Service
from perfgate.service.settings import LaunchContext
from perfgate.service.target import WORKTREE, Commit, CommitTarget, RefTarget, Target, WorktreeTarget


def look_up(target: Target, context: LaunchContext) -> Target:
    """The target with the commit that it means, where it is a `ref:` or `worktree`; any other as it is. Starts nothing.

    UsageError where there is no such commit, or the settings do not start it.
    """
    return look_up_sides({context.side: target}, lambda _: context)[context.side]


def look_up_sides(targets: Mapping[str, Target], opening: Callable[[str], LaunchContext]) -> dict[str, Target]:
    """As `look_up`, of all sides of a measurement. What is to be said of several is said once.

    opening: the context of a side.
    """
    lines: list[str] = []
    found = {side: _look_up(target, replace(opening(side), say=lines.append)) for side, target in targets.items()}
    if not any(isinstance(target, WorktreeTarget) for target in targets.values()):
        lines += [_unsaved(target) for target in found.values() if isinstance(target, CommitTarget)]
    for line in dict.fromkeys(filter(None, lines)):
        opening(next(iter(targets))).say(line)
    return found


def _unsaved(target: CommitTarget) -> str:
    """What is said of a commit that is checked out, with changes that are not in it; "" of any other."""
    if not target.commit.unsaved:
        return ""
    return (
        f"{target.text} is {target.commit}: what is not committed is not measured; the target {WORKTREE} measures it."
    )


def _look_up(target: Target, context: LaunchContext) -> Target:
    if not isinstance(target, (RefTarget, WorktreeTarget)):
        return target
    if not context.settings.starts_commits:
        raise UsageError(
            f"{target.text}: nothing says how a commit of this repository is started",
            'add [service] to perfgate.toml, with command = "... --port {port}", build, image or compose',
        )
    try:
        checkout = checkout_of(context.folder, context.environment)
    except GitError as error:
        if not error.outside:
            raise
        raise _no_repository(target) from None
    if isinstance(target, WorktreeTarget):
        return CommitTarget(target.text, _as_it_stands(target, checkout, context))
    return CommitTarget(target.text, find_commit(checkout, target.ref))


def _no_repository(target: Target) -> UsageError:
    what = "a checkout" if isinstance(target, WorktreeTarget) else "a commit"
    return UsageError(
        f"{target.text} means {what} of this repository, and this folder is not a git repository",
        "call perfgate inside a clone (`working-directory` of the action says where it is); or start the service "
        "yourself and name its URL as the target",
    )


def _as_it_stands(target: WorktreeTarget, checkout: Git, context: LaunchContext) -> Commit:
    """HEAD, with the checkout's tree where that differs from its own."""
    head = find_commit(checkout, "HEAD")
    tree = snapshot(checkout)
    for path, _ in submodules(checkout, tree):
        if Git(checkout.folder / path, checkout.environment).ask("status", "--porcelain"):
            context.say(f"{target.text}: what is not committed in the submodule {path} is not measured.")
    if tree == checkout.say("rev-parse", f"{head.sha}^{{tree}}"):
        return replace(head, unsaved=False)
    if context.settings.image:
        raise UsageError(
            f"{target.text} has changes that are not committed, and image under [service] in perfgate.toml names the "
            "image of a commit",
            "commit them first, or let perfgate build the image: build in place of image",
        )
    return replace(head, unsaved=False, tree=tree)


def open_commit(target: CommitTarget, context: LaunchContext) -> Service:
    """The service of a commit, ready for load. Remains of such services of killed owners are swept first."""
    checkout = checkout_of(context.folder, context.environment)
    sweep_processes()
    sweep_worktrees(checkout)
    context = replace(context, checkout=checkout.folder)
    settings, commit = context.settings, target.commit
    if settings.command:
        return open_command(target, partial(side_tree, target, checkout, context), context)
    require_docker_sdk()
    if context.settings.compose:
        from perfgate.service.commits.compose import open_compose

        return open_compose(target, checkout, context)
    from perfgate.service.commits.build import built_image

    values = {SIDE: side_name(context.side), SHA: commit.sha}
    name = built_image(target, checkout, context) if settings.image is None else fill(settings.image, values)
    tree = side_tree(target, checkout, context) if needs_folder(settings) else None
    try:
        ground = image_ground(name, target, context)
    except BaseException:
        if tree is not None:
            clear(tree)
        raise
    if tree is None:
        return open_image_stack(name, target, replace(ground, sha=commit.sha), context)
    ground = replace(ground, sha=commit.sha, folder=tree.folder, mark=tree.mark)
    return open_image_stack(name, target, ground, context, partial(clear, tree))
