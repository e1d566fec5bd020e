"""Starts that fail because base and head share what they should not: the error says how each gets its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from perfgate.errors import TargetError
from perfgate.service.placeholders import PORT, SIDE, names_in
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import CommitTarget, Target

_HINT = (
    "; where base and head share a database, the migrations of one may break the other: give each its own, by "
    "[[dependencies]], or by {side} in env with seed and teardown under [service] in perfgate.toml"
)


@contextmanager
def sharing_named(target: Target, context: LaunchContext) -> Iterator[None]:
    """Add a hint to an error of a start inside, where a side of a duet may have broken what the other needs."""
    try:
        yield
    except TargetError as error:
        if context.side and isinstance(target, CommitTarget) and not _separated(context.settings):
            error.hint += _HINT
        raise


def _separated(settings: ServiceSettings) -> bool:
    """Whether something in the settings is another one for each side."""
    named = {name for text in settings.env.values() for name in names_in(text)}
    return bool(settings.dependencies or settings.seed or settings.compose or named & {SIDE, PORT})
