"""The load-test summary of a run: a line for each scenario, followed by one for each of its request names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from perfgate.metrics.readings import Readings, RunReadings
from perfgate.metrics.threshold import ThresholdResult
from perfgate.verdict.values import ScenarioSummary


@dataclass(frozen=True)
class Compliance:
    """How many thresholds a line of the summary has, and how many of them passed."""

    passed: int
    total: int


Comply = Callable[[str, "str | None"], Compliance]
"""The compliance of a scenario, or of one request name of it."""


def summarise(run: RunReadings, thresholds: Sequence[ThresholdResult]) -> tuple[ScenarioSummary, ...]:
    """The summary of a run whose thresholds were judged just now.

    thresholds: results of this run; a request's line counts those of its own name, a scenario's line all of it.
    """

    def compliance(scenario: str, request: str | None) -> Compliance:
        own = [result for result in thresholds if result.scenario == scenario]
        named = [result for result in own if request in (None, result.threshold.request)]
        return Compliance(sum(result.passed for result in named), len(named))

    return summary_of(run, run.record.side, compliance)


def summary_of(run: RunReadings, side: str, compliance: Comply) -> tuple[ScenarioSummary, ...]:
    """The summary of a run, measured or stored. side: "base", "head", or "" without a base."""
    return tuple(
        _line(scenario, request, side, compliance(scenario.scenario, request))
        for scenario in run.scenarios
        for request in (None, *scenario.requests)
    )


def _line(readings: Readings, request: str | None, side: str, compliance: Compliance) -> ScenarioSummary:
    vus_max = readings.read("vus_max", "value")
    return ScenarioSummary(
        scenario=readings.scenario,
        side=side,
        request=request,
        avg_ms=readings.read("http_req_duration", "avg", request),
        med_ms=readings.read("http_req_duration", "med", request),
        p95_ms=readings.read("http_req_duration", "p(95)", request),
        vus_max=None if vus_max is None else int(vus_max),
        requests=readings.count("http_reqs", request),
        requests_per_second=readings.read("http_reqs", "rate", request),
        failed=readings.read("http_req_failed", "rate", request),
        retries=readings.count("http_req_retries", request),
        dropped_iterations=readings.count("dropped_iterations") if request is None else 0,
        thresholds_passed=compliance.passed,
        thresholds_total=compliance.total,
    )
