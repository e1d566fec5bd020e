"""What the three kinds of k6's end-of-test summary have in common: metrics with k6's names and statistics.

https://grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/ and .../using-k6/metrics/reference/. k6
times failed requests as well; those that succeeded are the submetric `{expected_response:true}`, since k6 0.31.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perfgate.errors import MistakeError
from perfgate.exchange.importing.parsed_run import (
    ALL_REQUESTS,
    FAILED_TOO,
    UNKNOWN_DURATION,
    ParsedResult,
    ParsedScenario,
)
from perfgate.exchange.importing.reading_json import Node
from perfgate.history.stored import StoredDuration
from perfgate.history.timing_rows import StoredTiming
from perfgate.metrics.phases import PHASES

ENGINE = "k6"
OWN = frozenset(("http_reqs", "iterations", "iteration_duration"))
"""Metrics of which every run of k6 has some."""

_OF_NAME = re.compile(r"http_req_duration\{name:([^,{}]*(?:\{[^{}]*\}[^,{}]*)*)\}")
_ABSENT = Node(None)


@dataclass(frozen=True)
class Summary:
    """The end-of-test summary of one run.

    metrics: the statistics of each metric and submetric.
    held: whether each threshold held; None where the file does not say.
    seconds: length of the run (s).
    failed: how many requests failed.
    checks: how many checks passed and failed; None where there were none, or the file does not say.
    """

    metrics: Mapping[str, Node]
    held: tuple[bool, ...] | None
    seconds: float | None
    failed: int | None
    checks: tuple[int | None, int | None]

    def of(self, metric: str) -> Node:
        return self.metrics.get(metric, _ABSENT)


def scenario_of(summary: Summary) -> ParsedScenario:
    """A summary as the one scenario that it is. MistakeError where it has no k6 metric at all."""
    if not OWN & summary.metrics.keys():
        raise MistakeError("it has none of k6's metrics", "write it with `k6 run --summary-export FILE`")
    requests = summary.of("http_reqs").count("count")
    duration, failed_too = _duration(summary, requests)
    named = [ParsedResult(ALL_REQUESTS, requests, summary.failed, duration)] if requests is not None else []
    for metric, node in sorted(summary.metrics.items()):
        if match := _OF_NAME.fullmatch(metric):
            count = summary.of(f"http_reqs{{name:{match[1]}}}").count("count")
            statistics = UNKNOWN_DURATION if requests is not None and summary.failed == requests else _statistics(node)
            named.append(ParsedResult(match[1], count, None, statistics))
    return ParsedScenario(
        name="",
        named=tuple(named),
        seconds=summary.seconds,
        duration=duration,
        load=_load(summary),
        warnings=(FAILED_TOO,) if failed_too or (len(named) > 1 and summary.failed != 0) else (),
        timings=_timings(summary),
    )


def _duration(summary: Summary, requests: int | None) -> tuple[StoredDuration, bool]:
    """The latencies, and whether those of failed requests are among them."""
    if requests is not None and summary.failed == requests:
        return UNKNOWN_DURATION, False
    expected = summary.of("http_req_duration{expected_response:true}")
    if expected.value is not None:
        return _statistics(expected), False
    return _statistics(summary.of("http_req_duration")), summary.failed != 0


def _timings(summary: Summary) -> dict[str, StoredTiming]:
    """Where the time of requests went, as far as it took any; k6 times failed requests as well."""
    found = {metric: _statistics(summary.of(metric)) for metric in PHASES}
    return {
        metric: StoredTiming(None, told.avg_ms, told.med_ms, told.p95_ms, told.p99_ms, told.max_ms)
        for metric, told in found.items()
        if told != UNKNOWN_DURATION
    }


def _statistics(node: Node) -> StoredDuration:
    """Statistics of durations. All are 0 where there was nothing: a metric that has a threshold, and no sample."""

    def percentile(percent: int) -> float | None:
        written = node.amount(f"p({percent})")
        return node.amount(f"p{percent}") if written is None else written

    if node.amount("max") == 0:
        return UNKNOWN_DURATION
    return StoredDuration(
        avg_ms=node.amount("avg"),
        min_ms=node.amount("min"),
        med_ms=node.amount("med"),
        max_ms=node.amount("max"),
        p90_ms=percentile(90),
        p95_ms=percentile(95),
        p99_ms=percentile(99),
    )


def _load(summary: Summary) -> dict[str, Any]:
    iteration = _statistics(summary.of("iteration_duration"))
    passed, failed = summary.checks
    held = summary.held
    return {
        "vus": summary.of("vus").count("value"),
        "vus_max": summary.of("vus_max").count("max"),
        "iterations": summary.of("iterations").count("count"),
        "dropped_iterations": summary.of("dropped_iterations").count("count"),
        "iteration_avg_ms": iteration.avg_ms,
        "iteration_med_ms": iteration.med_ms,
        "iteration_p95_ms": iteration.p95_ms,
        "checks_passed": passed,
        "checks_failed": failed,
        "data_sent_bytes": summary.of("data_sent").count("count"),
        "data_received_bytes": summary.of("data_received").count("count"),
        "thresholds_passed": None if held is None else sum(held),
        "thresholds_total": None if held is None else len(held),
    }
