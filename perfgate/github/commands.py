"""Workflow commands: lines in a job's log that the runner obeys.

Source: GitHub, "Workflow commands for GitHub Actions". Anything that a stranger wrote and that begins a line could be
one too, so it is printed only while commands are stopped, with a token that nobody can know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MOST_ANNOTATIONS = 10
"""GitHub keeps this many annotations of each level and step, and drops the others without a word."""

Level = Literal["error", "warning", "notice"]


@dataclass(frozen=True)
class Annotation:
    """One annotation of a job.

    level: how serious it is.
    title: its heading.
    message: plain text, of one or several lines.
    """

    level: Level
    title: str
    message: str


def annotation(one: Annotation) -> str:
    """The line that makes an annotation."""
    return f"::{one.level} title={_property(one.title)}::{_data(one.message)}"


def annotation_lines(wanted: Iterable[Annotation]) -> tuple[str, ...]:
    """The lines for these, at most ten of a level; the tenth says how many more there were."""
    lines = []
    by_level: dict[Level, list[Annotation]] = {}
    for one in wanted:
        by_level.setdefault(one.level, []).append(one)
    for level, same in by_level.items():
        over = len(same) - MOST_ANNOTATIONS
        shown = same if over <= 0 else same[: MOST_ANNOTATIONS - 1]
        lines += [annotation(one) for one in shown]
        if over > 0:
            more = Annotation(level, same[0].title, f"and {over + 1} more: see the summary of this job")
            lines.append(annotation(more))
    return tuple(lines)


def group(title: str) -> str:
    """The line that begins a folded part of the log."""
    return f"::group::{_data(title)}"


END_GROUP = "::endgroup::"


def stop(token: str) -> str:
    """The line from which on nothing is a command, until `resume` with the same token."""
    return f"::stop-commands::{token}"


def resume(token: str) -> str:
    """The line from which on commands are obeyed again."""
    return f"::{token}::"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
