"""Starts of base that fail: the error says that it is base, which the settings of another commit may not fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from perfgate.errors import TargetError, UsageError
from perfgate.service.target import CommitTarget, Target

_WAY_ON = (
    'where only head can be started as [service] in perfgate.toml says, `--base none`, or base = "none" under [gate], '
    "measures it alone"
)


@contextmanager
def base_named(side: str, target: Target) -> Iterator[None]:
    """Name base in an error of its start inside, where it is a commit that is started as head's settings say."""
    try:
        yield
    except (TargetError, UsageError) as error:
        if side != "base" or not isinstance(target, CommitTarget):
            raise
        kind = TargetError if isinstance(error, TargetError) else UsageError
        message = f"base could not be started, and head was not tried: {error.message}"
        raise kind(message, "; ".join(filter(None, (error.hint, _WAY_ON)))) from None
