"""A stored run as the lines of a table, one for each result: the same columns as in the history's tables.

An empty cell is what is not known. versions, cpus, errors, warnings and problems are JSON, the histogram is in base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime, timezone
from typing import Any

from perfgate.history.stored import StoredDuration, StoredLoad, StoredResult, StoredRun

_LOAD = tuple(field.name for field in fields(StoredLoad))
_DURATION = tuple(field.name for field in fields(StoredDuration))
_RUN = (
    "run_id started_at finished command side duet target commit_sha branch dirty testbed_id cpu_model cores "
    "memory_bytes kernel image versions seed cpus"
)
COLUMNS = (
    *_RUN.split(),
    *["scenario", "request", "seconds", "requests", "failed", "retries"],
    *_DURATION,
    *["errors", "scenario_hash", "executor"],
    *_LOAD,
    "histogram",
)
"""The columns in their order; an export of the future may have more."""
_TEXTS = (
    "run_id started_at command side duet target commit_sha branch testbed_id cpu_model kernel image seed "
    "scenario request scenario_hash executor engine clock histogram"
)
TEXT_COLUMNS = frozenset(_TEXTS.split())
"""The columns that are text; the others are numbers or JSON."""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def row_of(run: StoredRun, result: StoredResult) -> dict[str, str]:
    """One result with all that is known of its run."""
    record, testbed = run.record, run.record.testbed
    load: Mapping[str, Any] = asdict(result.load) if result.load else dict.fromkeys(_LOAD)
    values = {
        "run_id": record.id,
        "started_at": _moment(record.started_at),
        "finished": int(run.finished),
        "command": record.command,
        "side": record.side,
        "duet": record.duet,
        "target": record.target,
        "commit_sha": record.commit,
        "branch": record.branch,
        "dirty": int(record.dirty),
        "testbed_id": testbed.id,
        "cpu_model": testbed.cpu_model,
        "cores": testbed.cores,
        "memory_bytes": testbed.memory_bytes,
        "kernel": testbed.kernel,
        "image": testbed.image,
        "versions": _json(record.versions),
        "seed": record.seed,
        "cpus": _json(record.cpus),
        "scenario": result.scenario,
        "request": result.request or "",
        "seconds": result.seconds,
        "requests": result.requests,
        "failed": result.failed,
        "retries": result.retries,
        **{name: getattr(result.duration, name) for name in _DURATION},
        "errors": _json(result.errors),
        "scenario_hash": result.scenario_hash if result.load else "",
        "executor": result.executor if result.load else "",
        **load,
        "warnings": _json(load["warnings"]),
        "problems": _json(load["problems"]),
        "histogram": base64.b64encode(result.packed).decode() if result.packed else "",
    }
    return {column: "" if value is None else str(value) for column, value in values.items()}
