"""What a history gives back: runs and results as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perfgate.history.count_rows import Counts
from perfgate.history.dependency_rows import StoredDependency
from perfgate.history.histogram_codec import unpack
from perfgate.history.timing_rows import Timings
from perfgate.metrics.catalogue import DEPENDENCY_CPU, METRICS, STATS, Kind, count_of, dependency_of, quantile_of
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.phases import EVENT_WAITING, EVENTS, TIMINGS
from perfgate.metrics.run import RunRecord
from perfgate.metrics.tally_statistics import NANOSECONDS_PER_MILLISECOND


@dataclass(frozen=True)
class StoredRun:
    """One run of the history. finished: False where it was killed, interrupted or aborted. scenarios: their names."""

    record: RunRecord
    finished: bool
    scenarios: tuple[str, ...]


@dataclass(frozen=True)
class MeasuredAs:
    """What runs that may be compared have in common: the id of their testbed, and a scenario with its hash."""

    testbed: str
    scenario: str
    scenario_hash: str


@dataclass(frozen=True)
class StoredDuration:
    """http_req_duration of the requests that succeeded, in ms; all None where none did, any where it is not known."""

    avg_ms: float | None
    min_ms: float | None
    med_ms: float | None
    max_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True)
class StoredLoad:
    """What is known of a whole scenario only.

    engine, clock: of its rounds, joined with "+" where they differ. rounds: all of them; the numbers are of those that
    were valid, or of all where none was. warnings, problems: of all rounds, each text once. service_cpu_ms: per
    request; None where it could not be had, and so service_memory_bytes. iteration_*_ms: None without iterations. Of an
    imported run everything is None, or "", that its file did not say; all of it is one round.
    """

    engine: str
    clock: str
    rounds: int
    invalid_rounds: int
    vus: int | None
    vus_max: int | None
    iterations: int | None
    interrupted_iterations: int | None
    dropped_iterations: int | None
    iteration_avg_ms: float | None
    iteration_med_ms: float | None
    iteration_p95_ms: float | None
    checks_passed: int | None
    checks_failed: int | None
    data_sent_bytes: int | None
    data_received_bytes: int | None
    service_cpu_ms: float | None
    service_memory_bytes: int | None
    thresholds_passed: int | None
    thresholds_total: int | None
    warnings: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class StoredResult:
    """One scenario of one run, or one request name of it.

    run: the run.
    scenario: its name.
    scenario_hash: of its source, data and load profile.
    executor: of its load profile.
    request: a request name; None for the whole scenario.
    seconds: of load, of the whole scenario either way; this and the three counts are None where the file of an imported
        run did not say.
    requests: their number.
    failed: the number of requests that failed.
    retries: the number of attempts that were repeated.
    duration: of the requests that succeeded.
    packed: the latencies as `histogram_codec.pack` wrote them; None of the whole scenario, or where nothing succeeded.
    errors: how often each kind of error ended a request.
    load: of the whole scenario; None of a request name.
    dependencies: of the whole scenario, by name; {} of a request name.
    counts_by_metric: what counters and Server-Timing said, by their metrics with names.
    timings: where the time of its requests went, and the waiting for events, by metric.
    """

    run: StoredRun
    scenario: str
    scenario_hash: str
    executor: str
    request: str | None
    seconds: float | None
    requests: int | None
    failed: int | None
    retries: int | None
    duration: StoredDuration
    packed: bytes | None
    errors: dict[str, int]
    load: StoredLoad | None
    dependencies: dict[str, StoredDependency]
    counts_by_metric: Counts
    timings: Timings

    @property
    def histogram(self) -> Histogram | None:
        """The latencies of the requests that succeeded, in nanoseconds, to 1 %; None where `packed` is."""
        return None if self.packed is None else unpack(self.packed)

    def read(self, metric: str, stat: str) -> float | None:
        """One statistic by the names of the metric catalogue and in its unit, as `ScenarioRun.read` gives it.

        None where nothing was measured or it is not stored; percentiles without a column come from the histogram.
        """
        if metric == "http_req_duration":
            return self._read_duration(stat)
        if metric == "http_req_failed":
            return self.failed / self.requests if self.requests and self.failed is not None else None
        if metric == "http_reqs":
            return self._read_counter(self.requests, stat)
        if metric == "http_req_retries":
            return self._read_counter(self.retries, stat)
        if metric in TIMINGS:
            return self.timings[metric].read(stat) if metric in self.timings else None
        if metric == EVENTS:
            events = self.timings.get(EVENT_WAITING)
            return self._read_counter(events.count or 0 if events else None if self.requests is None else 0, stat)
        if dependency_of(metric):
            return self._read_dependency(metric)
        if count_of(metric):
            return self.counts_by_metric.get(metric)
        if self.load is None:
            return None
        return self._read_load(self.load, metric, stat)

    def _read_duration(self, stat: str) -> float | None:
        if stat in STATS[Kind.TREND]:
            column = stat.replace("(", "").replace(")", "")
            value: float | None = getattr(self.duration, f"{column}_ms")
            return value
        quantile = quantile_of(stat)
        histogram = self.histogram
        if quantile is None or histogram is None:
            return None
        return histogram.quantile(quantile) / NANOSECONDS_PER_MILLISECOND

    def _read_counter(self, count: int | None, stat: str) -> float | None:
        if count is None:
            return None
        if stat == "count":
            return None if self.seconds == 0 else float(count)
        return count / self.seconds if self.seconds else None

    def _read_dependency(self, metric: str) -> float | None:
        stored = self.dependencies.get(dependency_of(metric) or "")
        if stored is None:
            return None
        value = stored.cpu_ms if metric.startswith(DEPENDENCY_CPU) else stored.memory_bytes
        return None if value is None else float(value)

    def _read_load(self, load: StoredLoad, metric: str, stat: str) -> float | None:
        if metric == "iteration_duration":
            return {
                "avg": load.iteration_avg_ms,
                "med": load.iteration_med_ms,
                "p(95)": load.iteration_p95_ms,
            }.get(stat)
        if metric == "checks":
            if load.checks_passed is None or load.checks_failed is None:
                return None
            total = load.checks_passed + load.checks_failed
            return load.checks_passed / total if total else None
        stored = getattr(load, _LOAD_FIELDS[metric]) if metric in _LOAD_FIELDS else None
        if METRICS[metric].kind is Kind.COUNTER:
            return self._read_counter(stored, stat)
        return None if stored is None else float(stored)


@dataclass(frozen=True)
class StoredScenario:
    """One scenario of a stored run: its readings (`perfgate.metrics.readings`).

    whole: the result of the whole scenario.
    named: the results of its request names, in their order.
    """

    whole: StoredResult
    named: dict[str, StoredResult]

    @property
    def scenario(self) -> str:
        return self.whole.scenario

    @property
    def scenario_hash(self) -> str:
        return self.whole.scenario_hash

    @property
    def executor(self) -> str:
        return self.whole.executor

    @property
    def requests(self) -> tuple[str, ...]:
        """The names of its requests."""
        return tuple(self.named)

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The names of what its service was known to depend on."""
        return tuple(self.whole.dependencies)

    @property
    def counts(self) -> tuple[tuple[str | None, str], ...]:
        """Request name and metric of what was counted."""
        results = (self.whole, *self.named.values())
        return tuple((one.request, metric) for one in results for metric in one.counts_by_metric)

    @property
    def timings(self) -> tuple[tuple[str | None, str], ...]:
        """Request name and metric of what took time besides waiting."""
        results = (self.whole, *self.named.values())
        whole = (EVENT_WAITING,)  # which is there for their number
        return tuple(
            (one.request, metric) for one in results for metric in one.timings if one.request or metric not in whole
        )

    def read(self, metric: str, stat: str, request: str | None = None) -> float | None:
        """One statistic of the whole scenario, or of a request name."""
        return self._result(request).read(metric, stat)

    def count(self, metric: str, request: str | None = None) -> int | None:
        """What a counter came to; None where an imported file did not say."""
        result = self._result(request)
        if metric in ("http_reqs", "http_req_retries"):
            return result.requests if metric == "http_reqs" else result.retries
        if metric == EVENTS:
            return result.timings[EVENT_WAITING].count if EVENT_WAITING in result.timings else 0
        counted: int | None = None if result.load is None else getattr(result.load, _LOAD_FIELDS[metric])
        return counted

    def _result(self, request: str | None) -> StoredResult:
        return self.whole if request is None else self.named[request]


def scenarios_of(results: Iterable[StoredResult]) -> tuple[StoredScenario, ...]:
    """The scenarios of a run by its results: of each the whole first, then its request names."""
    scenarios: dict[str, StoredScenario] = {}
    for result in results:
        if result.request is None:
            scenarios[result.scenario] = StoredScenario(result, {})
        elif result.scenario in scenarios:
            scenarios[result.scenario].named[result.request] = result
    return tuple(scenarios.values())


_LOAD_FIELDS = {
    "iterations": "iterations",
    "dropped_iterations": "dropped_iterations",
    "data_sent": "data_sent_bytes",
    "data_received": "data_received_bytes",
    "vus": "vus",
    "vus_max": "vus_max",
    "service_cpu": "service_cpu_ms",
    "service_memory": "service_memory_bytes",
}
