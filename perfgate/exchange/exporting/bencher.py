"""Bencher Metric Format: `bencher run --adapter json --file FILE`.

https://bencher.dev/docs/reference/bencher-metric-format/: an object of benchmarks, each an object of measures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from perfgate.exchange.exporting.rows import Exported, ExportedValue, values_of

# What Bencher's own measures `latency` and `throughput` are counted in: ns, and operations a second.
_NANOSECONDS = 1e6
_LONGEST_NAME = 1024


def write(runs: Iterable[Exported]) -> Iterator[str]:
    """One object."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for _, results in runs:
        for value in values_of(results):
            measure, number = _measure(value)
            found.setdefault(value.benchmark[:_LONGEST_NAME], {})[measure] = {"value": number}
    yield json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _measure(value: ExportedValue) -> tuple[str, float]:
    """Its name and value; the median is what Bencher calls latency."""
    if value.metric == "http_req_duration":
        measure = "latency" if value.stat == "med" else f"latency-{value.stat.replace('(', '').replace(')', '')}"
        return measure, value.value * _NANOSECONDS
    if value.metric == "http_reqs":
        return "throughput", value.value
    return value.plain_metric.replace("_", "-"), value.value
