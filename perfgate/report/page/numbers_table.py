"""The numbers behind a chart, as a table that the script of every page makes when a reader opens it."""

from __future__ import annotations

from typing import Any


def columns(dataset: str = "", **titles: str) -> dict[str, Any]:
    """What a chart says of its numbers, beside its specification.

    dataset: the name of the records, where there are several; titles: of the columns, by the fields of a record.
    """
    return {"usermeta": {"dataset": dataset, "columns": list(titles.items())}}


def place(name: str) -> str:
    """The place for the numbers of a chart, which the script of all pages fills. name: of the chart, as HTML."""
    return f'<details class="numbers"><summary>Numbers<span class="unseen">: {name}</span></summary></details>'
