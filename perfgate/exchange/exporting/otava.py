"""CSV for Apache Otava (`type: csv`): a line for each run, the oldest first, a column for each statistic.

https://otava.apache.org/docs/csv. Columns: time, commit, branch, testbed, run, then `scenario/request/statistic`. What
a run did not measure is `nan`: Otava takes no empty cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from perfgate.exchange.exporting.rows import Exported, ExportedValue, values_of
from perfgate.units import format_second

_OF_RUN = ("time", "commit", "branch", "testbed", "run")


def write(runs: Iterable[Exported]) -> Iterator[str]:
    """The whole table: what columns there are is known after the last run."""
    lines = []
    columns: dict[str, None] = {}
    for run, results in sorted(runs, key=lambda exported: exported[0].record.started_at):
        record = run.record
        if record.side == "head" or not run.finished:  # as for a baseline: what the branch did not get, or lacks rounds
            continue
        time = f"{format_second(record.started_at)} +0000"
        values = {_column(value): value.value for value in values_of(results)}
        columns |= dict.fromkeys(values)
        lines.append(((time, record.commit, record.branch, record.testbed.id, record.id), values))
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow((*_OF_RUN, *columns))
    for of_run, values in lines:
        table.writerow((*of_run, *(values.get(column, "nan") for column in columns)))
    yield written.getvalue()


def _column(value: ExportedValue) -> str:
    stat = value.stat.replace("(", "").replace(")", "")
    return "/".join(part for part in (value.scenario, value.request, f"{value.plain_metric}_{stat}") if part)
