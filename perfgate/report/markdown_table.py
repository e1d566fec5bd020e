"""Tables of cells in GitHub's Markdown."""

from __future__ import annotations

from perfgate.report.cells import Cell, Table
from perfgate.report.escaping import code, escape_within
from perfgate.report.layout import superscript

_NO_BREAK = "\N{NO-BREAK SPACE}"


def table_text(table: Table) -> str:
    """The table, without its remark and without a line break at its end."""
    titles = " | ".join(column.title for column in table.columns)
    rules = " | ".join("---:" if column.numeric else "---" for column in table.columns)
    rows = [" | ".join(_cell(cell) for cell in row) for row in table.rows]
    return "\n".join(f"| {line} |" for line in (titles, rules, *rows))


def _cell(cell: Cell) -> str:
    # A number is not parted from its unit where the table is narrow.
    text = code(cell.text) if cell.name else escape_within(cell.text).replace(" ", _NO_BREAK)
    linked = f"[{text}]({cell.link})" if cell.link else text
    return linked + "".join(f"{_NO_BREAK}{superscript(number)}" for number in cell.notes)
