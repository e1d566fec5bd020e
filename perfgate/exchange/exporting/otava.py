"""CSV for Apache Otava (`type: csv`): a line for each run, the oldest first, a column for each statistic.

https://otava.apache.org/docs/csv. Columns: time, commit, branch, testbed, run, then `scenario/request/statistic`. No
cell is empty or `nan`: Otava 0.8 refuses the one, and finds no change point in a column that has the other. So the
newest run says which scenarios and requests there are; runs that lack one are left out, and statistics that one of the
others lacks, too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from perfgate.exchange.exporting.rows import Exported, ExportedValue, values_of
from perfgate.metrics.run import RunRecord
from perfgate.units import format_second

_OF_RUN = ("time", "commit", "branch", "testbed", "run")
_Place = tuple[str, str | None]


@dataclass(frozen=True)
class _Line:
    """One run.

    record: of the run.
    values: by column.
    places: the scenarios, and requests in them, that it has values of.
    """

    record: RunRecord
    values: dict[str, float]
    places: frozenset[_Place]


def write(runs: Iterable[Exported]) -> Iterator[str]:
    """The whole table: what columns there are is known after the last run."""
    lines, columns = _whole(_lines(runs))
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow((*_OF_RUN, *columns))
    for line in lines:
        record = line.record
        time = f"{format_second(record.started_at)} +0000"
        of_run = (time, record.commit, record.branch, record.testbed.id, record.id)
        table.writerow((*of_run, *(line.values[column] for column in columns)))
    yield written.getvalue()


def left_out(runs: Iterable[Exported]) -> tuple[str, ...]:
    """What the table lacks, in sentences."""
    found = _lines(runs)
    lines, columns = _whole(found)
    said = []
    if missing := len(found) - len(lines):
        lacking = sorted({place for line in found for place in _newest(found).places - line.places}, key=str)
        first = "/".join(part for part in lacking[0] if part)
        what = f"{first} or another request of the newest run" if len(lacking) > 1 else first
        said.append(f"{missing} of {len(found)} runs, which lack {what}; --scenario NAME keeps those of one scenario")
    known = dict.fromkeys(column for line in lines for column in line.values)
    if dropped := [column for column in known if column not in columns]:
        said.append(f"columns that not every run has: {', '.join(dropped)}")
    return tuple(said)


def remarks(runs: Iterable[Exported]) -> tuple[str, ...]:
    """What makes a change point that is none of the code, in sentences."""
    lines, _ = _whole(_lines(runs))
    of_one = {
        "branches": ({line.record.branch for line in lines}, "--branch NAME"),
        "testbeds": ({line.record.testbed.id for line in lines}, "--testbed ID"),
    }
    return tuple(
        f"the runs of {len(found)} {what} are one series here, in which each change from one to another looks like one"
        f" of the code: {option} keeps those of one"
        for what, (found, option) in of_one.items()
        if len(found) > 1
    )


def _lines(runs: Iterable[Exported]) -> list[_Line]:
    """The runs that the branch got and that have all their rounds, as for a baseline; the oldest first."""
    lines = []
    for run, results in sorted(runs, key=lambda exported: exported[0].record.started_at):
        if run.record.side == "head" or not run.finished:
            continue
        known = list(values_of(results))
        values = {_column(value): value.value for value in known}
        lines.append(_Line(run.record, values, frozenset((value.scenario, value.request) for value in known)))
    return lines


def _whole(lines: Sequence[_Line]) -> tuple[list[_Line], list[str]]:
    """The lines that have all that the newest one is about, and the columns that each of these has."""
    if not lines:
        return [], []
    newest = _newest(lines)
    kept = [line for line in lines if newest.places <= line.places]
    return kept, [column for column in newest.values if all(column in line.values for line in kept)]


def _newest(lines: Sequence[_Line]) -> _Line:
    """The newest run in which a request succeeded, if there is one."""
    answered = (line for line in reversed(lines) if any(request for _, request in line.places))
    return next(answered, lines[-1])


def _column(value: ExportedValue) -> str:
    stat = value.stat.replace("(", "").replace(")", "")
    return "/".join(part for part in (value.scenario, value.request, f"{value.plain_metric}_{stat}") if part)
