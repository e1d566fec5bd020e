"""The frame of a chart, the same on every page: a caption, the chart, a note, and its numbers as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from perfgate.report.escaping import clean


@dataclass(frozen=True)
class Frame:
    """A place for a chart.

    id: of the place, and the name of the chart that is shown first.
    name: of the chart, for a screen reader, as plain text.
    caption: HTML above the chart.
    note: what a reader should know of it, as plain text; "" for nothing.
    below: HTML below its numbers.
    """

    id: str
    name: str
    caption: str
    note: str
    below: str


def figure(frame: Frame, attributes: str = "") -> str:
    """The frame as HTML; the script of all pages draws the chart. attributes: more of them, as HTML."""
    name = escape(clean(frame.name))
    note = f'<p class="muted">{escape(frame.note)}</p>' if frame.note else ""
    return (
        f'<figure id="{frame.id}"{attributes}><figcaption>{frame.caption}</figcaption>'
        f'<div class="chart" role="img" aria-label="{name}"></div>{note}'
        f'<details class="numbers"><summary>Numbers<span class="unseen">: {name}</span></summary></details>'
        f"{frame.below}</figure>"
    )


def choices(name: str, label: str, words: Iterable[tuple[str, str]]) -> str:
    """A choice of one among several, the first at first.

    label: read aloud. words: of each its value, and what a reader sees.
    """
    options = "".join(
        f'<label><input type="radio" name="{name}" value="{escape(value)}"{"" if place else " checked"}'
        f' autocomplete="off"><span>{escape(seen)}</span></label>'
        for place, (value, seen) in enumerate(words)
    )
    return f'<div class="choices" role="radiogroup" aria-label="{escape(label)}">{options}</div>'
