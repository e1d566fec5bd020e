"""From what was measured to the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from perfgate.application.histories import Found, Shelf, summary_of_stored, validity_of_stored
from perfgate.application.measuring import Measured
from perfgate.application.pinned_release import base_branch, notes_since_release
from perfgate.application.plan import MeasurementPlan
from perfgate.compare.baseline import compare_stored
from perfgate.compare.comparison import Comparison
from perfgate.compare.prediction import LONGEST_SERIES
from perfgate.compare.stored import points_of, rows_without_base
from perfgate.config.reading import Config
from perfgate.verdict import (
    Evidence,
    Policy,
    ValidityNote,
    Verdict,
    check_duet,
    check_environment,
    check_frequency,
    check_noise,
    check_run,
    decide,
    summarise,
)

_MOST_NEIGHBOURS = 5


def policy_of(config: Config) -> Policy:
    """What perfgate.toml says about verdicts, as of today."""
    return Policy(config.on_inconclusive, config.acceptances, date.today(), config.rules.error_rate)


def conclude_run(plan: MeasurementPlan, measured: Measured, reproduce: str) -> Verdict:
    """The verdict on a run of one target, with nothing to compare it with."""
    rows = rows_without_base(measured.runs[""], plan.config.rules)
    return _conclude_one(plan, measured, reproduce, rows)


def conclude_against_history(plan: MeasurementPlan, measured: Measured, reproduce: str) -> Verdict:
    """The verdict on a run of one target against the stored runs of the base branch."""
    run = measured.runs[""]
    with Shelf([plan.history, plan.config.history]) as shelf:
        baseline = shelf.baseline(run.record, base_branch(plan.config, run.record), LONGEST_SERIES)
        notes = notes_since_release(shelf, plan.config, run)
    points = [point for found in baseline for point in points_of(found)]
    rows = compare_stored(points_of(run), points, plan.config.rules, plan.config.baseline_runs)
    return _conclude_one(plan, measured, reproduce, rows, (*_without_baseline(baseline), *notes), baseline[:1])


def _conclude_one(
    plan: MeasurementPlan,
    measured: Measured,
    reproduce: str,
    rows: Sequence[Comparison],
    notes: Sequence[ValidityNote] = (),
    base: Sequence[Found] = (),
) -> Verdict:
    """notes: on what the run was compared with. base: the run that stands for it, if any."""
    run = measured.runs[""]
    evidence = Evidence(
        base=base[0].run.record if base else None,
        head=run.record,
        rows=tuple(rows),
        summary=summarise(run, measured.thresholds),
        thresholds=measured.thresholds,
        validity=(
            *_circumstances(measured),
            *check_run(run, plan.names),
            *check_frequency(run),
            *notes,
        ),
    )
    return decide(evidence, policy_of(plan.config), reproduce)


def conclude_duet(plan: MeasurementPlan, measured: Measured, reproduce: str) -> Verdict:
    """The verdict on a duet. Thresholds are head's to meet."""
    base, head = measured.runs["base"], measured.runs["head"]
    sides = (*check_run(base, plan.names), *check_run(head, plan.names))
    with Shelf([plan.history, plan.config.history]) as shelf:
        notes = notes_since_release(shelf, plan.config, head)
    evidence = Evidence(
        base=base.record,
        head=head.record,
        rows=measured.rows,
        summary=(*summarise(base, ()), *summarise(head, measured.thresholds)),
        thresholds=measured.thresholds,
        validity=(
            *_circumstances(measured),
            *sides,
            *check_duet(base, head),
            *check_environment(base, head, plan.config.foreign_cpu),
            *check_noise(base, plan.config.rules),
            *check_frequency(base, head),
            *notes,
        ),
    )
    return decide(evidence, policy_of(plan.config), reproduce)


def conclude_stored(
    config: Config, head: Found, baseline: Sequence[Found], notes: Sequence[ValidityNote] = ()
) -> Verdict:
    """The verdict on a stored run against stored runs, the newest first. Its thresholds were judged when it ran."""
    rows = compare_stored(
        points_of(head),
        [point for run in baseline for point in points_of(run)],
        config.rules,
        config.baseline_runs,
    )
    newest = baseline[0] if baseline else None
    evidence = Evidence(
        base=newest.run.record if newest else None,
        head=head.run.record,
        rows=rows,
        summary=(*(summary_of_stored(newest, "base") if newest else ()), *summary_of_stored(head, "head")),
        thresholds=(),
        validity=(*validity_of_stored(head), *_without_baseline(baseline), *notes),
    )
    return decide(evidence, policy_of(config), "")


def _without_baseline(baseline: Sequence[Found]) -> tuple[ValidityNote, ...]:
    if baseline:
        return ()
    return (
        ValidityNote("", "there is no earlier run to compare with", "measure the base branch with perfgate run", False),
    )


def _circumstances(measured: Measured) -> Iterator[ValidityNote]:
    if measured.interrupted:
        yield ValidityNote("", "the measurement was interrupted", "run it again to its end", True)
    elif measured.aborted:
        yield ValidityNote("", f"the run was aborted: {measured.aborted}, which says abort_on_fail", "", False)
    if measured.stopped:
        yield ValidityNote("", measured.stopped.message, measured.stopped.hint, True)
    if measured.neighbours:
        names = ", ".join(measured.neighbours[:_MOST_NEIGHBOURS])
        more = len(measured.neighbours) - _MOST_NEIGHBOURS
        listed = f"{names} and {more} more" if more > 0 else names
        yield ValidityNote(
            "", f"other containers ran on this machine: {listed}", "stop those that are not needed", False
        )
