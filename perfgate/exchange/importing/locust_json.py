"""locust --json (or --json-file NAME): a list of request names, with response times rounded to two digits and counted.

https://docs.locust.io/en/stable/configuration.html. Failed requests are timed as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from perfgate.errors import MistakeError
from perfgate.exchange.importing.locust_stats import ROUNDED
from perfgate.exchange.importing.parsed_run import FAILED_TOO, ParsedResult, ParsedRun, ParsedScenario, duration_of
from perfgate.exchange.importing.reading_json import Node
from perfgate.exchange.importing.samples import repeated
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.times import plausible
from perfgate.history.stored import StoredDuration
from perfgate.metrics.histogram import Histogram


def recognises(source: SourceFile) -> bool:
    document = source.document
    return isinstance(document, list) and any(
        isinstance(entry, dict) and {"num_requests", "response_times"} <= entry.keys() for entry in document
    )


def read(source: SourceFile) -> Iterator[ParsedRun]:
    entries = list(Node(source.document).items())
    together = Histogram()
    named = []
    for entry in entries:
        times = _times(entry)
        together.merge(times)
        name = f"{entry.text('method')} {entry.text('name')}".strip()
        requests, total = entry.count("num_requests"), entry.amount("total_response_time")
        duration = replace(
            duration_of(times),
            avg_ms=total / requests if total is not None and requests else None,
            min_ms=entry.amount("min_response_time"),
            max_ms=entry.amount("max_response_time"),
        )
        named.append(ParsedResult(name, requests, entry.count("num_failures"), duration))
    began = [plausible(moment) for entry in entries if (moment := entry.amount("start_time"))]
    ended = [moment for entry in entries if (moment := entry.amount("last_request_timestamp"))]
    scenario = ParsedScenario(
        name="",
        named=tuple(named),
        seconds=max(ended) - min(began) if began and ended and max(ended) > min(began) else None,
        duration=_of_all(named, together),
        warnings=(ROUNDED, FAILED_TOO) if any(result.failed for result in named) else (ROUNDED,),
    )
    yield ParsedRun(source.digest, min(began, default=None), (scenario,))


def _times(entry: Node) -> Histogram:
    found = Histogram()
    times = entry.needed("response_times")
    for text, _ in times.members():
        try:
            milliseconds = float(text)
        except ValueError:
            milliseconds = math.nan
        if not milliseconds >= 0:
            raise MistakeError(f"{times.place} has the time {text[:40]!r}", "was it edited? Write it again")
        found.merge(repeated(milliseconds, times.count(text) or 0))
    return found


def _of_all(named: list[ParsedResult], together: Histogram) -> StoredDuration:
    """Of all requests: percentiles of all response times; the rest, which is not rounded, from the names."""
    counts = [result.requests or 0 for result in named]
    averages = [result.duration.avg_ms or 0.0 for result in named]
    least = [value for result in named if (value := result.duration.min_ms) is not None]
    most = [value for result in named if (value := result.duration.max_ms) is not None]
    return replace(
        duration_of(together),
        avg_ms=sum(map(math.prod, zip(counts, averages, strict=True))) / sum(counts) if sum(counts) else None,
        min_ms=min(least, default=None),
        max_ms=max(most, default=None),
    )
