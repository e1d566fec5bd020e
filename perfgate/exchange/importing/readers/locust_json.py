"""locust --json (or --json-file NAME): a list of request names, with response times rounded to two digits and counted.

https://docs.locust.io/en/stable/configuration.html. Failed requests are timed as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from perfgate.errors import MistakeError
from perfgate.exchange.importing.parsed_run import FAILED_TOO, ParsedResult, ParsedRun, ParsedScenario, duration_of
from perfgate.exchange.importing.readers.locust_stats import ROUNDED, unanswered
from perfgate.exchange.importing.reading_json import Node
from perfgate.exchange.importing.samples import repeated
from perfgate.exchange.importing.source import SourceFile
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
        result, times = _result(entry)
        together.merge(times)
        named.append(result)
    began = [moment for entry in entries if (moment := entry.unix_time("start_time"))]
    ended = [moment for entry in entries if (moment := entry.amount("last_request_timestamp"))]
    scenario = ParsedScenario(
        name="",
        named=tuple(named),
        seconds=max(ended) - min(began) if began and ended and max(ended) > min(began) else None,
        duration=_of_all(named, together),
        warnings=(ROUNDED, FAILED_TOO) if any(result.failed for result in named) else (ROUNDED,),
    )
    yield ParsedRun(source.digest, min(began, default=None), (scenario,))


def _result(entry: Node) -> tuple[ParsedResult, Histogram]:
    """One request name, and its response times; none of requests that nobody answered."""
    name = f"{entry.text('method')} {entry.text('name')}".strip()
    requests, failed = entry.count("num_requests"), entry.count("num_failures")
    if unanswered(requests, failed, entry.amount("total_content_length")):
        return ParsedResult(name, requests, failed, place=entry.place), Histogram()
    times, total = _times(entry), entry.amount("total_response_time")
    timed = (requests or 0) - (entry.count("num_none_requests") or 0)
    duration = replace(
        duration_of(times),
        avg_ms=total / timed if total is not None and timed > 0 else None,
        min_ms=entry.amount("min_response_time"),
        max_ms=entry.amount("max_response_time"),
    )
    return ParsedResult(name, requests, failed, duration, place=entry.place), times


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
        found.merge(repeated(milliseconds, times.count(text) or 0, times.place))
    return found


def _of_all(named: list[ParsedResult], together: Histogram) -> StoredDuration:
    """Of all requests: percentiles of all response times; the rest, which is not rounded, from the names."""
    averages = [(result.requests or 0, value) for result in named if (value := result.duration.avg_ms) is not None]
    count = sum(requests for requests, _ in averages)
    timed = [result.duration for result in named if result.requests]
    least = [value for duration in timed if (value := duration.min_ms) is not None]
    most = [value for duration in timed if (value := duration.max_ms) is not None]
    return replace(
        duration_of(together),
        avg_ms=sum(map(math.prod, averages)) / count if count else None,
        min_ms=min(least, default=None),
        max_ms=max(most, default=None),
    )
