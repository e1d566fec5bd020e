"""What was counted: folded as it happens, so that memory stays flat, and merged without loss."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from perfgate.metrics.counts import Counters, CounterUse, TimingTally, merge_counters
from perfgate.metrics.dependency_use import Dependencies, DependencyUse, merge_dependencies
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.phases import PhaseTally
from perfgate.metrics.series import Series


@dataclass
class RequestTally:
    """The requests of one name.

    ok: latencies of the requests that succeeded (ns).
    failed: latencies of those that failed (ns).
    errors: how often each error kind, or "status 500", was the end of a request.
    retries: the number of repeated attempts.
    timings: what the answers of those that succeeded said in Server-Timing, by the names of its entries.
    phases: of those that succeeded.
    """

    ok: Histogram = field(default_factory=Histogram)
    failed: Histogram = field(default_factory=Histogram)
    errors: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    timings: dict[str, TimingTally] = field(default_factory=dict)
    phases: PhaseTally = field(default_factory=PhaseTally)

    @property
    def count(self) -> int:
        return self.ok.count + self.failed.count

    def merge(self, other: RequestTally) -> None:
        self.ok.merge(other.ok)
        self.failed.merge(other.failed)
        self.errors.update(other.errors)
        self.retries += other.retries
        for name, timing in other.timings.items():
            self.timings.setdefault(name, TimingTally()).merge(timing)
        self.phases.merge(other.phases)

    def to_plain(self) -> dict[str, Any]:
        """A JSON-able value that `from_plain` reads."""
        return {
            "ok": self.ok.to_plain(),
            "failed": self.failed.to_plain(),
            "errors": dict(self.errors),
            "retries": self.retries,
            "timings": {name: timing.to_plain() for name, timing in self.timings.items()},
            "phases": self.phases.to_plain(),
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> RequestTally:
        """The tally that `to_plain` wrote."""
        return cls(
            Histogram.from_plain(plain["ok"]),
            Histogram.from_plain(plain["failed"]),
            Counter(plain["errors"]),
            plain["retries"],
            {name: TimingTally.from_plain(timing) for name, timing in plain["timings"].items()},
            PhaseTally.from_plain(plain["phases"]),
        )


@dataclass
class CheckTally:
    """How often a check held and how often not."""

    passes: int = 0
    fails: int = 0

    @property
    def count(self) -> int:
        return self.passes + self.fails

    def merge(self, other: CheckTally) -> None:
        self.passes += other.passes
        self.fails += other.fails


@dataclass
class Tally:
    """Everything that one worker, one round or a whole run counted.

    seconds: of load; they add up when rounds that followed each other are merged (`merge`), and do not when workers
        that ran side by side are (`merge_parallel`).
    requests: by request name.
    iterations: lengths of those that ran to their end (ns).
    interrupted_iterations: the number that the end of the load cut off.
    dropped_iterations: the number that no VU was free to start.
    checks: by name.
    data_sent, data_received: bytes.
    vus, vus_max: virtual users at the end, and the most at once.
    service_cpu_seconds: CPU time of the service (s); None where it cannot be had.
    service_memory_bytes: its peak memory; None where it cannot be had.
    dependencies: what the service was seen to depend on, by name; {} where that is nothing, None where it is not known.
    counters: what the service's counters said, by name; None where none was read.
    uncounted: requests that were sent before counting began, while users began one by one.
    series: what a script's own thresholds look at, by their selectors.
    """

    seconds: float = 0.0
    requests: dict[str, RequestTally] = field(default_factory=dict)
    iterations: Histogram = field(default_factory=Histogram)
    interrupted_iterations: int = 0
    dropped_iterations: int = 0
    checks: dict[str, CheckTally] = field(default_factory=dict)
    data_sent: int = 0
    data_received: int = 0
    vus: int = 0
    vus_max: int = 0
    service_cpu_seconds: float | None = None
    service_memory_bytes: int | None = None
    dependencies: Dependencies | None = None
    counters: Counters | None = None
    uncounted: int = 0
    series: dict[str, Series] = field(default_factory=dict)

    def request(self, name: str) -> RequestTally:
        """The tally of one request name, made when first asked for."""
        tally = self.requests.get(name)
        if tally is None:
            tally = self.requests[name] = RequestTally()
        return tally

    def check(self, name: str, held: bool) -> None:
        """Count one check."""
        tally = self.checks.get(name)
        if tally is None:
            tally = self.checks[name] = CheckTally()
        if held:
            tally.passes += 1
        else:
            tally.fails += 1

    @property
    def request_count(self) -> int:
        return sum(tally.count for tally in self.requests.values())

    @property
    def attempts(self) -> int:
        """All requests, repeated and uncounted ones included: they cost the service as much as those that count."""
        return self.request_count + self.uncounted + sum(tally.retries for tally in self.requests.values())

    @property
    def failed_count(self) -> int:
        return sum(tally.failed.count for tally in self.requests.values())

    def merge(self, other: Tally) -> None:
        """Add a stretch of load that came after this one."""
        self._add(other)
        self.seconds += other.seconds
        self.vus = other.vus
        self.vus_max = max(self.vus_max, other.vus_max)
        self.service_cpu_seconds = _sum_where_known(self.service_cpu_seconds, other.service_cpu_seconds)
        self.service_memory_bytes = _max_where_known(self.service_memory_bytes, other.service_memory_bytes)
        self.dependencies = merge_dependencies(self.dependencies, other.dependencies)
        self.counters = merge_counters(self.counters, other.counters)

    def merge_parallel(self, other: Tally) -> None:
        """Add what another worker counted at the same time. The service is watched once, not by each worker."""
        self._add(other)
        self.seconds = max(self.seconds, other.seconds)
        self.vus += other.vus
        self.vus_max += other.vus_max

    def _add(self, other: Tally) -> None:
        for name, requests in other.requests.items():
            self.request(name).merge(requests)
        for name, check in other.checks.items():
            self.checks.setdefault(name, CheckTally()).merge(check)
        self.iterations.merge(other.iterations)
        self.interrupted_iterations += other.interrupted_iterations
        self.uncounted += other.uncounted
        self.dropped_iterations += other.dropped_iterations
        self.data_sent += other.data_sent
        self.data_received += other.data_received
        for selector, series in other.series.items():
            self.series.setdefault(selector, Series(series.kind)).merge(series)

    def to_plain(self) -> dict[str, Any]:
        """A JSON-able value that `from_plain` reads."""
        plain = {name: getattr(self, name) for name in _PLAIN_FIELDS}
        plain["iterations"] = self.iterations.to_plain()
        plain["checks"] = {name: [check.passes, check.fails] for name, check in self.checks.items()}
        plain["series"] = {selector: series.to_plain() for selector, series in self.series.items()}
        plain["requests"] = {name: requests.to_plain() for name, requests in self.requests.items()}
        used = self.dependencies
        plain["dependencies"] = None if used is None else {name: asdict(use) for name, use in used.items()}
        read = self.counters
        plain["counters"] = None if read is None else {name: asdict(use) for name, use in read.items()}
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Tally:
        """The tally that `to_plain` wrote."""
        used, read = plain["dependencies"], plain["counters"]
        return cls(
            **{name: plain[name] for name in _PLAIN_FIELDS},
            dependencies=None if used is None else {name: DependencyUse(**use) for name, use in used.items()},
            counters=None if read is None else {name: CounterUse(**use) for name, use in read.items()},
            iterations=Histogram.from_plain(plain["iterations"]),
            series={selector: Series.from_plain(series) for selector, series in plain["series"].items()},
            checks={name: CheckTally(*counts) for name, counts in plain["checks"].items()},
            requests={name: RequestTally.from_plain(requests) for name, requests in plain["requests"].items()},
        )


def _sum_where_known(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other


def _max_where_known(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def merged(tallies: list[Tally]) -> Tally:
    """Stretches of load that followed each other as one."""
    total = Tally()
    for tally in tallies:
        total.merge(tally)
    return total


_PLAIN_FIELDS = (
    "seconds",
    "interrupted_iterations",
    "uncounted",
    "dropped_iterations",
    "data_sent",
    "data_received",
    "vus",
    "vus_max",
    "service_cpu_seconds",
    "service_memory_bytes",
)
