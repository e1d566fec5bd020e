"""JSON lines: an object for each result, with the columns of the history; unknown facts are left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from perfgate.exchange.exporting.rows import Exported
from perfgate.exchange.table import TEXT_COLUMNS, row_of


def write(runs: Iterable[Exported]) -> Iterator[str]:
    """A line for each result."""
    for run, results in runs:
        for result in results:
            row = row_of(run, result)
            known = {column: _value(column, text) for column, text in row.items() if text}
            yield json.dumps(known, ensure_ascii=False) + "\n"


def _value(column: str, text: str) -> Any:
    return text if column in TEXT_COLUMNS else json.loads(text)
