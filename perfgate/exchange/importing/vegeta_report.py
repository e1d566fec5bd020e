"""vegeta report --type json: the summary of an attack, times in nanoseconds; failed requests are timed as well.

https://github.com/tsenart/vegeta#json
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.exchange.importing.parsed_run import ALL_REQUESTS, FAILED_TOO, ParsedResult, ParsedRun, ParsedScenario
from perfgate.exchange.importing.reading_json import Node
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.importing.status_codes import errors_of
from perfgate.exchange.importing.times import seconds_where_said
from perfgate.history.stored import StoredDuration


def recognises(source: SourceFile) -> bool:
    document = source.document
    return isinstance(document, dict) and {"latencies", "bytes_in", "status_codes"} <= document.keys()


def read(source: SourceFile) -> Iterator[ParsedRun]:
    report = Node(source.document)
    latencies, statuses = report.needed("latencies"), report.needed("status_codes")
    errors = errors_of({code: statuses.count(code) or 0 for code, _ in statuses.members()})
    attack, wait = report.amount("duration"), report.amount("wait")
    duration = StoredDuration(
        avg_ms=_milliseconds(latencies, "mean"),
        min_ms=_milliseconds(latencies, "min"),
        med_ms=_milliseconds(latencies, "50th"),
        max_ms=_milliseconds(latencies, "max"),
        p90_ms=_milliseconds(latencies, "90th"),
        p95_ms=_milliseconds(latencies, "95th"),
        p99_ms=_milliseconds(latencies, "99th"),
    )
    scenario = ParsedScenario(
        name="",
        named=(ParsedResult(ALL_REQUESTS, report.count("requests"), sum(errors.values()), duration, errors=errors),),
        seconds=(attack + (wait or 0.0)) / 1e9 if attack else None,
        duration=duration,
        load={
            "data_sent_bytes": report.member("bytes_out").count("total"),
            "data_received_bytes": report.member("bytes_in").count("total"),
        },
        warnings=(FAILED_TOO,) if errors else (),
    )
    yield ParsedRun(source.digest, seconds_where_said(report.text("earliest")), (scenario,))


def _milliseconds(node: Node, key: str) -> float | None:
    nanoseconds = node.amount(key)
    return None if nanoseconds is None else nanoseconds / 1e6
