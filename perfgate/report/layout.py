"""Tables of cells as lines of fixed width, with colours where the terminal has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from tabulate import tabulate

from perfgate.report.cells import EMPTY, Cell, Column, Table, Tone
from perfgate.report.escaping import clean

WIDTH = 100
_LEAST_NAME = 12
_INDENT = "  "
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_DIM = "\x1b[2m"
_COLORS = {Tone.GOOD: "\x1b[32m", Tone.BAD: "\x1b[31m", Tone.OPEN: "\x1b[33m"}


class Style:
    """Colours and weights, or none of them."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def tone(self, text: str, tone: Tone) -> str:
        """`text` in the colour that says what it means."""
        return self._between(_COLORS.get(tone, ""), text)

    def bold(self, text: str) -> str:
        """`text` that heads something."""
        return self._between(_BOLD, text)

    def dim(self, text: str) -> str:
        """`text` that one can read later."""
        return self._between(_DIM, text)

    def _between(self, code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if self._color and code and text else text


@dataclass(frozen=True)
class _Lines:
    """A table as lines.

    header: the titles.
    body: the rows.
    width: of the widest line, colours not counted.
    """

    header: tuple[str, ...]
    body: tuple[str, ...]
    width: int


def table_lines(table: Table, style: Style) -> list[str]:
    """The table, its header above a rule; names are cut in the middle where it would be wider than WIDTH."""
    lines = _lay_out(table, style, WIDTH)
    return [*lines.header, "─" * lines.width, *lines.body]


def grouped_lines(table: Table, keys: int, style: Style) -> list[str]:
    """The table with its first `keys` columns as headings over the rows that share them; groups in order of appearance.

    Names stand on lines of their own and need not be cut, and the numbers of all groups stay below one another.
    """
    groups: dict[tuple[str, ...], list[tuple[Cell, ...]]] = {}
    for row in table.rows:
        names = tuple(clean(cell.text, WIDTH // keys - 2) for cell in row[:keys] if cell.text)
        groups.setdefault(names, []).append(row[keys:])
    rest = Table(table.columns[keys:], tuple(row for rows in groups.values() for row in rows), "")
    lines = _lay_out(rest, style, WIDTH - len(_INDENT))
    body = iter(lines.body)
    shown = [*(_INDENT + line for line in lines.header), "─" * (lines.width + len(_INDENT))]
    for names, rows in groups.items():
        shown.append(style.bold(" · ".join(names)))
        shown += [_INDENT + next(body) for _ in rows]
    return shown


def nested(table: Table) -> Table:
    """The table with its column of requests below that of scenarios, and a name that is repeated left out."""
    has_requests = table.columns[1].title == "request"
    rows: list[tuple[Cell, ...]] = []
    before = ""
    for first, *rest in table.rows:
        request = rest.pop(0) if has_requests else EMPTY
        shown = replace(request, text=f"└ {request.text}") if request.text else first
        rows.append((EMPTY if shown.text == before else shown, *rest))
        before = shown.text
    return Table((table.columns[0], *table.columns[1 + has_requests :]), tuple(rows), table.remark)


def _lay_out(table: Table, style: Style, width: int) -> _Lines:
    longest = max((len(clean(cell.text)) for row in table.rows for cell in row if cell.name), default=0)
    lines = _tabulated(table, style, longest)
    if lines.width <= width:
        return lines
    return _tabulated(table, style, max(longest - (lines.width - width), _LEAST_NAME))


def _tabulated(table: Table, style: Style, name_limit: int) -> _Lines:
    header = _header(table)
    rows = [[_styled(cell, style, name_limit) for cell in row] for row in table.rows]
    # The header goes in as rows: tabulate would pad the columns of a header of its own by two more spaces.
    text = tabulate(
        [*header, *rows],
        tablefmt="plain",
        colalign=["right" if column.numeric else "left" for column in table.columns],
        disable_numparse=True,
    )
    lines = [line.rstrip() for line in text.split("\n")]
    visible = [_COLOR_CODE.sub("", line) for line in lines]
    return _Lines(tuple(lines[: len(header)]), tuple(lines[len(header) :]), max(map(len, visible)))


_COLOR_CODE = re.compile(r"\x1b\[\d+m")


def _header(table: Table) -> list[list[str]]:
    """The titles as lines, one word below the other where a title is wider than everything in its column."""
    words = [_title_lines(column, [row[place] for row in table.rows]) for place, column in enumerate(table.columns)]
    # Filled from the top, so that every title ends just above the rule.
    upside_down = zip_longest(*(reversed(lines) for lines in words), fillvalue="")
    return [list(line) for line in reversed(list(upside_down))]


def _title_lines(column: Column[Any], cells: Sequence[Cell]) -> list[str]:
    widest = max((len(cell.text) for cell in cells), default=0)
    return column.title.split(" ") if len(column.title) > widest else [column.title]


def _styled(cell: Cell, style: Style, name_limit: int) -> str:
    text = clean(cell.text, name_limit) if cell.name else cell.text
    marks = "".join(f" {superscript(number)}" for number in cell.notes)
    return style.tone(text, cell.tone) + marks


def superscript(number: int) -> str:
    """The mark of a footnote: ¹."""
    return str(number).translate(_SUPERSCRIPTS)


# A number is not parted from its unit.
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|ms|s|pp|points)(?!\w))")
_GLUE = "\N{NO-BREAK SPACE}"


def wrap(text: str, first: str = "", indent: str = "") -> list[str]:
    """`text` in lines of at most WIDTH columns; `first` stands before the first line, `indent` before the others."""
    lines: list[str] = []
    start, words = first, ""
    for word in _BEFORE_UNIT.sub(_GLUE, text).split(" "):
        longer = f"{words} {word}" if words else word
        if words and len(start) + len(longer) > WIDTH:
            lines.append(start + words)
            start, longer = indent, word
        words = longer
    return [line.replace(_GLUE, " ") for line in (*lines, start + words)]


def numbered(notes: Iterable[str]) -> list[str]:
    """Footnotes as lines, each with its mark."""
    return [line for mark, note in enumerate(notes, 1) for line in wrap(clean(note), f"{superscript(mark)} ", "  ")]


def bullets(texts: Iterable[str]) -> list[str]:
    """A list, an item of as many lines as it needs."""
    return [line for text in texts for line in wrap(text, "- ", "  ")]
