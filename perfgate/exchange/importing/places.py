"""The place of a mistake within a file: a line, a member of a document, a commit of a suite."""

from __future__ import annotations

from perfgate.errors import MistakeError


def at(place: str, error: MistakeError) -> MistakeError:
    """The same mistake, with its place in front."""
    return MistakeError(f"{place}: {error.message}", error.hint)
