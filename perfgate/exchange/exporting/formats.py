"""The formats that can be exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from perfgate.exchange.exporting import bencher, csv_table, github_action_benchmark, json_lines, otava, prometheus
from perfgate.exchange.exporting.rows import Exported


@dataclass(frozen=True)
class ExportFormat:
    """One format that runs can be exported to.

    name: as --format takes it.
    of_many: whether a file holds a series of runs; otherwise it holds one.
    write: makes the text of the runs, in pieces.
    """

    name: str
    of_many: bool
    write: Callable[[Iterable[Exported]], Iterator[str]]


FORMATS = {
    one.name: one
    for one in (
        ExportFormat("csv", True, csv_table.write),
        ExportFormat("jsonl", True, json_lines.write),
        ExportFormat("bmf", False, bencher.write),
        ExportFormat("github-action-benchmark", False, github_action_benchmark.write),
        ExportFormat("otava", True, otava.write),
        ExportFormat("prometheus", False, prometheus.write),
    )
}
