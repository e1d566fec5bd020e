"""What was counted: folded as it happens, so that memory stays flat, and merged without loss."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from perfgate.metrics.catalogue import METRICS, Kind, quantile_of
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.series import Series

NANOSECONDS_PER_MILLISECOND = 1e6


@dataclass
class RequestTally:
    """The requests of one name. `ok` and `failed` hold latencies in nanoseconds, apart from one another.

    errors: how often each error kind, or "status 500", was the end of a request. retries: repeated attempts.
    """

    ok: Histogram = field(default_factory=Histogram)
    failed: Histogram = field(default_factory=Histogram)
    errors: Counter[str] = field(default_factory=Counter)
    retries: int = 0

    @property
    def count(self) -> int:
        return self.ok.count + self.failed.count

    def merge(self, other: RequestTally) -> None:
        self.ok.merge(other.ok)
        self.failed.merge(other.failed)
        self.errors.update(other.errors)
        self.retries += other.retries


@dataclass
class CheckTally:
    """How often a check held and how often not."""

    passes: int = 0
    fails: int = 0

    def merge(self, other: CheckTally) -> None:
        self.passes += other.passes
        self.fails += other.fails


@dataclass
class Tally:
    """Everything that was counted in `seconds` of load: of one worker, one round, or a whole run.

    seconds add up when rounds that followed each other are merged (`merge`), and do not when workers that ran side by
    side are (`merge_parallel`). service_cpu_seconds and service_memory_bytes are None where they cannot be had. series:
    what a script's own thresholds look at, by their selectors.
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
        self.dropped_iterations += other.dropped_iterations
        self.data_sent += other.data_sent
        self.data_received += other.data_received
        for selector, series in other.series.items():
            self.series.setdefault(selector, Series(series.kind)).merge(series)


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


def read(tally: Tally, metric: str, stat: str, request: str | None = None) -> float | None:
    """One statistic in the metric's unit (ms, fraction, bytes, per second), or None where nothing was measured.

    metric, stat: names of the catalogue ("http_req_duration", "p(95)"). request: one request name, or None for all.
    A counter's 0 is an answer, not a lack of one, as long as there was load at all.
    """
    reader = _READERS[METRICS[metric].kind]
    return reader(tally, metric, stat, request)


def _read_trend(tally: Tally, metric: str, stat: str, request: str | None) -> float | None:
    histogram = tally.iterations if metric == "iteration_duration" else latencies(tally, request)
    if not histogram.count:
        return None
    return _statistic(histogram, stat) / NANOSECONDS_PER_MILLISECOND


def _statistic(histogram: Histogram, stat: str) -> float:
    if stat == "avg":
        return histogram.mean
    if stat == "min":
        return histogram.minimum
    if stat == "max":
        return histogram.maximum
    quantile = quantile_of(stat)
    if quantile is None:
        raise ValueError(f"a trend has no {stat!r}")
    return histogram.quantile(quantile)


def latencies(tally: Tally, request: str | None) -> Histogram:
    """The latencies (nanoseconds) of the requests that succeeded, of one name or of all."""
    if request is not None:
        found = tally.requests.get(request)
        return found.ok if found else Histogram()
    if len(tally.requests) == 1:
        return next(iter(tally.requests.values())).ok
    together = Histogram()
    for requests in tally.requests.values():
        together.merge(requests.ok)
    return together


def _read_rate(tally: Tally, metric: str, stat: str, request: str | None) -> float | None:
    if metric == "checks":
        good = sum(check.passes for check in tally.checks.values())
        total = good + sum(check.fails for check in tally.checks.values())
        return good / total if total else None
    chosen = [tally.requests[request]] if request in tally.requests else [] if request else tally.requests.values()
    total = sum(requests.count for requests in chosen)
    return sum(requests.failed.count for requests in chosen) / total if total else None


def _read_counter(tally: Tally, metric: str, stat: str, request: str | None) -> float | None:
    counted = count(tally, metric, request)
    if counted is None or not tally.seconds:
        return None
    return counted / tally.seconds if stat == "rate" else float(counted)


def count(tally: Tally, metric: str, request: str | None = None) -> int | None:
    """What a counter came to; None of a request name that was not measured."""
    if metric in ("http_reqs", "http_req_retries"):
        if request is not None and request not in tally.requests:
            return None
        chosen = tally.requests.values() if request is None else [tally.requests[request]]
        return sum(requests.count if metric == "http_reqs" else requests.retries for requests in chosen)
    if metric == "iterations":
        return tally.iterations.count
    return int(getattr(tally, metric))


def _read_gauge(tally: Tally, metric: str, stat: str, request: str | None) -> float | None:
    if metric == "service_cpu":
        if tally.service_cpu_seconds is None or not tally.request_count:
            return None
        # Attempts that were repeated cost the service as much as those that counted.
        attempts = tally.request_count + sum(requests.retries for requests in tally.requests.values())
        return tally.service_cpu_seconds * 1000 / attempts
    if metric == "service_memory":
        return None if tally.service_memory_bytes is None else float(tally.service_memory_bytes)
    return float(getattr(tally, metric))


_READERS = {
    Kind.TREND: _read_trend,
    Kind.RATE: _read_rate,
    Kind.COUNTER: _read_counter,
    Kind.GAUGE: _read_gauge,
}

# How many values must lie beyond a percentile before it is more than a guess at the tail.
_BEYOND = 5


def too_few(tally: Tally, stat: str, request: str | None = None) -> bool:
    """True where a percentile has fewer than five values beyond it: p(95) of under 100 values, p(99) of under 500."""
    quantile = quantile_of(stat)
    if quantile is None:
        return False
    return not math.isclose(quantile, 1) and latencies(tally, request).count * (1 - quantile) < _BEYOND - 1e-9


def to_plain(tally: Tally) -> dict[str, Any]:
    """A JSON-able value that `from_plain` reads."""
    plain = {name: getattr(tally, name) for name in _PLAIN_FIELDS}
    plain["iterations"] = tally.iterations.to_plain()
    plain["checks"] = {name: [check.passes, check.fails] for name, check in tally.checks.items()}
    plain["series"] = {selector: series.to_plain() for selector, series in tally.series.items()}
    plain["requests"] = {
        name: {
            "ok": requests.ok.to_plain(),
            "failed": requests.failed.to_plain(),
            "errors": dict(requests.errors),
            "retries": requests.retries,
        }
        for name, requests in tally.requests.items()
    }
    return plain


def from_plain(plain: dict[str, Any]) -> Tally:
    """The tally that `to_plain` wrote."""
    return Tally(
        **{name: plain[name] for name in _PLAIN_FIELDS},
        iterations=Histogram.from_plain(plain["iterations"]),
        series={selector: Series.from_plain(series) for selector, series in plain["series"].items()},
        checks={name: CheckTally(*counts) for name, counts in plain["checks"].items()},
        requests={
            name: RequestTally(
                Histogram.from_plain(requests["ok"]),
                Histogram.from_plain(requests["failed"]),
                Counter(requests["errors"]),
                requests["retries"],
            )
            for name, requests in plain["requests"].items()
        },
    )


_PLAIN_FIELDS = (
    "seconds",
    "interrupted_iterations",
    "dropped_iterations",
    "data_sent",
    "data_received",
    "vus",
    "vus_max",
    "service_cpu_seconds",
    "service_memory_bytes",
)
