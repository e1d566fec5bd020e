"""The numbers behind a chart, as a table that the script of every page makes when a reader opens it."""

from __future__ import annotations

from typing import Any


def columns(dataset: str = "", **titles: str) -> dict[str, Any]:
    """What a chart says of its numbers, beside its specification.

    dataset: the name of the records, where there are several; titles: of the columns, by the fields of a record.
    """
    return {"usermeta": {"dataset": dataset, "columns": list(titles.items())}}
