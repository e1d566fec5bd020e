"""The history that a team shares: where it is kept, who adds to it, and who reads it from where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from perfgate.application.context import Context
from perfgate.config.values import Config
from perfgate.errors import HistoryError

if TYPE_CHECKING:
    from perfgate.git import Git
    from perfgate.history.git.publishing import Destination


def in_ci(context: Context) -> bool:
    """Whether CI runs this, by the variable that GitHub, GitLab and others set."""
    return context.environment.get("CI", "").lower() == "true"


def adds_to_history(context: Context, config: Config) -> bool:
    """Whether runs go into the shared history: in CI on the default branch, and never for a pull request."""
    from perfgate.application.bench.provenance import read_checkout

    return in_ci(context) and not _base_ref(context) and read_checkout(context).branch == config.branch


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
        yield [_enter(stack, context, config, published=in_ci(context))]


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
    """The history that was chosen; where none was, this checkout's own runs and the shared ones."""
    from perfgate.application.plan import LOCAL_HISTORY

    if chosen is not None:
        yield [chosen]
        return
    with history_to_read(context, config) as shared:
        yield [context.path(LOCAL_HISTORY), shared]


def _enter(stack: ExitStack, context: Context, config: Config, published: bool = False) -> Path:
    base_ref = _base_ref(context) if in_ci(context) else ""
    if not base_ref and config.history_branch is None and not published:
        return context.path(config.history)
    from perfgate.git import GitError
    from perfgate.history.git.fetching import fetched_history, remembered_history

    try:
        checkout = checkout_here(context)
        source = destination_of(context, config, checkout, branch=base_ref)
        history = fetched_history if in_ci(context) else remembered_history
        found = stack.enter_context(history(checkout, source))
    except (GitError, HistoryError) as error:
        if in_ci(context):
            context.say(f"The shared history cannot be had, so that of this checkout is read. {error.message}")
            context.say(error.hint)
        return context.path(config.history)
    if in_ci(context) and not found.exists():
        context.say(f"There is no {source} yet: this is a first run.")
    return found


def _base_ref(context: Context) -> str:
    """The base branch of the pull request that CI works on; "" where it is none."""
    return context.environment.get("GITHUB_BASE_REF", "")
