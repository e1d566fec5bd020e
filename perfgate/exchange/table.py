"""A stored run as the lines of a table, one for each result: the same columns as in the history's tables.

An empty cell is an unknown fact. versions, cpus, errors, warnings, problems, dependencies, counts and timings are JSON,
the histogram is in base64.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, fields

from perfgate.history.rows import row_of_run, row_of_stored, row_of_testbed
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
    "dependencies",
    "counts",
    "timings",
    "histogram",
)
"""The columns in their order; an export of the future may have more."""
_TEXTS = (
    "run_id started_at command side duet target commit_sha branch testbed_id cpu_model kernel image seed "
    "scenario request scenario_hash executor engine clock histogram"
)
TEXT_COLUMNS = frozenset(_TEXTS.split())
"""The columns that are text; the others are numbers or JSON."""

# The values for an unknown fact in the history's tables, where they are not NULL.
_NOTHING = {"versions": "{}", "cpus": "{}"}


def row_of(run: StoredRun, result: StoredResult) -> dict[str, str]:
    """One result with everything that is known of its run."""
    record = run.record
    row = {**row_of_testbed(record.testbed), **row_of_run(record, run.finished), **row_of_stored(result)}
    used = {name: asdict(one) for name, one in result.dependencies.items()}
    row["dependencies"] = json.dumps(used, ensure_ascii=False, sort_keys=True) if used else None
    counts = result.counts_by_metric
    row["counts"] = json.dumps(counts, ensure_ascii=False, sort_keys=True) if counts else None
    timings = {metric: asdict(one) for metric, one in result.timings.items()}
    row["timings"] = json.dumps(timings, sort_keys=True) if timings else None
    row["histogram"] = base64.b64encode(row["histogram"] or b"").decode()
    return {column: "" if row[column] in (None, _NOTHING.get(column)) else str(row[column]) for column in COLUMNS}
