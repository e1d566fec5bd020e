"""From parsed runs to runs as a history holds them; a run always gets the same id, so that none is there twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from math import floor, log10
from typing import Any

from perfgate.errors import MistakeError
from perfgate.exchange.importing.parsed_run import (
    ALL_REQUESTS,
    UNKNOWN_DURATION,
    CompleteRun,
    ParsedResult,
    ParsedRun,
    ParsedScenario,
)
from perfgate.history.ids import new_run_id
from perfgate.history.stored import StoredDuration, StoredLoad, StoredResult, StoredRun
from perfgate.history.timing_rows import StoredTiming, Timings
from perfgate.metrics.run import IMPORT, RunRecord, Testbed

# Nobody knows the machine, so no gate compares such a run with others.
TESTBED = Testbed(id="imported", cpu_model="unknown", cores=0, memory_bytes=0, kernel="", image="")

_LONGEST_NAME = 200
_MARK_DIGITS = 8
_DIGITS = 7
_NO_DATE = "say when it was measured: --date 2026-01-31T12:00:00Z, or --date file for the time the file was written"


@dataclass(frozen=True)
class ImportOverrides:
    """The facts about a file that come from the command line. None leaves what the file says.

    date: when it was measured (Unix seconds).
    commit: the commit that was measured.
    branch: its branch.
    scenario: the name of scenarios that the file does not name.
    """

    date: float | None
    commit: str | None
    branch: str | None
    scenario: str | None


def assembled(parsed: ParsedRun, file_format: str, tool: str, overrides: ImportOverrides) -> CompleteRun:
    """A run of a file. MistakeError where nothing says when it was measured."""
    started_at = parsed.started_at if overrides.date is None else overrides.date
    if started_at is None:
        raise MistakeError("it does not say when it was measured", _NO_DATE)
    names = [tidy(scenario.name) or overrides.scenario or tool for scenario in parsed.scenarios]
    _refuse_twice(names, ["" for _ in names], "it")
    record = RunRecord(
        id=_id_of(parsed, file_format, started_at),
        started_at=started_at,
        command=f"{IMPORT} {file_format}",
        side="",
        duet="",
        target=tidy(parsed.target),
        commit=tidy(parsed.commit if overrides.commit is None else overrides.commit),
        branch=tidy(parsed.branch if overrides.branch is None else overrides.branch),
        dirty=parsed.dirty,
        testbed=TESTBED,
        versions={name: tidy(version) for name, version in parsed.versions.items() if version},
        seed=0,
        cpus={},
    )
    run = StoredRun(record, True, tuple(names))
    results = [
        result
        for name, scenario in zip(names, parsed.scenarios, strict=True)
        for result in _results(run, name, scenario, tool)
    ]
    return CompleteRun(run, tuple(results))


def _refuse_twice(names: Sequence[str], places: Sequence[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            where = " and ".join(place for one, place in zip(names, places, strict=True) if one == name and place)
            raise MistakeError(f"{what} has {name!r} twice{f': {where}' if where else ''}", "give each its own name")


def _refuse_more_failed_than_sent(counted: ParsedResult, place: str) -> None:
    if counted.requests is not None and counted.failed is not None and counted.failed > counted.requests:
        wrong = f"{place} has {counted.failed} failed of {counted.requests} requests"
        raise MistakeError(wrong, "was it cut short or edited? Write it again")


def _id_of(parsed: ParsedRun, file_format: str, started_at: float) -> str:
    """The id of a run: overrides other than the date do not change it."""
    digest = hashlib.sha256(f"{file_format}\n{parsed.identity}".encode()).digest()
    return new_run_id(started_at, lambda count: digest[:count])


def _results(run: StoredRun, name: str, scenario: ParsedScenario, tool: str) -> Iterable[StoredResult]:
    def result(
        request: str | None, counted: ParsedResult, duration: StoredDuration, load: StoredLoad | None
    ) -> StoredResult:
        _refuse_more_failed_than_sent(
            counted, f"{counted.place}: {request or name!r}" if counted.place else repr(request or name)
        )
        duration = UNKNOWN_DURATION if counted.requests == 0 else duration  # 0 ms of no request at all is made up
        return StoredResult(
            run=run,
            scenario=name,
            scenario_hash="",
            executor="",
            request=request,
            seconds=_rounded(scenario.seconds),
            requests=counted.requests,
            failed=counted.failed,
            retries=None,
            duration=StoredDuration(**{key: _rounded(value) for key, value in asdict(duration).items()}),
            packed=counted.packed,
            errors={} if request is None else {tidy(kind): count for kind, count in counted.errors.items()},
            load=load,
            dependencies={},
            counts_by_metric={},
            timings={} if request is not None else _timings(scenario),
        )

    yield result(None, _whole(scenario), scenario.duration, _load(tool, scenario.load, scenario.warnings))
    named = {tidy(counted.request) or "(unnamed)": counted for counted in scenario.named}
    if len(named) < len(scenario.named):
        places = [counted.place for counted in scenario.named]
        _refuse_twice([tidy(counted.request) for counted in scenario.named], places, f"scenario {name!r}")
    for request, counted in sorted(named.items()):
        yield result(request, counted, counted.duration, None)


def _timings(scenario: ParsedScenario) -> Timings:
    return {
        metric: StoredTiming(told.count, *(_rounded(value) for value in astuple(told)[1:]))
        for metric, told in scenario.timings.items()
    }


def _whole(scenario: ParsedScenario) -> ParsedResult:
    """All requests together: as the file says, or the sum of all names; not known where it is not known of one."""
    if scenario.total is not None:
        return scenario.total
    named = [result for result in scenario.named if result.request == ALL_REQUESTS] or scenario.named
    return ParsedResult("", _sum([result.requests for result in named]), _sum([result.failed for result in named]))


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _load(tool: str, facts: Mapping[str, Any], warnings: tuple[str, ...]) -> StoredLoad:
    known: dict[str, Any] = dict.fromkeys(StoredLoad.__dataclass_fields__)
    known |= {name: _rounded(value) if name.endswith("_ms") else value for name, value in facts.items()}
    known |= {"engine": tool, "clock": "", "rounds": 1, "invalid_rounds": 0, "warnings": warnings, "problems": ()}
    return StoredLoad(**known)


def _rounded(value: float | None) -> float | None:
    """Seven digits, which is more than any clock gives, and reads better than seventeen."""
    if not value:
        return value
    return round(value, _DIGITS - 1 - floor(log10(abs(value))))


def tidy(text: str) -> str:
    """A name that is one line and cannot move the cursor of a terminal.

    Of a long one both ends are left, and between them what tells it from others with the same ends.
    """
    shown = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    if len(shown) <= _LONGEST_NAME:
        return shown
    mark = f"…{hashlib.sha256(shown.encode(errors='replace')).hexdigest()[:_MARK_DIGITS]}…"
    end = (_LONGEST_NAME - len(mark)) // 2
    return f"{shown[:end]}{mark}{shown[-end:]}"
