"""The metrics: k6's names and kinds, and our own, of the service, its dependencies and its counters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """k6's metric kinds; a kind decides which statistics a metric has."""

    TREND = "trend"
    RATE = "rate"
    COUNTER = "counter"
    GAUGE = "gauge"


@dataclass(frozen=True)
class Metric:
    """One metric. `per_request`: it can be read for one request name, not only for a whole scenario."""

    name: str
    kind: Kind
    unit: str
    per_request: bool
    lower_is_better: bool
    meaning: str


_ALL = (
    Metric("http_req_duration", Kind.TREND, "ms", True, True, "time to the whole response, of requests that succeeded"),
    Metric("http_req_failed", Kind.RATE, "fraction", True, True, "requests not answered by 200 to 399, or as expected"),
    Metric("http_reqs", Kind.COUNTER, "count", True, False, "requests"),
    Metric("http_req_retries", Kind.COUNTER, "count", True, True, "attempts that were repeated, where retries= allows"),
    Metric("http_req_blocked", Kind.TREND, "ms", True, True, "time before a request until there was a connection"),
    Metric("http_req_connecting", Kind.TREND, "ms", True, True, "time of that to connect by TCP"),
    Metric("http_req_tls_handshaking", Kind.TREND, "ms", True, True, "time of that to agree on TLS"),
    Metric("http_req_sending", Kind.TREND, "ms", True, True, "time to send the request, of one that took long"),
    Metric("http_req_waiting", Kind.TREND, "ms", True, True, "time from there to the first byte of the response"),
    Metric("http_req_receiving", Kind.TREND, "ms", True, True, "time from there to its last byte"),
    Metric("sse_event_waiting", Kind.TREND, "ms", True, True, "time to an event of a stream, since the one before"),
    Metric("sse_events", Kind.COUNTER, "count", True, False, "events of streams (server-sent events)"),
    Metric("iterations", Kind.COUNTER, "count", False, False, "iterations that ran to their end"),
    Metric("iteration_duration", Kind.TREND, "ms", False, True, "time of one whole iteration, thinking included"),
    Metric("dropped_iterations", Kind.COUNTER, "count", False, True, "iterations that no VU was free to start"),
    Metric("checks", Kind.RATE, "fraction", False, False, "share of checks that held"),
    Metric("data_sent", Kind.COUNTER, "bytes", False, True, "bytes sent"),
    Metric("data_received", Kind.COUNTER, "bytes", False, True, "bytes received"),
    Metric("vus", Kind.GAUGE, "count", False, False, "virtual users at the end"),
    Metric("vus_max", Kind.GAUGE, "count", False, False, "most virtual users at once"),
    Metric("service_cpu", Kind.GAUGE, "ms", False, True, "CPU time that the service spent on one request"),
    Metric("service_memory", Kind.GAUGE, "bytes", False, True, "peak memory of the service"),
    Metric("dependency_cpu", Kind.GAUGE, "ms", False, True, "CPU time that a dependency spent on one request"),
    Metric("dependency_memory", Kind.GAUGE, "bytes", False, True, "peak memory of a dependency"),
    Metric("counter", Kind.GAUGE, "number", False, True, "what a counter rises by in one request; a gauge as it is"),
    Metric("server_timing", Kind.GAUGE, "ms", True, True, "time that answers say in Server-Timing, for one request"),
    Metric("server_timing_count", Kind.GAUGE, "number", True, True, "count that answers say there, for one request"),
)

METRICS = {metric.name: metric for metric in _ALL}

# The metrics that there are of each dependency, by its name.
OF_DEPENDENCIES = ("dependency_cpu", "dependency_memory")
DEPENDENCY_CPU, DEPENDENCY_MEMORY = OF_DEPENDENCIES

# Those of each counter, and of each entry of the header Server-Timing, by its name.
OF_COUNTS = ("counter", "server_timing", "server_timing_count")
COUNTER, SERVER_TIMING, SERVER_TIMING_COUNT = OF_COUNTS

# All that come with a name.
NAMED = (*OF_DEPENDENCIES, *OF_COUNTS)

STATS = {
    Kind.TREND: ("avg", "min", "med", "max", "p(90)", "p(95)", "p(99)"),
    Kind.RATE: ("rate",),
    Kind.COUNTER: ("count", "rate"),
    Kind.GAUGE: ("value",),
}


def metric_of(metric: str) -> Metric:
    """The metric of this name, which may have tags: of "dependency_cpu{name:postgres}" that is dependency_cpu."""
    return METRICS[metric.partition("{")[0]]


def with_name(metric: str, name: str) -> str:
    """The metric of one dependency or counter, as k6 writes tags: "dependency_cpu{name:postgres}"."""
    return f"{metric}{{name:{name}}}"


def name_in(metric: str) -> str | None:
    """The dependency or counter that "dependency_cpu{name:postgres}" is about; None of any other metric."""
    name, _, tag = metric.partition("{name:")
    return tag[:-1] if name in NAMED and tag.endswith("}") else None


def dependency_of(metric: str) -> str | None:
    """The dependency that "dependency_cpu{name:postgres}" is about; None of any other metric."""
    return name_in(metric) if metric.partition("{")[0] in OF_DEPENDENCIES else None


def count_of(metric: str) -> str | None:
    """The counter, or entry of Server-Timing, that "counter{name:queries}" is about; None of any other metric."""
    return name_in(metric) if metric.partition("{")[0] in OF_COUNTS else None


def covers(wanted: str, metric: str) -> bool:
    """Whether `wanted` means this metric: it is the same, or without a name that of all dependencies, or counters."""
    return wanted in (metric, metric.partition("{")[0])


def unit_of(metric: str, stat: str) -> str:
    """The unit of one statistic: ms, fraction, per_second, bytes or count.

    Of a metric with tags ("http_reqs{status:200}") that of the metric; "number" of one that a script made up.
    """
    described = METRICS.get(metric.partition("{")[0])
    if described is None:
        return "count" if stat == "count" else "number"
    if described.kind is Kind.COUNTER and stat == "rate":
        return "per_second"
    return described.unit


def quantile_of(stat: str) -> float | None:
    """The fraction that "med" or "p(95)" asks for; None of any other statistic. ValueError for p(x) outside 0..100."""
    if stat == "med":
        return 0.5
    if not (stat.startswith("p(") and stat.endswith(")")):
        return None
    try:
        percent = float(stat[2:-1])
    except ValueError:
        percent = math.nan
    if not 0 <= percent <= 100:
        raise ValueError(f"{stat}: a percentile lies between 0 and 100")
    return percent / 100
