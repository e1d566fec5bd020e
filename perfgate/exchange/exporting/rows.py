"""The values of a stored run that other tools keep: one statistic each, by the names and in the units of perfgate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfgate.history.stored import StoredResult, StoredRun
from perfgate.metrics.catalogue import OF_DEPENDENCIES, metric_of, name_in, unit_of, with_name

Exported = tuple[StoredRun, Sequence[StoredResult]]
"""A run with its results."""

_OF_REQUESTS = tuple(("http_req_duration", stat) for stat in ("avg", "med", "p(90)", "p(95)", "p(99)"))
_OF_SCENARIOS = (
    ("http_req_failed", "rate"),
    ("http_reqs", "rate"),
    ("service_cpu", "value"),
    ("service_memory", "value"),
)


@dataclass(frozen=True)
class ExportedValue:
    """One statistic of a run.

    scenario: its name.
    request: the request name; None for the whole scenario.
    metric: its name in the catalogue; of a dependency or counter with its name.
    stat: the statistic, like "p(95)".
    value: in the metric's unit.
    """

    scenario: str
    request: str | None
    metric: str
    stat: str
    value: float

    @property
    def unit(self) -> str:
        return unit_of(self.metric, self.stat)

    @property
    def lower_is_better(self) -> bool:
        return metric_of(self.metric).lower_is_better

    @property
    def plain_metric(self) -> str:
        """The metric as one word, also where it has the name of a dependency or counter: `dependency_cpu_postgres`."""
        name = name_in(self.metric)
        return f"{metric_of(self.metric).name}_{name}" if name else self.metric

    @property
    def benchmark(self) -> str:
        """The scenario and the request: `create_pet · POST /pet`."""
        return self.scenario if self.request is None else f"{self.scenario} · {self.request}"


def values_of(results: Sequence[StoredResult]) -> Iterator[ExportedValue]:
    """The known values: latencies of request names; failures, throughput, CPU and memory of scenarios.

    CPU and memory of their dependencies, and counters, too.
    """
    for result in results:
        depending = [with_name(metric, name) for name in result.dependencies for metric in OF_DEPENDENCIES]
        of_scenario = (*_OF_SCENARIOS, *((metric, "value") for metric in depending))
        known = of_scenario if result.request is None else _OF_REQUESTS
        for metric, stat in (*known, *((metric, "value") for metric in result.counts_by_metric)):
            value = result.read(metric, stat)
            if value is not None:
                yield ExportedValue(result.scenario, result.request, metric, stat, value)
