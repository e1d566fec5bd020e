"""Tables as cells below columns, from which each report makes its own text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

_Line = TypeVar("_Line")


class Tone(Enum):
    """How a cell is meant: where there are colours, they follow this."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


@dataclass(frozen=True)
class Cell:
    """One cell.

    text: what it shows.
    name: whether the text comes from outside and is escaped before it is shown.
    tone: how it is meant.
    notes: numbers of footnotes.
    link: an address that was checked, for reports that have links; "" for none.
    """

    text: str
    name: bool = False
    tone: Tone = Tone.PLAIN
    notes: tuple[int, ...] = ()
    link: str = ""


EMPTY = Cell("")


@dataclass(frozen=True)
class Column(Generic[_Line]):
    """One column, and the cell of each line in it.

    title: its heading.
    numeric: whether it holds numbers, which are set flush right.
    cell_of: makes the cell of a line.
    """

    title: str
    numeric: bool
    cell_of: Callable[[_Line], Cell]


@dataclass(frozen=True)
class Table:
    """A table.

    columns: from left to right.
    rows: the cells of each line.
    remark: one sentence that belongs below; "" for none.
    """

    columns: tuple[Column[Any], ...]
    rows: tuple[tuple[Cell, ...], ...]
    remark: str


def table_of(columns: Sequence[Column[_Line]], lines: Sequence[_Line], remark: str = "") -> Table:
    """The table of these lines, in the order given."""
    rows = tuple(tuple(column.cell_of(line) for column in columns) for line in lines)
    return Table(tuple(columns), rows, remark)


def words(title: str, cell_of: Callable[[_Line], Cell]) -> Column[_Line]:
    """A column of words or names."""
    return Column(title, False, cell_of)


def numeric(title: str, cell_of: Callable[[_Line], Cell]) -> Column[_Line]:
    """A column of numbers."""
    return Column(title, True, cell_of)
