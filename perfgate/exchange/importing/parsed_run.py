"""Runs as a file describes them. None, "" and empty stand for facts that the file does not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from perfgate.history.histogram_codec import pack
from perfgate.history.stored import StoredDuration, StoredResult, StoredRun
from perfgate.history.timing_rows import StoredTiming
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.tally_statistics import NANOSECONDS_PER_MILLISECOND

# The name of the requests of a file that does not tell them apart.
ALL_REQUESTS = "(all)"
UNKNOWN_DURATION = StoredDuration(None, None, None, None, None, None, None)
FAILED_TOO = "durations are those of failed requests, too"
"""A warning: of most tools, other than k6, nothing else can be had."""


@dataclass(frozen=True)
class ParsedResult:
    """One request name.

    request: the name.
    requests: how many there were, failed ones included.
    failed: how many failed.
    duration: statistics of the latencies.
    packed: the histogram of latencies, as `history.histogram_codec` writes it.
    errors: how many requests failed by each kind of error.
    place: where it stands in the file: "line 3"; "" where that is not known.
    """

    request: str
    requests: int | None = None
    failed: int | None = None
    duration: StoredDuration = UNKNOWN_DURATION
    packed: bytes | None = None
    errors: Mapping[str, int] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True)
class ParsedScenario:
    """One scenario.

    name: "" where the file names none.
    named: the request names.
    seconds: length of the load (s).
    duration: statistics of the latencies of all requests together.
    load: those fields of StoredLoad that the file has.
    warnings: reservations about the numbers, in sentences.
    total: the counts of all requests, where the file has them apart from those of the names.
    timings: where the time of all requests together went, by metric.
    """

    name: str
    named: tuple[ParsedResult, ...]
    seconds: float | None = None
    duration: StoredDuration = UNKNOWN_DURATION
    load: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    total: ParsedResult | None = None
    timings: Mapping[str, StoredTiming] = field(default_factory=dict)


@dataclass(frozen=True)
class ParsedRun:
    """One run.

    identity: tells it from all other runs; the same whenever it is imported.
    started_at: when it began (Unix seconds).
    scenarios: its scenarios.
    target: the URL of the service.
    commit: the commit that was measured.
    branch: its branch.
    dirty: whether the work tree had changes.
    versions: of the tools that took part.
    left_out: what the file has and a history cannot hold, in sentences.
    """

    identity: str
    started_at: float | None
    scenarios: tuple[ParsedScenario, ...]
    target: str = ""
    commit: str = ""
    branch: str = ""
    dirty: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class CompleteRun:
    """One run from another history, with everything that was known there.

    run: the run.
    results: its results, one for each scenario and request name.
    """

    run: StoredRun
    results: tuple[StoredResult, ...]


def without_seconds(run: ParsedRun) -> ParsedRun:
    """The run without the lengths of its scenarios, where times were written to the second: rates would be wrong."""
    warning = "times are in whole seconds, so there is no rate"
    return replace(
        run,
        scenarios=tuple(
            replace(scenario, seconds=None, warnings=(*scenario.warnings, warning)) for scenario in run.scenarios
        ),
    )


def duration_of(histogram: Histogram) -> StoredDuration:
    """The statistics of latencies in nanoseconds."""
    if not histogram.count:
        return UNKNOWN_DURATION

    def milliseconds(nanoseconds: float) -> float:
        return nanoseconds / NANOSECONDS_PER_MILLISECOND

    return StoredDuration(
        avg_ms=milliseconds(histogram.mean),
        min_ms=milliseconds(histogram.minimum),
        med_ms=milliseconds(histogram.quantile(0.5)),
        max_ms=milliseconds(histogram.maximum),
        p90_ms=milliseconds(histogram.quantile(0.9)),
        p95_ms=milliseconds(histogram.quantile(0.95)),
        p99_ms=milliseconds(histogram.quantile(0.99)),
    )


def measured(request: str, ok: Histogram, failed: int | None, errors: Mapping[str, int] | None = None) -> ParsedResult:
    """The result of one request name from the latencies, in nanoseconds, of the requests that succeeded."""
    return ParsedResult(request, ok.count + (failed or 0), failed, duration_of(ok), pack(ok), errors or {})
