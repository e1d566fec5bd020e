"""A table that a person or a script made: one line for each result, with some of the columns of an export.

`scenario` must be there, and a duration or a count. Lines of one started_at, commit_sha and branch are one run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import groupby

from perfgate.errors import MistakeError
from perfgate.exchange.importing.columns import Line, columns_of, table_of
from perfgate.exchange.importing.parsed_run import (
    ALL_REQUESTS,
    UNKNOWN_DURATION,
    ParsedResult,
    ParsedRun,
    ParsedScenario,
)
from perfgate.exchange.importing.source import SourceFile
from perfgate.history.stored import StoredDuration

_DURATIONS = tuple(field.name for field in fields(StoredDuration))
_COUNTS = ("requests", "failed")
_VALUES = frozenset((*_DURATIONS, *_COUNTS))
_COLUMNS = ("started_at", "commit_sha", "branch", "scenario", "request", "seconds", *_COUNTS, "vus_max", *_DURATIONS)
_ALL = f"a table may have {', '.join(_COLUMNS)}"


def recognises(source: SourceFile) -> bool:
    columns = columns_of(source.first_line)
    return "scenario" in columns and "run_id" not in columns and bool(_VALUES & columns)


def refuse_without_values(source: SourceFile) -> None:
    """MistakeError for a table of scenarios in which nothing is measured, by the names of its columns."""
    columns = columns_of(source.first_line)
    if "scenario" in columns and not _VALUES & columns:
        raise MistakeError("it has `scenario`, but no duration or count, such as med_ms or requests", _ALL)


def read(source: SourceFile) -> Iterator[ParsedRun]:
    def run_of(line: Line) -> tuple[str, ...]:
        return tuple(line.text(column) for column in ("started_at", "commit_sha", "branch"))

    unknown = sorted(columns_of(source.first_line).difference(_COLUMNS, [""]))
    left_out = (f"{_listed(unknown)}; {_ALL}",) if unknown else ()
    for (started_at, commit, branch), lines in groupby(sorted(table_of(source), key=run_of), key=run_of):
        kept = list(lines)
        yield ParsedRun(
            identity=hashlib.sha256(repr([sorted(line.cells.items()) for line in kept]).encode()).hexdigest(),
            started_at=kept[0].moment("started_at") if started_at else None,
            scenarios=tuple(_scenarios(kept)),
            commit=commit,
            branch=branch,
            left_out=left_out,
        )
        left_out = ()


def _listed(columns: Sequence[str]) -> str:
    return f"the column{'s' if len(columns) > 1 else ''} {', '.join(columns)}"


def _scenarios(lines: Sequence[Line]) -> Iterator[ParsedScenario]:
    for scenario in dict.fromkeys(line.text("scenario") for line in lines):
        own = [line for line in lines if line.text("scenario") == scenario]
        _refuse_twice(own)
        whole = next((line for line in own if not line.text("request")), None)
        named = tuple(_result(line) for line in own if line.text("request") or len(own) == 1)
        yield ParsedScenario(
            name=scenario,
            named=named,
            seconds=whole.amount("seconds") if whole else own[0].amount("seconds"),
            duration=_duration(whole) if whole else named[0].duration if len(named) == 1 else UNKNOWN_DURATION,
            load={"vus_max": own[0].count("vus_max")},
            total=_result(whole) if whole else None,
        )


def _refuse_twice(lines: Sequence[Line]) -> None:
    """MistakeError where a request name of a scenario, or the whole of it, has two lines."""
    first: dict[str, Line] = {}
    for line in lines:
        before = first.setdefault(line.text("request"), line)
        if before is not line:
            request = repr(line.text("request")) if line.text("request") else "a line of the whole"
            what = f"line {line.number}: {line.text('scenario')!r} has {request}"
            hint = "give each its own name, or its run a started_at or commit_sha of its own"
            raise MistakeError(f"{what} twice, first on line {before.number}", hint)


def _result(line: Line) -> ParsedResult:
    name = line.text("request") or ALL_REQUESTS
    return ParsedResult(name, line.count("requests"), line.count("failed"), _duration(line))


def _duration(line: Line) -> StoredDuration:
    return StoredDuration(**{name: line.amount(name) for name in _DURATIONS})
