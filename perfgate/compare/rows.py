"""The rows of a comparison: which statistics of a scenario are compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perfgate.metrics.catalogue import unit_of
from perfgate.metrics.readings import Readings
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import read

FAILED = "http_req_failed"
DURATION = "http_req_duration"
MEMORY = "service_memory"
OF_SERVICE = ("service_cpu", MEMORY)

# Executors that start the next iteration when the last one has ended. Only there does throughput say anything: with an
# arrival rate it is what was asked for.
_CLOSED_EXECUTORS = frozenset({"constant-vus", "ramping-vus", "shared-iterations", "per-vu-iterations"})


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
    def in_points(self) -> bool:
        """Whether changes are differences in points rather than ratios: shares that may well be zero."""
        return self.unit == "fraction"


def rows_of(scenario: str, executor: str, base: Tally, head: Tally) -> tuple[Row, ...]:
    """The rows of one scenario, as far as base or head measured something for them."""
    known = [metric for metric in OF_SERVICE if any(read(side, metric, "value") is not None for side in (base, head))]
    return rows_for(scenario, executor, (*base.requests, *head.requests), known)


def rows_of_readings(readings: Readings) -> tuple[Row, ...]:
    """The rows of one scenario of one run, as far as it measured something for them."""
    known = [metric for metric in OF_SERVICE if readings.read(metric, "value") is not None]
    return rows_for(readings.scenario, readings.executor, readings.requests, known)


def rows_for(scenario: str, executor: str, requests: Iterable[str], of_service: Iterable[str]) -> tuple[Row, ...]:
    """For the whole scenario failures, throughput and what the service spent, then latencies by request name.

    of_service: those metrics of the service itself that could be had.
    """
    rows = [Row(scenario, None, FAILED, "rate")]
    if executor in _CLOSED_EXECUTORS:
        rows.append(Row(scenario, None, "http_reqs", "rate"))
    rows += [Row(scenario, None, metric, "value") for metric in of_service]
    for request in dict.fromkeys(requests):
        rows += [Row(scenario, request, DURATION, stat) for stat in ("med", "p(95)", "p(99)", "avg")]
    return tuple(rows)
