"""Reports of workers, and their merging into one round."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from perfgate.load.engine import RoundResult
from perfgate.load.health import judge
from perfgate.metrics.run import GeneratorRecord
from perfgate.metrics.tally import Tally


@dataclass(frozen=True)
class WorkerReport:
    """One worker's share of a round.

    tally: in its plain form.
    stamped: answers with a time stamp of the kernel.
    stamps_missing: answers without one.
    reader_lag: how late answers were noticed (s, median).
    hub_lag: how late the event loop was (s, most).
    schedule_lag: how late iterations of an open model started (s, 99th percentile).
    cpu: share of one CPU.
    cpu_waited: share of the time that it was ready to run while something else had its CPU.
    offered: iterations that were due; None for closed models.
    scenario_errors: exceptions of the scenario's own code, and how often each was raised.
    unanswered: requests that have waited for long when it ends.
    elsewhere: requests that did not go to the target, or not only, by scheme, host and port.
    """

    tally: dict[str, Any]
    stamped: int
    stamps_missing: int
    reader_lag: float
    hub_lag: float
    schedule_lag: float
    cpu: float
    cpu_waited: float
    offered: int | None
    scenario_errors: dict[str, int]
    unanswered: int
    elsewhere: dict[str, int] = field(default_factory=dict)


def merge_reports(engine: str, reports: list[WorkerReport], here: bool = True) -> RoundResult:
    """The reports of all workers as one round. here: they ran on this machine."""
    tally = Tally()
    errors: Counter[str] = Counter()
    for report in reports:
        tally.merge_parallel(Tally.from_plain(report.tally))
        errors.update(report.scenario_errors)
    stamped = sum(report.stamped for report in reports)
    missing = sum(report.stamps_missing for report in reports)
    offered = [report.offered for report in reports if report.offered is not None]
    record = GeneratorRecord(
        engine=engine,
        workers=len(reports),
        clock="kernel" if stamped > missing else "process",
        stamps_missing=missing,
        reader_lag=max(report.reader_lag for report in reports),
        hub_lag=max(report.hub_lag for report in reports),
        schedule_lag=max(report.schedule_lag for report in reports),
        cpu=max(report.cpu for report in reports),
        cpu_waited=max(report.cpu_waited for report in reports),
        offered=sum(offered) if offered else None,
        here=here,
        unanswered=sum(report.unanswered for report in reports),
    )
    health = judge(record, tally, dict(errors))
    return RoundResult(tally, record, health.warnings, health.problems)


def lost_round(engine: str, workers: int, problem: str, here: bool = True) -> RoundResult:
    """A round whose measurements died with a worker. here: the workers ran on this machine."""
    record = GeneratorRecord(
        engine=engine,
        workers=workers,
        clock="",
        stamps_missing=None,
        reader_lag=None,
        hub_lag=None,
        schedule_lag=None,
        cpu=0.0,
        offered=None,
        here=here,
    )
    return RoundResult(Tally(), record, (), (problem,))
