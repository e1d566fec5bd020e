"""Extras: libraries that only some installations have, and the one way to say that one is needed."""

from __future__ import annotations

import importlib.util

from perfgate.errors import UsageError

# What the action of GitHub installs without being asked.
_OF_THE_ACTION = ("chart", "docker", "explain")


def is_installed(module: str) -> bool:
    """Whether a module can be imported. Imports nothing."""
    return importlib.util.find_spec(module) is not None


def require(module: str, extra: str, what: str) -> None:
    """UsageError where the module of an extra is missing. what: the message, like "charts need altair"."""
    if not is_installed(module):
        raise missing(extra, what)


def missing(extra: str, what: str) -> UsageError:
    """The error for an extra that is not installed. what: its message."""
    return UsageError(what, install_hint(extra))


def install_hint(extra: str) -> str:
    """The command that installs an extra, and what says so to the action, which installs into a place of its own."""
    command = f"pip install 'perfgate[{extra}]'"
    return command if extra in _OF_THE_ACTION else f"{command}; of the action: `extras: {extra}`"
