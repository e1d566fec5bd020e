"""A label that somebody put on a pull request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PutLabel:
    """A label as GitHub knows it, put there by somebody who may write to the repository.

    label: its name.
    by: the login of who put it there.
    put_at: when (Unix time, s).
    commit: the newest commit of the pull request then.
    """

    label: str
    by: str
    put_at: float
    commit: str
