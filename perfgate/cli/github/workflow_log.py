"""Printing a stranger's words in a job of GitHub Actions, where a line can be a command to the runner."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from perfgate.application.context import Context
from perfgate.github.commands import END_GROUP, group, resume, stop


def on_actions(context: Context) -> bool:
    """Whether a runner of GitHub Actions reads what is printed."""
    return context.environment.get("GITHUB_ACTIONS") == "true"


@contextmanager
def commands_stopped(context: Context, title: str = "") -> Iterator[None]:
    """On GitHub Actions nothing that is printed inside is a command. title: of a fold around it.

    All of it goes to standard error: a log is read in one order only within one stream.
    """
    if not on_actions(context):
        yield
        return
    token = f"perfgate-{secrets.token_hex(16)}"
    log_lines(*[group(title)] * bool(title), stop(token))
    try:
        yield
    finally:
        sys.stdout.flush()
        log_lines(resume(token), *[END_GROUP] * bool(title))


def log_lines(*lines: str) -> None:
    """Lines for the runner, or for a person who reads the log."""
    for line in lines:
        print(line, file=sys.stderr, flush=True)
