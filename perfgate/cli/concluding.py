"""From what was measured to the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from perfgate.cli.asked import Asked
from perfgate.cli.config import Config
from perfgate.cli.measuring import Measured
from perfgate.compare.comparison import Comparison
from perfgate.metrics.run import RunRecord
from perfgate.verdict import Evidence, Policy, Validity, Verdict, check_duet, check_run, decide, summarise


def policy_of(config: Config) -> Policy:
    """What perfgate.toml says about verdicts, as of today."""
    return Policy(config.on_inconclusive, config.acceptances, date.today())


def conclude_run(
    asked: Asked, measured: Measured, reproduce: str, base: RunRecord | None = None, rows: Sequence[Comparison] = ()
) -> Verdict:
    """The verdict on a run of one target. rows: it against stored runs, the newest of which is `base`."""
    run = measured.runs[""]
    evidence = Evidence(
        base=base,
        head=run.record,
        rows=tuple(rows),
        summary=summarise(run, measured.thresholds),
        thresholds=measured.thresholds,
        validity=(*check_run(run, asked.names), *_ending(measured)),
    )
    return decide(evidence, policy_of(asked.config), reproduce)


def conclude_duet(asked: Asked, measured: Measured, reproduce: str) -> Verdict:
    """The verdict on a duet. Thresholds are head's to meet."""
    base, head = measured.runs["base"], measured.runs["head"]
    sides = (*check_run(base, asked.names), *check_run(head, asked.names))
    evidence = Evidence(
        base=base.record,
        head=head.record,
        rows=measured.rows,
        summary=(*summarise(base, ()), *summarise(head, measured.thresholds)),
        thresholds=measured.thresholds,
        validity=(*sides, *check_duet(base, head), *_ending(measured)),
    )
    return decide(evidence, policy_of(asked.config), reproduce)


def _ending(measured: Measured) -> tuple[Validity, ...]:
    if measured.interrupted:
        return (Validity("", "the measurement was interrupted", "run it again to its end", True),)
    if measured.aborted:
        return (Validity("", f"the run was aborted: {measured.aborted}, which says abort_on_fail", "", False),)
    return ()
