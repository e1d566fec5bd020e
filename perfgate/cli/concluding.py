"""From what was measured to the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from perfgate.cli.asked import Asked
from perfgate.cli.config import Config
from perfgate.cli.measuring import Measured
from perfgate.cli.stored import Found, Shelf, points_of_stored, summary_of_stored, validity_of_stored
from perfgate.compare.baseline import compare_stored
from perfgate.compare.comparison import Comparison
from perfgate.compare.prediction import LONGEST_SERIES
from perfgate.compare.rules import Rules
from perfgate.compare.stored import points_of, rows_without_base
from perfgate.metrics.run import RunRecord
from perfgate.verdict import (
    Evidence,
    Policy,
    Validity,
    Verdict,
    check_duet,
    check_environment,
    check_noise,
    check_run,
    decide,
    summarise,
)


def policy_of(config: Config) -> Policy:
    """What perfgate.toml says about verdicts, as of today."""
    return Policy(config.on_inconclusive, config.acceptances, date.today())


def base_branch(config: Config, head: RunRecord) -> str:
    """The branch whose runs are the baseline; outside of a repository runs have none."""
    return config.branch if head.branch else ""


def conclude_run(asked: Asked, measured: Measured, reproduce: str) -> Verdict:
    """The verdict on a run of one target, with nothing to compare it with."""
    rows = rows_without_base(measured.runs[""], asked.config.rules)
    return _conclude_one(asked, measured, reproduce, None, rows)


def conclude_against_history(asked: Asked, measured: Measured, reproduce: str) -> Verdict:
    """The verdict on a run of one target against the stored runs of the base branch."""
    run = measured.runs[""]
    with Shelf([asked.history, asked.config.history]) as shelf:
        baseline = shelf.baseline(run.record, base_branch(asked.config, run.record), LONGEST_SERIES)
    points = [point for found in baseline for point in points_of_stored(found)]
    rows = compare_stored(points_of(run), points, asked.config.rules, asked.config.baseline_runs)
    return _conclude_one(asked, measured, reproduce, baseline, rows)


def _conclude_one(
    asked: Asked, measured: Measured, reproduce: str, baseline: Sequence[Found] | None, rows: Sequence[Comparison]
) -> Verdict:
    """baseline: the stored runs, the newest first; None where there was to be no comparison."""
    run = measured.runs[""]
    base = baseline[0].run.record if baseline else None
    evidence = Evidence(
        base=base,
        head=run.record,
        rows=tuple(rows),
        summary=summarise(run, measured.thresholds),
        thresholds=measured.thresholds,
        validity=(
            *check_run(run, asked.names),
            *_ending(measured),
            *(() if baseline is None else _without_baseline(baseline)),
        ),
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
        validity=(
            *sides,
            *check_duet(base, head),
            *check_environment(base, head, asked.config.foreign_cpu),
            *check_noise(base, asked.config.rules),
            *_ending(measured),
        ),
    )
    return decide(evidence, policy_of(asked.config), reproduce)


def conclude_stored(config: Config, rules: Rules, head: Found, baseline: Sequence[Found]) -> Verdict:
    """The verdict on a stored run against stored runs, the newest first. Its thresholds were judged when it ran."""
    rows = compare_stored(
        points_of_stored(head),
        [point for run in baseline for point in points_of_stored(run)],
        rules,
        config.baseline_runs,
    )
    newest = baseline[0] if baseline else None
    evidence = Evidence(
        base=newest.run.record if newest else None,
        head=head.run.record,
        rows=rows,
        summary=(*(summary_of_stored(newest, "base") if newest else ()), *summary_of_stored(head, "head")),
        thresholds=(),
        validity=(*validity_of_stored(head), *_without_baseline(baseline)),
    )
    return decide(evidence, policy_of(config), "")


def _without_baseline(baseline: Sequence[Found]) -> tuple[Validity, ...]:
    if baseline:
        return ()
    return (
        Validity("", "there is no earlier run to compare with", "measure the base branch with perfgate run", False),
    )


def _ending(measured: Measured) -> tuple[Validity, ...]:
    if measured.interrupted:
        return (Validity("", "the measurement was interrupted", "run it again to its end", True),)
    if measured.aborted:
        return (Validity("", f"the run was aborted: {measured.aborted}, which says abort_on_fail", "", False),)
    return ()
