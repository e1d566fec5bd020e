"""Rows: test data in a CSV or JSON file beside the scenario, and how they are handed out to VUs."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

DataRow = dict[str, Any]

ROWS_SUFFIXES = (".csv", ".json")


def row_for(rows: Sequence[DataRow], vu: int, vus: int, iteration: int) -> DataRow:
    """The row of one iteration of one VU; vu and iteration from 0, vus: the most VUs at once, rows: at least one.

    The rows are dealt out like cards: VU 0 gets rows 0, vus, 2 * vus, ..., VU 1 the ones after them, and a VU that has
    used up its own begins again with its first. So no two VUs ever hold the same row while there are as many rows as
    VUs. With fewer rows each VU goes through all of them, and begins with another one than its neighbour.
    """
    if len(rows) < vus:
        return rows[(vu + iteration) % len(rows)]
    own = range(vu % vus, len(rows), vus)
    return rows[own[iteration % len(own)]]


def copy_of(row: DataRow) -> DataRow:
    """A row to write to: the rows themselves are those of all users, on both sides."""
    return {key: deepcopy(value) if isinstance(value, (dict, list)) else value for key, value in row.items()}
