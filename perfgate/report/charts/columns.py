"""What a chart says to the script of every page: the columns of its numbers, and whose records it draws."""

from __future__ import annotations

from typing import Any


def columns(dataset: str = "", **titles: str) -> dict[str, Any]:
    """What a chart says of its numbers, beside its specification.

    dataset: the name of the records, where there are several; titles: of the columns, by the fields of a record.
    """
    return {"usermeta": {"dataset": dataset, "columns": list(titles.items())}}


def share_records(chart: dict[str, Any], other: str) -> dict[str, Any]:
    """The chart, drawn from the datasets of another one. other: its name on the page."""
    return chart | {"usermeta": {**chart["usermeta"], "datasets_of": other}}
