"""Statistics of a tally, by the names of the metric catalogue."""

from __future__ import annotations

import math
from collections.abc import Sequence

from perfgate.metrics.catalogue import (
    COUNTER,
    DEPENDENCY_CPU,
    OF_COUNTS,
    OF_DEPENDENCIES,
    SERVER_TIMING,
    SERVER_TIMING_COUNT,
    Kind,
    count_of,
    dependency_of,
    metric_of,
    quantile_of,
    with_name,
)
from perfgate.metrics.counts import TimingTally
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.phases import (
    EVENT_WAITING,
    EVENTS,
    OF_CONNECTIONS,
    RECEIVING,
    SENDING,
    TIMINGS,
    WAITING,
    together,
)
from perfgate.metrics.tally import RequestTally, Tally

NANOSECONDS_PER_MILLISECOND = 1e6
# What of the time of requests is worth telling apart from it: each row of a history is bytes in git with every run.
_A_PART = 0.05


def read(tally: Tally, metric: str, stat: str, request: str | None = None) -> float | None:
    """One statistic in the metric's unit (ms, fraction, bytes, per second), or None where nothing was measured.

    metric, stat: names of the catalogue ("http_req_duration", "p(95)"), of a dependency with its name
    ("dependency_cpu{name:postgres}"). request: one request name, or None for all.
    A counter's 0 is an answer, not a lack of one, as long as there was load at all.
    """
    reader = _READERS[metric_of(metric).kind]
    return reader(tally, metric, stat, request)


def _read_trend(tally: Tally, metric: str, stat: str, request: str | None) -> float | None:
    histogram = distribution(tally, metric, request)
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


def distribution(tally: Tally, metric: str, request: str | None = None) -> Histogram:
    """The values (nanoseconds) of a trend; of the requests of one name, or of all."""
    if metric == "iteration_duration":
        return tally.iterations
    if metric in TIMINGS:
        phases = together(one.phases for one in _chosen(tally, request))
        return phases.distribution(metric, latencies(tally, request)) if _knows_phases(tally) else Histogram()
    return latencies(tally, request)


def timings_in(*tallies: Tally) -> tuple[tuple[str | None, str], ...]:
    """Request name and phase of all that took time in these tallies: of connections over the whole scenario.

    The waiting of requests that were hardly anything else is their duration, and left out with the rest of it.
    """
    seen = [(name, set(one.phases.values)) for tally in tallies for name, one in tally.requests.items()]
    found: list[tuple[str | None, str]] = [
        (None, metric) for metric in OF_CONNECTIONS if any(metric in metrics for _, metrics in seen)
    ]
    for request in dict.fromkeys(name for name, _ in seen):
        metrics = set().union(*(of_one for name, of_one in seen if name == request))
        if _are_more_than_waiting([tally.requests[request] for tally in tallies if request in tally.requests]):
            found += [(request, metric) for metric in (SENDING, WAITING, RECEIVING) if metric in metrics]
        found += [(request, EVENT_WAITING)] if EVENT_WAITING in metrics else []
    return tuple(found)


def _are_more_than_waiting(named: Sequence[RequestTally]) -> bool:
    kept = [
        one.phases.values[metric] for one in named for metric in (SENDING, RECEIVING) if metric in one.phases.values
    ]
    return bool(kept) and sum(one.total for one in kept) >= _A_PART * sum(one.ok.total for one in named)


def timing_counts(tally: Tally, metric: str, request: str | None = None) -> int:
    """How many requests had any of that phase; how many events there were to wait for."""
    phases = together(one.phases for one in _chosen(tally, request))
    return distribution(tally, metric, request).count if metric == WAITING else phases.of(metric).count


def _knows_phases(tally: Tally) -> bool:
    """Whether phases were told: connections are opened in every round. Other engines than ours may not tell."""
    return any(one.phases.values for one in tally.requests.values())


def _chosen(tally: Tally, request: str | None) -> list[RequestTally]:
    """Those of one request name, or of all."""
    if request is None:
        return list(tally.requests.values())
    return [tally.requests[request]] if request in tally.requests else []


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
    chosen = _chosen(tally, request)
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
    if metric == EVENTS:
        return None if request is not None and request not in tally.requests else _events(tally, request)
    if metric == "iterations":
        return tally.iterations.count
    return int(getattr(tally, metric))


def _events(tally: Tally, request: str | None) -> int:
    return distribution(tally, EVENT_WAITING, request).count


def _read_gauge(tally: Tally, metric: str, stat: str, request: str | None) -> float | None:
    if metric == "service_cpu":
        if tally.service_cpu_seconds is None or not tally.request_count:
            return None
        return tally.service_cpu_seconds * 1000 / tally.attempts
    if metric == "service_memory":
        return None if tally.service_memory_bytes is None else float(tally.service_memory_bytes)
    if metric_of(metric).name in OF_DEPENDENCIES:
        return _read_dependency(tally, metric)
    if metric_of(metric).name in OF_COUNTS:
        return _read_count(tally, metric, request)
    return float(getattr(tally, metric))


def _read_dependency(tally: Tally, metric: str) -> float | None:
    """None also where it was not seen: a tally by itself does not tell what is not there from what was overlooked."""
    use = (tally.dependencies or {}).get(dependency_of(metric) or "")
    if use is None:
        return None
    return use.cpu_milliseconds if metric.startswith(DEPENDENCY_CPU) else float(use.memory_bytes) or None


def _read_count(tally: Tally, metric: str, request: str | None) -> float | None:
    name, kind = count_of(metric) or "", metric_of(metric).name
    if kind == COUNTER:
        use = (tally.counters or {}).get(name)
        return use.value if use else None
    timing, answers = timing_of(tally, name, request)
    if not answers or not (timing.timed if kind == SERVER_TIMING else timing.entries):
        return None
    return (timing.milliseconds if kind == SERVER_TIMING else timing.count) / answers


def timing_of(tally: Tally, name: str, request: str | None = None) -> tuple[TimingTally, int]:
    """What answers said of one entry of Server-Timing, and how many answers there were; of one request name or all."""
    chosen = _chosen(tally, request)
    said = TimingTally()
    for requests in chosen:
        if name in requests.timings:
            said.merge(requests.timings[name])
    return said, sum(requests.ok.count for requests in chosen)


_READERS = {
    Kind.TREND: _read_trend,
    Kind.RATE: _read_rate,
    Kind.COUNTER: _read_counter,
    Kind.GAUGE: _read_gauge,
}

# How many values must lie beyond a percentile before it is more than a guess at the tail.
_BEYOND = 5


def too_few(tally: Tally, metric: str, stat: str, request: str | None = None) -> bool:
    """True where a percentile has fewer than five values beyond it: p(95) of under 100 values, p(99) of under 500."""
    quantile = quantile_of(stat)
    if quantile is None:
        return False
    if math.isclose(quantile, 1):
        return False
    return distribution(tally, metric, request).count * (1 - quantile) < _BEYOND - 1e-9


def counts_in(*tallies: Tally) -> tuple[tuple[str | None, str], ...]:
    """Request name and metric of all that was counted in these tallies, in the order of request names and of names.

    A count of Server-Timing where any of them has more to say than that there is an entry.
    """
    counters = sorted({name for tally in tallies for name in tally.counters or ()})
    found: list[tuple[str | None, str]] = [(None, with_name(COUNTER, name)) for name in counters]
    for request in dict.fromkeys(request for tally in tallies for request in tally.requests):
        said = [tally.requests[request].timings for tally in tallies if request in tally.requests]
        for name in sorted({name for timings in said for name in timings}):
            timings = [one[name] for one in said if name in one]
            found += [(request, with_name(SERVER_TIMING, name))] if any(one.timed for one in timings) else []
            found += [(request, with_name(SERVER_TIMING_COUNT, name))] if any(one.has_count for one in timings) else []
    return tuple(found)
