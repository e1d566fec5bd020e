"""The history that a team shares: where it is kept, who adds to it, and who reads it from where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from perfgate.application.ci_job import ci_job, in_ci
from perfgate.application.context import Context
from perfgate.config.values import Config
from perfgate.errors import HistoryError

if TYPE_CHECKING:
    from perfgate.git import Git
    from perfgate.history.git.publishing import Destination


def adds_to_history(context: Context, config: Config) -> bool:
    """Whether runs go into the shared history: in CI on the default branch, and never for a pull request."""
    return in_ci(context.environment) and not why_nothing_is_added(context, config)


def why_nothing_is_added(context: Context, config: Config) -> str:
    """Why runs of this job of CI are not for the shared history; "" where they are."""
    from perfgate.application.bench.provenance import read_checkout

    if ci_job(context.environment).is_request:
        return "this job is for a pull request"
    branch = read_checkout(context).branch
    if branch == config.branch:
        return ""
    if branch:
        return f"in CI only runs of {config.branch} are, and this is {branch}"
    return (
        f"in CI only runs of {config.branch} are, and neither git nor CI says which branch this is; "
        f"`git switch {config.branch}` before measuring does"
    )


def history_to_write(context: Context, config: Config, usual: Path) -> Path:
    """Where gate and run keep their runs if no file was chosen: usual, or what this job of CI adds to."""
    return context.path(config.history) if adds_to_history(context, config) else usual


def checkout_here(context: Context) -> Git:
    """git in the work tree that the current folder lies in. GitError outside of one."""
    from perfgate.git import checkout_of

    return checkout_of(context.folder, context.environment)


def destination_of(
    context: Context, config: Config, checkout: Git, remote: str | None = None, branch: str | None = None
) -> Destination:
    """Where the shared history is: on the branch of its own where one is configured, else beside the code.

    branch: beside the code on that branch, where it is not the default branch.
    """
    from perfgate.history.git.place import path_in_tree
    from perfgate.history.git.publishing import Destination
    from perfgate.history.git.scratch_repository import remote_of

    return Destination(
        remote=remote_of(checkout, remote),
        branch=config.history_branch or branch or config.branch,
        path=path_in_tree(checkout, context.path(config.history)),
        own=config.history_branch is not None,
    )


@contextmanager
def published_history(context: Context, config: Config) -> Iterator[list[Path]]:
    """The shared history as it is published by now, a file that is there while inside, or is not there at all.

    In CI a checkout is as old as the job; elsewhere it is what this checkout has.
    """
    with ExitStack() as stack:
        yield [_enter(stack, context, config, published=in_ci(context.environment))]


@contextmanager
def history_to_read(context: Context, config: Config) -> Iterator[Path]:
    """The shared history to compare with, a file that is there while inside, or is not there at all.

    In CI it is what the base branch of a pull request has now (the request's own copy could say anything), or the
    history's own branch; elsewhere, and where the remote cannot be asked, what this checkout has. The
    context is told of a first run, and of a remote that cannot be asked.
    """
    with ExitStack() as stack:
        yield _enter(stack, context, config)


@contextmanager
def histories_to_read(context: Context, config: Config, chosen: Path | None) -> Iterator[list[Path]]:
    """The history that was chosen; where none was, this checkout's own runs, those of this job, and the shared ones."""
    if chosen is not None:
        yield [chosen]
        return
    with history_to_read(context, config) as shared:
        own = context.path(config.local_history)
        yield [own, history_to_write(context, config, own), shared]


def _enter(stack: ExitStack, context: Context, config: Config, published: bool = False) -> Path:
    ci = in_ci(context.environment)
    base_ref = ci_job(context.environment).target if ci else ""
    if not base_ref and config.history_branch is None and not published:
        return context.path(config.history)
    from perfgate.git import GitError
    from perfgate.history.git.fetching import fetched_history, remembered_history

    try:
        checkout = checkout_here(context)
        source = destination_of(context, config, checkout, branch=base_ref)
        history = fetched_history if ci else remembered_history
        found = stack.enter_context(history(checkout, source))
    except (GitError, HistoryError) as error:
        if ci:
            context.say(f"The shared history cannot be had, so that of this checkout is read. {error.message}")
            context.say(error.hint)
        return context.path(config.history)
    if ci and not found.exists():
        context.say(f"There is no {source} yet: this is a first run.")
    return found
