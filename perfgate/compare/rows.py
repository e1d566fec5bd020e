"""The rows of a comparison: which statistics of a scenario are compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from perfgate.metrics.catalogue import (
    COUNTER,
    DEPENDENCY_CPU,
    DEPENDENCY_MEMORY,
    OF_DEPENDENCIES,
    SERVER_TIMING,
    SERVER_TIMING_COUNT,
    metric_of,
    unit_of,
    with_name,
)
from perfgate.metrics.phases import EVENT_WAITING, OF_CONNECTIONS, RECEIVING, SENDING, TIMINGS, WAITING
from perfgate.metrics.readings import Readings
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import counts_in, read, timings_in

FAILED = "http_req_failed"
DURATION = "http_req_duration"
THROUGHPUT = "http_reqs"
OF_SERVICE = ("service_cpu", "service_memory")
MEMORY = ("service_memory", DEPENDENCY_MEMORY)

# What a dependency spends on a request counts as this much at least (ms of CPU): a tenth of the cheapest query is as
# good as nothing, and nothing has no ratio.
LEAST_CPU_MS = 0.0005
# So does a count of a stored run: what happens less than once in a thousand requests is as good as nothing.
LEAST_COUNT = 0.001

# Executors that start the next iteration when the last one has ended. Only there does throughput say anything: with an
# arrival rate it is what was asked for.
_CLOSED_EXECUTORS = frozenset({"constant-vus", "ramping-vus", "shared-iterations", "per-vu-iterations"})


@dataclass(frozen=True)
class ComparedMetric:
    """A metric that has rows.

    stats: those of its statistics that are compared.
    of_requests: whether each request name has rows of its own; else they are of whole scenarios.
    """

    stats: tuple[str, ...]
    of_requests: bool


# All metrics that have rows. Of connections and of sending the mean: most requests find one open and go out at once, so
# any percentile is 0.
COMPARED = {
    DURATION: ComparedMetric(("med", "p(95)", "p(99)", "avg"), True),
    **{metric: ComparedMetric(("rate",), False) for metric in (FAILED, THROUGHPUT)},
    **{metric: ComparedMetric(("value",), False) for metric in (*OF_SERVICE, *OF_DEPENDENCIES, COUNTER)},
    **{metric: ComparedMetric(("value",), True) for metric in (SERVER_TIMING, SERVER_TIMING_COUNT)},
    **{metric: ComparedMetric(("avg",), False) for metric in OF_CONNECTIONS},
    SENDING: ComparedMetric(("avg",), True),
    **{metric: ComparedMetric(("med", "p(95)"), True) for metric in (WAITING, RECEIVING, EVENT_WAITING)},
}


@dataclass(frozen=True)
class Row:
    """One statistic of one scenario that is compared. request: None for the whole scenario."""

    scenario: str
    request: str | None
    metric: str
    stat: str

    @property
    def unit(self) -> str:
        return unit_of(self.metric, self.stat)

    @property
    def is_cpu_of_dependency(self) -> bool:
        return metric_of(self.metric).name == DEPENDENCY_CPU

    @property
    def is_cpu(self) -> bool:
        """Whether it is CPU per request, of the service or of a dependency."""
        return self.metric == "service_cpu" or self.is_cpu_of_dependency

    @property
    def is_memory(self) -> bool:
        return metric_of(self.metric).name in MEMORY

    @property
    def is_count(self) -> bool:
        """Whether it is a counter, or a count of Server-Timing: what a busy machine does not change."""
        return metric_of(self.metric).name in (COUNTER, SERVER_TIMING_COUNT)

    @property
    def is_server_timing(self) -> bool:
        return metric_of(self.metric).name == SERVER_TIMING

    @property
    def is_timing(self) -> bool:
        """Whether it is a part of the time of requests, or the waiting for events: both only inform."""
        return self.metric in TIMINGS

    @property
    def in_points(self) -> bool:
        """Whether changes are differences in points rather than ratios: shares that may well be zero."""
        return self.unit == "fraction"


def rows_of(scenario: str, executor: str, base: Tally, head: Tally) -> tuple[Row, ...]:
    """The rows of one scenario, as far as base or head measured something for them."""
    names = {*(base.dependencies or ()), *(head.dependencies or ())}
    metrics = (*OF_SERVICE, *_metrics_of(names))
    known = [metric for metric in metrics if any(read(side, metric, "value") is not None for side in (base, head))]
    counts, timings = counts_in(base, head), timings_in(base, head)
    return (
        *rows_for(scenario, executor, (*base.requests, *head.requests), known, counts),
        *_rows_of_timings(scenario, timings),
    )


def rows_of_readings(readings: Readings) -> tuple[Row, ...]:
    """The rows of one scenario of one run, as far as it measured something for them."""
    metrics = (*OF_SERVICE, *_metrics_of(readings.dependencies))
    known = [metric for metric in metrics if readings.read(metric, "value") is not None]
    return (
        *rows_for(readings.scenario, readings.executor, readings.requests, known, readings.counts),
        *_rows_of_timings(readings.scenario, readings.timings),
    )


def _rows_of_timings(scenario: str, timings: Iterable[tuple[str | None, str]]) -> Iterator[Row]:
    for request, metric in timings:
        for stat in COMPARED[metric].stats:
            yield Row(scenario, request, metric, stat)


def _metrics_of(dependencies: Iterable[str]) -> list[str]:
    """The metrics of these dependencies, by their names."""
    return [with_name(metric, name) for name in sorted(dependencies) for metric in OF_DEPENDENCIES]


def rows_for(
    scenario: str,
    executor: str,
    requests: Iterable[str],
    of_service: Iterable[str],
    counts: Sequence[tuple[str | None, str]],
) -> tuple[Row, ...]:
    """For the whole scenario failures, throughput, what service and dependencies spent, counters; then latencies and
    Server-Timing by request name.

    of_service: those metrics of the service and its dependencies that could be had. counts: request name and metric.
    """
    rows = [Row(scenario, None, FAILED, "rate")]
    if _is_closed(executor):
        rows.append(Row(scenario, None, THROUGHPUT, "rate"))
    rows += [Row(scenario, None, metric, "value") for metric in of_service]
    rows += [Row(scenario, None, metric, "value") for request, metric in counts if request is None]
    for request in dict.fromkeys(requests):
        rows += [Row(scenario, request, DURATION, stat) for stat in COMPARED[DURATION].stats]
        rows += [Row(scenario, request, metric, "value") for name, metric in counts if name == request]
    return tuple(rows)


def _is_closed(executor: str) -> bool:
    """Whether all parts of a load, whose executors are joined with "+", are of a closed model."""
    return all(part in _CLOSED_EXECUTORS for part in executor.split("+"))
