"""oha --output-format json (-j before 1.5): the summary of a run, in seconds; it does not say when that was.

https://github.com/hatoo/oha/blob/master/schema.json. All requests that got an answer are timed, of any status.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.exchange.importing.parsed_run import (
    ALL_REQUESTS,
    FAILED_TOO,
    UNKNOWN_DURATION,
    ParsedResult,
    ParsedRun,
    ParsedScenario,
)
from perfgate.exchange.importing.reading_json import Node
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.status_codes import errors_of
from perfgate.history.stored import StoredDuration

_CUT_AT_THE_END = "aborted due to deadline"  # requests that were under way when the time was up: oha counts none


def recognises(source: SourceFile) -> bool:
    document = source.document
    return isinstance(document, dict) and {"summary", "statusCodeDistribution"} <= document.keys()


def read(source: SourceFile) -> Iterator[ParsedRun]:
    document = Node(source.document)
    summary, percentiles = document.needed("summary"), document.member("latencyPercentiles")
    statuses, unanswered = document.needed("statusCodeDistribution"), document.member("errorDistribution")
    answered = {code: statuses.count(code) or 0 for code, _ in statuses.members()}
    failures = {kind: unanswered.count(kind) or 0 for kind, _ in unanswered.members() if kind != _CUT_AT_THE_END}
    errors = errors_of(answered) | failures
    failed = sum(errors.values())
    duration = _duration(summary, percentiles) if sum(answered.values()) else UNKNOWN_DURATION
    requests = sum(answered.values()) + sum(failures.values())
    scenario = ParsedScenario(
        name="",
        named=(ParsedResult(ALL_REQUESTS, requests, failed, duration, errors=errors),),
        seconds=summary.amount("total"),
        duration=duration,
        load={"data_received_bytes": summary.count("totalData")},
        warnings=(FAILED_TOO,) if errors_of(answered) else (),
    )
    yield ParsedRun(source.digest, None, (scenario,))


def _duration(summary: Node, percentiles: Node) -> StoredDuration:
    return StoredDuration(
        avg_ms=_milliseconds(summary, "average"),
        min_ms=_milliseconds(summary, "fastest"),
        med_ms=_milliseconds(percentiles, "p50"),
        max_ms=_milliseconds(summary, "slowest"),
        p90_ms=_milliseconds(percentiles, "p90"),
        p95_ms=_milliseconds(percentiles, "p95"),
        p99_ms=_milliseconds(percentiles, "p99"),
    )


def _milliseconds(node: Node, key: str) -> float | None:
    seconds = node.amount(key)
    return None if seconds is None else 1000 * seconds
