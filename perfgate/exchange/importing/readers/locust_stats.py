"""locust --csv NAME: NAME_stats.csv, a line for each request name and an aggregated one.

https://docs.locust.io/en/stable/retrieving-stats.html. Percentiles are rounded to two digits, failed requests are timed
as well, and nothing says when it was measured. Locust has had this format since 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from perfgate.errors import MistakeError
from perfgate.exchange.importing.columns import Line, columns_of, table_of
from perfgate.exchange.importing.parsed_run import FAILED_TOO, ParsedResult, ParsedRun, ParsedScenario
from perfgate.exchange.importing.source import SourceFile
from perfgate.history.stored import StoredDuration

ROUNDED = "percentiles are rounded to two digits, as Locust keeps them"

_TOTAL = "Aggregated"
_WRITE_AGAIN = "was it cut short? Write it again"


def recognises(source: SourceFile) -> bool:
    return {"Type", "Name", "Request Count", "Failure Count", "Requests/s"} <= columns_of(source.first_line)


def read(source: SourceFile) -> Iterator[ParsedRun]:
    lines = list(table_of(source))
    total = next((line for line in lines if line.text("Name") == _TOTAL and not line.text("Type")), None)
    named = tuple(_result(line) for line in lines if line is not total)
    if total is None:
        raise MistakeError(f"the line {_TOTAL} is missing", _WRITE_AGAIN)
    whole = _result(total)
    for what, said, summed in (
        ("Request Count", whole.requests, sum(result.requests or 0 for result in named)),
        ("Failure Count", whole.failed, sum(result.failed or 0 for result in named)),
    ):
        if said != summed:
            wrong = (
                f"line {total.number}: {what} is {said}, and its lines do not add up to the aggregated one: {summed}"
            )
            raise MistakeError(wrong, _WRITE_AGAIN)
    rate = total.amount("Requests/s")
    scenario = ParsedScenario(
        name="",
        named=named,
        seconds=whole.requests / rate if whole.requests and rate else None,
        duration=whole.duration,
        total=whole,
        warnings=(ROUNDED, FAILED_TOO) if whole.failed else (ROUNDED,),
    )
    yield ParsedRun(source.digest, None, (scenario,))


def _result(line: Line) -> ParsedResult:
    requests, failed, place = line.count("Request Count"), line.count("Failure Count"), f"line {line.number}"
    name = f"{line.text('Type')} {line.text('Name')}".strip()
    if unanswered(requests, failed, line.amount("Average Content Size")):
        return ParsedResult(name, requests, failed, place=place)
    duration = StoredDuration(
        avg_ms=line.amount("Average Response Time"),
        min_ms=line.amount("Min Response Time"),
        med_ms=line.amount("Median Response Time"),
        max_ms=line.amount("Max Response Time"),
        p90_ms=line.amount("90%"),
        p95_ms=line.amount("95%"),
        p99_ms=line.amount("99%"),
    )
    return ParsedResult(name, requests, failed, duration, place=place)


def unanswered(requests: int | None, failed: int | None, content: float | None) -> bool:
    """Whether no request got an answer: all failed, and not a byte was received. Locust times these as well."""
    return requests == failed and content == 0
