"""The formats that can be exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from perfgate.exchange.exporting import bencher, csv_table, github_action_benchmark, json_lines, otava, prometheus
from perfgate.exchange.exporting.rows import Exported


@dataclass(frozen=True)
class Format:
    """of_many: whether it holds a series of runs; otherwise a file is one run."""

    name: str
    of_many: bool
    write: Callable[[Iterable[Exported]], Iterator[str]]


FORMATS = {
    one.name: one
    for one in (
        Format("csv", True, csv_table.write),
        Format("jsonl", True, json_lines.write),
        Format("bmf", False, bencher.write),
        Format("github-action-benchmark", False, github_action_benchmark.write),
        Format("otava", True, otava.write),
        Format("prometheus", False, prometheus.write),
    )
}
