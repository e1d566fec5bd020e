"""Custom JSON of benchmark-action/github-action-benchmark, `tool: customSmallerIsBetter`.

https://github.com/benchmark-action/github-action-benchmark#readme: a list of objects with name, unit and value. Where
more is better (throughput) a value cannot be of the same file, so it is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from perfgate.exchange.exporting.rows import Exported, ExportedValue, values_of

_UNITS = {"fraction": "%", "count": "", "bytes": "bytes", "ms": "ms", "number": ""}


def write(runs: Iterable[Exported]) -> Iterator[str]:
    """One list."""
    found = [
        {"name": f"{value.benchmark} · {_what(value)}", "unit": _UNITS[value.unit], "value": _scaled(value)}
        for _, results in runs
        for value in values_of(results)
        if value.lower_is_better
    ]
    yield json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _what(value: ExportedValue) -> str:
    return f"{value.metric} {value.stat}" if value.metric == "http_req_duration" else value.metric


def _scaled(value: ExportedValue) -> float:
    return value.value * 100 if value.unit == "fraction" else value.value
