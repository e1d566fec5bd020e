"""Phrases, tables and lists as HTML. Every text is escaped here, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from perfgate.report.cells import Cell, Column, Table, Tone
from perfgate.report.escaping import clean
from perfgate.report.phrase import Phrase

_CLASSES = {Tone.GOOD: "good", Tone.BAD: "bad", Tone.OPEN: "open"}


def text(words: str) -> str:
    """Words on one line."""
    return escape(clean(words))


def phrase(words: Phrase) -> str:
    """A phrase, its names as code."""
    return "".join(
        escape(_clean_within(part)) if isinstance(part, str) else f"<code>{text(part.text)}</code>" for part in words
    )


def _clean_within(words: str) -> str:
    """Words within a phrase: on one line, with the spaces at their ends kept."""
    before = " " if words[:1].isspace() else ""
    after = " " if words[1:] and words[-1:].isspace() else ""
    return f"{before}{clean(words).strip()}{after}"


def items(lines: Iterable[str], name: str) -> str:
    """A list of lines that are HTML already; "" of none. name: of the list, for a screen reader."""
    shown = "".join(f"<li>{line}</li>" for line in lines)
    return f'<ul aria-label="{escape(name)}">{shown}</ul>' if shown else ""


def table(shown: Table, caption: str, first: Iterable[str] = (), heading: str = "") -> str:
    """A table that scrolls sideways where it is too wide; "" of no rows.

    first: HTML of one more cell for each row, which comes before the last; heading: of that column.
    """
    if not shown.rows:
        return ""
    more = list(first)
    titles = [_title(column) for column in shown.columns]
    if more:
        titles.insert(-1, f'<th scope="col" class="wide">{escape(heading)}</th>')
    kind = ' class="compared"' if more else ""
    lines = []
    for number, row in enumerate(shown.rows):
        cells = [_cell(cell, column) for cell, column in zip(row, shown.columns, strict=True)]
        if more:
            cells.insert(-1, f'<td class="wide">{more[number]}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table{kind}>'
        f"<caption>{escape(caption)}</caption><thead><tr>{''.join(titles)}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _title(column: Column[object]) -> str:
    return f'<th scope="col"{_number(column)}>{text(column.title)}</th>'


def _cell(cell: Cell, column: Column[object]) -> str:
    shown = f"<code>{text(cell.text)}</code>" if cell.name and cell.text else text(cell.text)
    if cell.tone in _CLASSES:
        shown = f'<span class="tone {_CLASSES[cell.tone]}">{shown}</span>'
    notes = "".join(f"<sup>{number}</sup>" for number in cell.notes)
    return f"<td{_number(column)}>{shown}{notes}</td>"


def _number(column: Column[object]) -> str:
    return ' class="number"' if column.numeric else ""
