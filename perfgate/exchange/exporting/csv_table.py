"""CSV with everything that a history holds: `perfgate history import` reads it back without loss."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from perfgate.exchange.exporting.rows import Exported
from perfgate.exchange.table import COLUMNS, row_of


def write(runs: Iterable[Exported]) -> Iterator[str]:
    """The header, then the lines of each run."""
    yield _text([COLUMNS])
    for run, results in runs:
        rows = [row_of(run, result) for result in results]
        yield _text([[row[column] for column in COLUMNS] for row in rows])


def _text(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()
