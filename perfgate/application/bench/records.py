"""The records that a bench makes of its runs, one for each side."""

from __future__ import annotations

import time
from collections.abc import Mapping

from perfgate.application.bench.engines import engine_versions
from perfgate.application.bench.provenance import read_provenance, versions
from perfgate.application.context import Context
from perfgate.application.plan import MeasurementPlan
from perfgate.git import GitError
from perfgate.history.ids import new_run_id
from perfgate.machine.testbed import read_testbed
from perfgate.metrics.run import RunRecord
from perfgate.service.target import Target


def new_records(
    context: Context, plan: MeasurementPlan, targets: Mapping[str, Target], command: str
) -> tuple[dict[str, RunRecord], GitError | None]:
    """Records by side, begun now, without CPUs; and why git does not know the checkout, None where it does."""
    now = time.time()
    provenance = read_provenance(context, plan.config.history)
    sources = {side: provenance.of(side, target) for side, target in targets.items()}
    testbed = read_testbed(context.environment)
    duet = new_run_id(now) if len(targets) > 1 else ""
    records = {
        side: RunRecord(
            id=new_run_id(now),
            started_at=now,
            command=command,
            side=side,
            duet=duet,
            target=target.text,
            commit=sources[side].commit,
            branch=sources[side].branch,
            dirty=sources[side].dirty,
            testbed=testbed,
            versions={**versions(), **engine_versions(context, plan)},
            seed=plan.seed,
            cpus={},
        )
        for side, target in targets.items()
    }
    return records, provenance.here.refusal
