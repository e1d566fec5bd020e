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
    left_out: tells what of the runs that text lacks, in sentences.
    remarks: tells what whoever reads it should know, in sentences.
    """

    name: str
    of_many: bool
    write: Callable[[Iterable[Exported]], Iterator[str]]
    left_out: Callable[[Iterable[Exported]], tuple[str, ...]]
    remarks: Callable[[Iterable[Exported]], tuple[str, ...]]


def _nothing(runs: Iterable[Exported]) -> tuple[str, ...]:
    return ()


FORMATS = {
    one.name: one
    for one in (
        ExportFormat("csv", True, csv_table.write, _nothing, _nothing),
        ExportFormat("jsonl", True, json_lines.write, _nothing, _nothing),
        ExportFormat("bmf", False, bencher.write, _nothing, _nothing),
        ExportFormat("github-action-benchmark", False, github_action_benchmark.write, _nothing, _nothing),
        ExportFormat("otava", True, otava.write, otava.left_out, otava.remarks),
        ExportFormat("prometheus", False, prometheus.write, _nothing, _nothing),
    )
}
