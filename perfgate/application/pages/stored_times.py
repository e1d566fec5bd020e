"""Response times of stored runs, for the page of a verdict that rests on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfgate.application.stored_runs import RunWithResults
from perfgate.history.stored import StoredScenario
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.readings import RunReadings
from perfgate.report.page.details import StoredTimes


def times_of_baseline(head: RunReadings, baseline: Sequence[RunWithResults], newest: int) -> tuple[StoredTimes, ...]:
    """Of each scenario of head, over the runs that its rows are compared with.

    baseline: the newest first. newest: how many of them count.
    """
    found = []
    for scenario in head.scenarios:
        compared = _compared(head, scenario.scenario, scenario.scenario_hash, baseline)[:newest]
        if compared:
            found.append(_merged("base", compared))
    return tuple(found)


def times_of_head(head: RunWithResults) -> tuple[StoredTimes, ...]:
    """Of each scenario of a stored run."""
    return tuple(_merged("head", [scenario]) for scenario in head.scenarios)


def _compared(
    head: RunReadings, name: str, scenario_hash: str, baseline: Sequence[RunWithResults]
) -> list[StoredScenario]:
    """As it is now, on head's testbed; where it was measured on others alone, the rows show these."""
    same = [
        (run, scenario)
        for run in baseline
        for scenario in run.scenarios
        if (scenario.scenario, scenario.scenario_hash) == (name, scenario_hash)
    ]
    here = [
        scenario
        for run, scenario in same
        if run.record.testbed.id == head.record.testbed.id and not run.record.imported_from
    ]
    return here or [scenario for _, scenario in same]


def _merged(side: str, scenarios: Sequence[StoredScenario]) -> StoredTimes:
    by_request: dict[str, Histogram] = {}
    for request, histogram in _histograms(scenarios):
        by_request.setdefault(request, Histogram()).merge(histogram)
    return StoredTimes(scenarios[0].scenario, side, len(scenarios), by_request)


def _histograms(scenarios: Sequence[StoredScenario]) -> Iterator[tuple[str, Histogram]]:
    for scenario in scenarios:
        for request, result in scenario.named.items():
            if (histogram := result.histogram) is not None:
                yield request, histogram
