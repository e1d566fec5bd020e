"""`perfgate history export --format csv`, read back without loss: the same runs with the same ids."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any

from perfgate.errors import MistakeError
from perfgate.exchange.importing.columns import Line, columns_of, table_of
from perfgate.exchange.importing.parsed_run import CompleteRun
from perfgate.exchange.importing.reading_json import MOST_COUNT
from perfgate.exchange.importing.source import SourceFile
from perfgate.exchange.table import COLUMNS
from perfgate.history.dependency_rows import StoredDependency
from perfgate.history.histogram_codec import unpack
from perfgate.history.stored import StoredDuration, StoredLoad, StoredResult, StoredRun
from perfgate.history.timing_rows import StoredTiming, Timings
from perfgate.metrics.catalogue import count_of, metric_of, with_name
from perfgate.metrics.dependency_use import tidy_name
from perfgate.metrics.phases import TIMINGS
from perfgate.metrics.run import RunRecord, Testbed

_WRITE_AGAIN = "was it cut short or edited? Export it again"
_LOAD_TEXTS = ("engine", "clock")
_LOAD_LISTS = ("warnings", "problems")
# Exports of the time before dependencies, counts or timings lack their columns.
_NEEDED = frozenset(COLUMNS) - {"dependencies", "counts", "timings"}


def recognises(source: SourceFile) -> bool:
    return columns_of(source.first_line) >= _NEEDED


def read(source: SourceFile) -> Iterator[CompleteRun]:
    seen: set[str] = set()
    for run_id, lines in groupby(table_of(source), key=lambda line: line.text("run_id")):
        if run_id in seen:
            raise MistakeError(f"the lines of run {run_id[:40]} do not follow each other", _WRITE_AGAIN)
        seen.add(run_id)
        yield _run(list(lines))


def _run(lines: Sequence[Line]) -> CompleteRun:
    whole = [line for line in lines if not line.text("request")]
    run = StoredRun(_record(lines[0]), bool(lines[0].count("finished")), tuple(line.text("scenario") for line in whole))
    of_scenario = {line.text("scenario"): line for line in whole}
    results = tuple(_result(line, run, of_scenario) for line in lines)
    for result in results:
        if result.request is None and not run.record.imported_from:
            _refuse_lost_lines(result, [one for one in results if one.request and one.scenario == result.scenario])
    return CompleteRun(run, results)


def _refuse_lost_lines(whole: StoredResult, named: Sequence[StoredResult]) -> None:
    if whole.requests != sum(result.requests or 0 for result in named):
        raise MistakeError(
            f"the requests of {whole.scenario!r} do not add up in run {whole.run.record.id}", _WRITE_AGAIN
        )


def _record(line: Line) -> RunRecord:
    try:
        run_id = str(uuid.UUID(line.text("run_id")))
        seed = int(line.text("seed"))
    except ValueError:
        raise _refusal(line, "run_id or seed") from None
    testbed = Testbed(
        id=line.text("testbed_id"),
        cpu_model=line.text("cpu_model"),
        cores=int(line.needed("cores")),
        memory_bytes=int(line.needed("memory_bytes")),
        kernel=line.text("kernel"),
        image=line.text("image"),
    )
    return RunRecord(
        id=run_id,
        started_at=line.moment("started_at"),
        command=line.text("command"),
        side=line.text("side"),
        duet=line.text("duet"),
        target=line.text("target"),
        commit=line.text("commit_sha"),
        branch=line.text("branch"),
        dirty=bool(line.count("dirty")),
        testbed=testbed,
        versions=_json(line, "versions", dict),
        seed=seed,
        cpus=_json(line, "cpus", dict),
    )


def _result(line: Line, run: StoredRun, of_scenario: dict[str, Line]) -> StoredResult:
    scenario, request = line.text("scenario"), line.text("request")
    whole = of_scenario.get(scenario)
    if whole is None:
        raise MistakeError(f"line {line.number}: {scenario!r} has no line of the whole scenario", _WRITE_AGAIN)
    return StoredResult(
        run=run,
        scenario=scenario,
        scenario_hash=whole.text("scenario_hash"),
        executor=whole.text("executor"),
        request=request or None,
        seconds=line.amount("seconds"),
        requests=line.count("requests"),
        failed=line.count("failed"),
        retries=line.count("retries"),
        duration=StoredDuration(**{field.name: line.amount(field.name) for field in fields(StoredDuration)}),
        packed=_histogram(line),
        errors=_json(line, "errors", dict),
        load=None if request else _load(line),
        dependencies={} if request else _dependencies(line),
        counts_by_metric=_counts(line),
        timings=_timings(line),
    )


def _load(line: Line) -> StoredLoad:
    found: dict[str, Any] = {name: line.text(name) for name in _LOAD_TEXTS}
    found |= {name: tuple(_json(line, name, list)) for name in _LOAD_LISTS}
    for field in fields(StoredLoad):
        if field.name not in found:
            found[field.name] = line.amount(field.name) if "_ms" in field.name else line.count(field.name)
    if found["rounds"] is None or found["invalid_rounds"] is None:
        raise _refusal(line, "rounds")
    return StoredLoad(**found)


def _dependencies(line: Line) -> dict[str, StoredDependency]:
    found = {}
    for name, used in _json(line, "dependencies", dict).items():
        try:
            cpu_ms, memory_bytes = used["cpu_ms"], used["memory_bytes"]
            if not _is_amount(cpu_ms) or not _is_amount(memory_bytes):
                raise ValueError(used)
            found[tidy_name(name)] = StoredDependency(
                None if cpu_ms is None else float(cpu_ms), None if memory_bytes is None else int(memory_bytes)
            )
        except (LookupError, TypeError, ValueError):
            raise _refusal(line, "dependencies") from None
    return found


def _counts(line: Line) -> dict[str, float]:
    found = {}
    for metric, value in _json(line, "counts", dict).items():
        name = count_of(metric)
        if not name or value is None or not _is_amount(value):
            raise _refusal(line, "counts")
        found[with_name(metric_of(metric).name, tidy_name(name))] = float(value)
    return found


def _timings(line: Line) -> Timings:
    found = {}
    for metric, told in _json(line, "timings", dict).items():
        names = {field.name for field in fields(StoredTiming)}
        if metric not in TIMINGS or not isinstance(told, dict) or told.keys() != names:
            raise _refusal(line, "timings")
        if not all(_is_amount(value) for value in told.values()):
            raise _refusal(line, "timings")
        count = None if told["count"] is None else int(told["count"])
        times = {name: None if value is None else float(value) for name, value in told.items() if name != "count"}
        found[metric] = StoredTiming(count, **times)
    return found


def _is_amount(value: object) -> bool:
    """None, or a number of 0 or more."""
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_COUNT


def _json(line: Line, column: str, kind: type) -> Any:
    text = line.text(column)
    try:
        value = json.loads(text) if text else kind()
    except ValueError:
        raise _refusal(line, column) from None
    if not isinstance(value, kind):
        raise _refusal(line, column)
    return value


def _histogram(line: Line) -> bytes | None:
    text = line.text("histogram")
    try:
        blob = base64.b64decode(text, validate=True)
        return blob if blob and unpack(blob) else None
    except (binascii.Error, ValueError):
        raise _refusal(line, "histogram") from None


def _refusal(line: Line, column: str) -> MistakeError:
    return MistakeError(f"line {line.number}: {column} is not what an export writes there", _WRITE_AGAIN)
