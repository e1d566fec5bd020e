"""Values to rows and back: the only place that knows both the columns and the values.

Durations are kept to 0.0001 ms and the seconds of load to 0.000001: finer than any clock, and pleasant to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from perfgate.history.count_rows import Counts
from perfgate.history.dependency_rows import StoredDependency
from perfgate.history.histogram_codec import pack
from perfgate.history.stored import StoredDuration, StoredLoad, StoredResult, StoredRun
from perfgate.history.timing_rows import Timings
from perfgate.metrics.run import RunRecord, ScenarioRun, Testbed
from perfgate.metrics.sentences import count_kinds
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import read
from perfgate.metrics.threshold import ThresholdResult
from perfgate.units import format_timestamp, parse_timestamp

Row = dict[str, Any]

_MS_DECIMALS = 4
_SECONDS_DECIMALS = 6
# Kinds of warnings of a scenario, and reasons why rounds are invalid: a row has to stay small.
_MOST_TEXTS = 20
_DURATION_STATS = {
    "avg_ms": "avg",
    "min_ms": "min",
    "med_ms": "med",
    "max_ms": "max",
    "p90_ms": "p(90)",
    "p95_ms": "p(95)",
    "p99_ms": "p(99)",
}
_LOAD_COLUMNS = tuple(field.name for field in fields(StoredLoad))


def row_of_testbed(testbed: Testbed) -> Row:
    """The row of `testbeds`."""
    return {
        "id": testbed.id,
        "cpu_model": testbed.cpu_model,
        "cores": testbed.cores,
        "memory_bytes": testbed.memory_bytes,
    }


def row_of_run(record: RunRecord, finished: bool) -> Row:
    """The row of `runs`."""
    return {
        "id": record.id,
        "started_at": format_timestamp(record.started_at),
        "finished": int(finished),
        "command": record.command,
        "side": record.side,
        "duet": record.duet,
        "target": record.target,
        "commit_sha": record.commit,
        "branch": record.branch,
        "dirty": int(record.dirty),
        "testbed_id": record.testbed.id,
        "kernel": record.testbed.kernel,
        "image": record.testbed.image,
        "versions": _to_json(record.versions),
        "seed": str(record.seed),
        "cpus": _to_json(record.cpus),
    }


def stored_run(row: Mapping[str, Any]) -> StoredRun:
    """The run of a row of `runs` joined with its testbed; `scenarios` is a JSON list of their names."""
    testbed = Testbed(
        id=row["testbed_id"],
        cpu_model=row["cpu_model"],
        cores=row["cores"],
        memory_bytes=row["memory_bytes"],
        kernel=row["kernel"],
        image=row["image"],
    )
    record = RunRecord(
        id=row["id"],
        started_at=parse_timestamp(row["started_at"]),
        command=row["command"],
        side=row["side"],
        duet=row["duet"],
        target=row["target"],
        commit=row["commit_sha"],
        branch=row["branch"],
        dirty=bool(row["dirty"]),
        testbed=testbed,
        versions=json.loads(row["versions"]),
        seed=int(row["seed"]),
        cpus=json.loads(row["cpus"]),
    )
    return StoredRun(record, bool(row["finished"]), tuple(json.loads(row["scenarios"])))


def rows_of_results(run_id: str, scenario_run: ScenarioRun, thresholds: Iterable[ThresholdResult]) -> list[Row]:
    """The rows of `results`: the whole scenario, then each request name in order. All have the same columns."""
    total = scenario_run.total
    whole = _measured(run_id, scenario_run.scenario, total, None) | _load(scenario_run, total, thresholds)
    named = [_measured(run_id, scenario_run.scenario, total, request) for request in sorted(total.requests)]
    return [whole, *(dict.fromkeys(whole) | row for row in named)]


def _measured(run_id: str, scenario: str, total: Tally, request: str | None) -> Row:
    chosen = list(total.requests.values()) if request is None else [total.requests[request]]
    return {
        "run_id": run_id,
        "scenario": scenario,
        "request": request or "",
        "seconds": round(total.seconds, _SECONDS_DECIMALS),
        "requests": sum(requests.count for requests in chosen),
        "failed": sum(requests.failed.count for requests in chosen),
        "retries": sum(requests.retries for requests in chosen),
        **{column: _ms(read(total, "http_req_duration", stat, request)) for column, stat in _DURATION_STATS.items()},
        "histogram": None if request is None else pack(chosen[0].ok),
        "errors": None if request is None else _to_json(chosen[0].errors) if chosen[0].errors else None,
    }


def _load(scenario_run: ScenarioRun, total: Tally, thresholds: Iterable[ThresholdResult]) -> Row:
    rounds = scenario_run.rounds
    held = [result.passed for result in thresholds if result.scenario == scenario_run.scenario]
    return {
        "scenario_hash": scenario_run.scenario_hash,
        "executor": scenario_run.executor,
        "engine": _joined(round_.generator.engine for round_ in rounds),
        "clock": _joined(round_.generator.clock for round_ in rounds),
        "rounds": len(rounds),
        "invalid_rounds": len(rounds) - len(scenario_run.valid_rounds),
        "vus": total.vus,
        "vus_max": total.vus_max,
        "iterations": total.iterations.count,
        "interrupted_iterations": total.interrupted_iterations,
        "dropped_iterations": total.dropped_iterations,
        "iteration_avg_ms": _ms(read(total, "iteration_duration", "avg")),
        "iteration_med_ms": _ms(read(total, "iteration_duration", "med")),
        "iteration_p95_ms": _ms(read(total, "iteration_duration", "p(95)")),
        "checks_passed": sum(check.passes for check in total.checks.values()),
        "checks_failed": sum(check.fails for check in total.checks.values()),
        "data_sent_bytes": total.data_sent,
        "data_received_bytes": total.data_received,
        "service_cpu_ms": _ms(read(total, "service_cpu", "value")),
        "service_memory_bytes": total.service_memory_bytes,
        "thresholds_passed": sum(held),
        "thresholds_total": len(held),
        "warnings": _each_once(round_.warnings for round_ in rounds),
        "problems": _each_once(round_.why_invalid for round_ in rounds),
    }


def row_of_stored(result: StoredResult) -> Row:
    """The row of `results` that gives this value."""
    load = dict.fromkeys(_LOAD_COLUMNS) if result.load is None else asdict(result.load)
    return {
        "run_id": result.run.record.id,
        "scenario": result.scenario,
        "request": result.request or "",
        "seconds": result.seconds,
        "requests": result.requests,
        "failed": result.failed,
        "retries": result.retries,
        **asdict(result.duration),
        "histogram": result.packed,
        "errors": _to_json(result.errors) if result.errors else None,
        "scenario_hash": None if result.load is None else result.scenario_hash,
        "executor": None if result.load is None else result.executor,
        **load,
        **{column: _to_json(load[column]) if load[column] else None for column in ("warnings", "problems")},
    }


@dataclass(frozen=True)
class BesideResult:
    """What other tables say of a result. dependencies: of the scenario."""

    dependencies: dict[str, StoredDependency]
    counts: Counts
    timings: Timings


def stored_result(row: Mapping[str, Any], run: StoredRun, beside: BesideResult) -> StoredResult:
    """The result of a row of `results` joined with its whole scenario's scenario_hash and executor, prefixed whole_."""
    return StoredResult(
        run=run,
        scenario=row["scenario"],
        scenario_hash=row["whole_scenario_hash"],
        executor=row["whole_executor"],
        request=row["request"] or None,
        seconds=row["seconds"],
        requests=row["requests"],
        failed=row["failed"],
        retries=row["retries"],
        duration=StoredDuration(**{column: row[column] for column in _DURATION_STATS}),
        packed=row["histogram"],
        errors=json.loads(row["errors"] or "{}"),
        load=None if row["request"] else _stored_load(row),
        dependencies={} if row["request"] else beside.dependencies,
        counts_by_metric=beside.counts,
        timings=beside.timings,
    )


def _stored_load(row: Mapping[str, Any]) -> StoredLoad:
    texts = {column: tuple(json.loads(row[column] or "[]")) for column in ("warnings", "problems")}
    return StoredLoad(**{column: row[column] for column in _LOAD_COLUMNS} | texts)


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, _MS_DECIMALS)


def _joined(names: Iterable[str]) -> str:
    return "+".join(sorted(set(filter(None, names))))


def _each_once(texts: Iterable[Sequence[str]]) -> str | None:
    found = sorted(count_kinds(texts, _MOST_TEXTS))
    return _to_json(found) if found else None


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
