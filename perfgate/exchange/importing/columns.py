"""CSV from other tools: a header that names the columns, and lines of which none may be cut."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from perfgate.errors import MistakeError
from perfgate.exchange.importing.places import at
from perfgate.exchange.importing.reading_json import MOST_COUNT
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.times import seconds_of

_WRITE_AGAIN = "was it cut short or edited? Write it again"
_SEPARATORS = ",;\t|"  # what JMeter's users and spreadsheets put between cells


@dataclass(frozen=True)
class Line:
    """One line of a table.

    number: of the line in the file, from 1.
    cells: the text below each column.
    """

    number: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """The cell below the column; "" where there is no such column."""
        return self.cells.get(column, "")

    def amount(self, column: str) -> float | None:
        """A number of 0 or more; None where the cell is empty or N/A. MistakeError for anything else."""
        text = self.text(column)
        if text in ("", "N/A"):
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (value >= 0 and math.isfinite(value)):
            raise MistakeError(f"line {self.number}: {column} is {text[:40]!r}, not a number", _WRITE_AGAIN)
        return value

    def needed(self, column: str) -> float:
        """A number that must be there."""
        value = self.amount(column)
        if value is None:
            raise MistakeError(f"line {self.number}: {column} is missing", _WRITE_AGAIN)
        return value

    def moment(self, column: str, read: Callable[[str], float] = seconds_of) -> float:
        """A moment, as Unix seconds. read: makes them of the cell. MistakeError where it is none."""
        try:
            return read(self.text(column))
        except MistakeError as error:
            raise at(f"line {self.number}: {column}", error) from None

    def count(self, column: str) -> int | None:
        """A whole number."""
        value = self.amount(column)
        if value is not None and (value != int(value) or value > MOST_COUNT):
            raise MistakeError(f"line {self.number}: {column} is {value}, not a whole number", _WRITE_AGAIN)
        return None if value is None else int(value)


def columns_of(line: str) -> frozenset[str]:
    """The columns that a header names; none where the line cannot be one."""
    try:
        return frozenset(next(csv.reader([line], strict=True, delimiter=separator_of(line)), []))
    except csv.Error:
        return frozenset()


def separator_of(header: str) -> str:
    """The mark that a header has between its columns: a comma, unless it has more of another one."""
    return max(_SEPARATORS, key=header.count)


def table_of(source: SourceFile) -> Iterator[Line]:
    """The lines below the header. MistakeError where one has another number of cells, or is the header again."""
    lines = (f"{line}\n" for _, line in source.lines())
    reader = csv.reader(lines, strict=True, delimiter=separator_of(source.first_line))
    try:
        header = next(reader, [])
        for cells in reader:
            if cells == header:
                again = f"line {reader.line_num} is the header again: the file holds more than one run"
                raise MistakeError(again, "split it there, and import each part")
            if cells and len(cells) != len(header):
                wrong = f"line {reader.line_num} has {len(cells)} cells, and the header {len(header)}"
                raise MistakeError(wrong, _WRITE_AGAIN)
            if cells:
                yield Line(reader.line_num, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise MistakeError(f"line {reader.line_num} is not CSV: {error}", _WRITE_AGAIN) from None
