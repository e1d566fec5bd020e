"""vegeta report --type json: the summary of an attack, times in nanoseconds; failed requests are timed as well.

https://github.com/tsenart/vegeta#json
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.errors import MistakeError
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


def recognises(source: SourceFile) -> bool:
    document = source.document
    return isinstance(document, dict) and {"latencies", "bytes_in", "status_codes"} <= document.keys()


def read(source: SourceFile) -> Iterator[ParsedRun]:
    report = Node(source.document)
    latencies, statuses = report.needed("latencies"), report.needed("status_codes")
    counts = {code: statuses.count(code) or 0 for code, _ in statuses.members()}
    requests, errors = report.count("requests"), errors_of(counts)
    if requests is not None and requests != sum(counts.values()):
        wrong = f"requests is {requests}, and status_codes do not add up to that: {sum(counts.values())}"
        raise MistakeError(wrong, "was it cut short or edited? Write it again")
    attack, wait = report.amount("duration"), report.amount("wait")
    # 0 is the status of requests that nobody answered.
    duration = UNKNOWN_DURATION if counts.keys() <= {"0"} else _duration(latencies)
    scenario = ParsedScenario(
        name="",
        named=(ParsedResult(ALL_REQUESTS, requests, sum(errors.values()), duration, errors=errors),),
        seconds=(attack + (wait or 0.0)) / 1e9 if attack else None,
        duration=duration,
        load={
            "data_sent_bytes": report.member("bytes_out").count("total"),
            "data_received_bytes": report.member("bytes_in").count("total"),
        },
        warnings=(FAILED_TOO,) if errors else (),
    )
    yield ParsedRun(source.digest, report.moment("earliest"), (scenario,))


def _duration(latencies: Node) -> StoredDuration:
    return StoredDuration(
        avg_ms=_milliseconds(latencies, "mean"),
        min_ms=_milliseconds(latencies, "min"),
        med_ms=_milliseconds(latencies, "50th"),
        max_ms=_milliseconds(latencies, "max"),
        p90_ms=_milliseconds(latencies, "90th"),
        p95_ms=_milliseconds(latencies, "95th"),
        p99_ms=_milliseconds(latencies, "99th"),
    )


def _milliseconds(node: Node, key: str) -> float | None:
    nanoseconds = node.amount(key)
    return None if nanoseconds is None else nanoseconds / 1e6
