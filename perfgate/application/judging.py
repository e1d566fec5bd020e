"""From a measurement, or a stored run, to its verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from perfgate.application.bench.provenance import commits_after_fork
from perfgate.application.context import Context
from perfgate.application.measuring import Ending, Explanation, MeasuredDuet, MeasuredRun
from perfgate.application.pinned_release import base_branch, notes_of_duet_since_release, notes_since_release
from perfgate.application.plan import MeasurementPlan
from perfgate.application.stored_runs import (
    RunWithResults,
    StoredRuns,
    summary_of_stored,
    validity_of_stored,
)
from perfgate.compare.comparison import Comparison
from perfgate.compare.rules import Margin
from perfgate.compare.stored.baseline import compare_stored, size_of_baseline
from perfgate.compare.stored.points import StoredPoint, points_of, rows_without_base
from perfgate.compare.stored.prediction import LONGEST_SERIES
from perfgate.config.values import Config
from perfgate.errors import HistoryError
from perfgate.metrics.run import Run, RunRecord
from perfgate.units import format_date
from perfgate.verdict import (
    Entries,
    Evidence,
    PlayedScenarios,
    Policy,
    ValidityNote,
    Verdict,
    check_baseline,
    check_duet,
    check_entries,
    check_environment,
    check_frequency,
    check_instances,
    check_names,
    check_new,
    check_noise,
    check_run,
    check_steadiness,
    check_thresholds,
    decide,
    find_new,
    note_on_unsteady,
    summarise,
    without_new,
)

_MOST_CONTAINERS = 5
_DAY = 86_400.0
# Longer than people are away, and than a branch that others work on stays as it is.
_OLD_DAYS = 14


def policy_of(config: Config) -> Policy:
    """What perfgate.toml says about verdicts, as of today."""
    return Policy(config.on_inconclusive, config.acceptances, date.today(), config.rules.error_rate)


def judge_run(plan: MeasurementPlan, measured: MeasuredRun, reproduce: str) -> Verdict:
    """The verdict on a run of one target, with nothing to compare it with."""
    rows = rows_without_base(measured.run, plan.config.rules)
    return _judge_one(plan, measured, reproduce, rows)


@dataclass(frozen=True)
class JudgedRun:
    """A run that was compared with stored runs.

    verdict: on it.
    baseline: the runs that it was compared with, the newest first.
    """

    verdict: Verdict
    baseline: tuple[RunWithResults, ...]


def judge_against_history(
    context: Context, plan: MeasurementPlan, measured: MeasuredRun, reproduce: str, no_base: str = ""
) -> JudgedRun:
    """A run of one target against the stored runs of the base branch.

    no_base: why nothing was measured beside it; "" where nothing was to be.
    """
    run = measured.run
    branch = base_branch(plan.config, run.record)
    later = commits_after_fork(context, run.record.commit, branch)
    try:
        with StoredRuns(plan.histories.read, context.folder) as stored:
            baseline = stored.baseline(run, branch, LONGEST_SERIES, later)
            notes = notes_since_release(context, stored, plan.config, run)
    except HistoryError as error:  # it could be read before the load
        note = ValidityNote("", f"there is nothing to compare with: {error.message}", error.hint, False)
        rows = compare_stored(points_of(run), (), plan.config.rules)
        return JudgedRun(_judge_one(plan, measured, reproduce, rows, (note,)), ())
    points, earlier = points_of(run), [point for found in baseline for point in points_of(found)]
    rows = compare_stored(points, earlier, plan.config.rules, plan.config.baseline_runs)
    few = _notes_on_baseline(plan.config, run.record, points, earlier)
    if no_base:  # nor would a duet
        few = (ValidityNote("", no_base, "", False), *(replace(note, hint="") for note in few))
    notes = (*few, *notes_on_age(run.record, baseline), *notes)
    return JudgedRun(_judge_one(plan, measured, reproduce, rows, notes, baseline[:1]), baseline)


def _judge_one(
    plan: MeasurementPlan,
    measured: MeasuredRun,
    reproduce: str,
    rows: Sequence[Comparison],
    notes: Sequence[ValidityNote] = (),
    base: Sequence[RunWithResults] = (),
) -> Verdict:
    """notes: on what the run was compared with. base: the run that stands for it, if any."""
    run = measured.run
    evidence = Evidence(
        base=base[0].run.record if base else None,
        head=run.record,
        rows=tuple(rows),
        summary=summarise(run, measured.thresholds),
        thresholds=measured.thresholds,
        validity=(
            *_notes_on_ending(measured.ending),
            *check_run(run, plan.names),
            *check_thresholds(run, measured.thresholds),
            *(note_on_unsteady(name, ()) for name in measured.unsteady),
            *check_names(run),
            *check_frequency(run),
            *_notes_on_entries(plan, run),
            *notes,
        ),
    )
    return decide(evidence, policy_of(plan.config), reproduce)


def judge_duet(context: Context, plan: MeasurementPlan, measured: MeasuredDuet, reproduce: str) -> Verdict:
    """The verdict on a duet. Thresholds are head's to meet."""
    base, head = measured.base, measured.head
    new = find_new(base, head, plan.config.rules)
    known = without_new(base, new)
    on_base = [name for name in plan.names if name not in new or not new[name].whole]
    of_base = check_run(known, on_base) if on_base else ()
    sides = (*check_new(new), *of_base, *check_run(head, plan.names))
    explanation = measured.explanation or Explanation((), (), ())
    notes = notes_of_duet_since_release(context, plan.histories.read, plan.config, head)
    evidence = Evidence(
        base=base.record,
        head=head.record,
        rows=measured.rows,
        summary=(*summarise(base, ()), *summarise(head, measured.thresholds)),
        thresholds=measured.thresholds,
        validity=(
            *_notes_on_ending(measured.ending),
            *sides,
            *check_thresholds(head, measured.thresholds),
            *check_names(base, head),
            *check_duet(known, head),
            *check_steadiness(measured.methods),
            *check_environment(known, head, plan.config.foreign_cpu),
            *check_noise(known, plan.config.rules),
            *check_instances(measured.rows, plan.config.instance_noise),
            *check_frequency(base, head),
            *_notes_on_entries(plan, base, head),
            *notes,
            *explanation.notes,
        ),
        methods=measured.methods,
        causes=explanation.causes,
        differences=measured.differences,
    )
    return decide(evidence, policy_of(plan.config), reproduce)


def _notes_on_entries(plan: MeasurementPlan, *runs: Run) -> tuple[ValidityNote, ...]:
    """Notes on margins and acceptances that are about nothing."""
    played = PlayedScenarios(plan.names, not plan.wanted)
    return check_entries(_entries(plan.config, plan.margins), played, *runs)


def _entries(config: Config, options: Sequence[Margin]) -> Entries:
    """options: the margins of the command line, which are among the rules."""
    of_file = tuple(margin for margin in config.rules.margins if margin not in options)
    return Entries(config.acceptances, of_file, options)


def notes_on_stored_entries(
    config: Config, options: Sequence[Margin], head: RunWithResults
) -> tuple[ValidityNote, ...]:
    """Notes on margins and acceptances that no row of a stored run meets; a run need not have all scenarios.

    options: the margins of the command line, which are among the rules.
    """
    names = tuple(scenario.scenario for scenario in head.scenarios)
    return check_entries(_entries(config, options), PlayedScenarios(names, all_there_are=False), head)


def judge_stored(
    config: Config, head: RunWithResults, baseline: Sequence[RunWithResults], notes: Sequence[ValidityNote] = ()
) -> Verdict:
    """The verdict on a stored run against stored runs, the newest first. Its thresholds were judged when it ran."""
    points, stored = points_of(head), [point for run in baseline for point in points_of(run.believed())]
    newest = baseline[0] if baseline else None
    expected = _expected(head, baseline)
    rows = compare_stored(points, stored, config.rules, config.baseline_runs, expected)
    few = _notes_on_baseline(config, head.record, points, stored)
    evidence = Evidence(
        base=newest.run.record if newest else None,
        head=head.run.record,
        rows=rows,
        summary=(*(summary_of_stored(newest, "base") if newest else ()), *summary_of_stored(head, "head")),
        thresholds=(),
        validity=(*validity_of_stored(head), *few, *notes),
    )
    return decide(evidence, policy_of(config), "")


def _expected(head: RunWithResults, baseline: Sequence[RunWithResults]) -> frozenset[str]:
    """The scenarios of the newest run that has one of head's, or of any: others may be measured by themselves."""
    measured = [frozenset(one.scenario for one in run.scenarios) for run in (head, *baseline)]
    alike = (names for names in measured[1:] if names & measured[0])
    return next(alike, measured[1] if baseline else frozenset())


def _notes_on_baseline(
    config: Config, head: RunRecord, points: Sequence[StoredPoint], baseline: Sequence[StoredPoint]
) -> tuple[ValidityNote, ...]:
    """points: of head. baseline: the points of the stored runs."""
    if head.imported_from:
        return ()  # its machine is unknown, and its service may be another one
    command = f"perfgate duet ref:{config.branch} worktree measures base and head side by side"
    service = "say how the service starts under [service] in perfgate.toml: then "
    side_by_side = command if config.service.starts_commits else service + command
    return check_baseline(size_of_baseline(points, baseline), side_by_side)


def notes_on_age(head: RunRecord, baseline: Sequence[RunWithResults]) -> tuple[ValidityNote, ...]:
    """A note where the newest run of the baseline is so old that nobody may add to it any more."""
    if not baseline:
        return ()
    newest = max(found.record.started_at for found in baseline)
    days = int((head.started_at - newest) / _DAY)
    if days < _OLD_DAYS:
        return ()
    message = f"the newest run of the baseline is {days:,} days old, of {format_date(newest)}"
    hint = "see whether the jobs of the base branch still measure and publish: perfgate history list"
    return (ValidityNote("", message, hint, False),)


def _notes_on_ending(ending: Ending) -> Iterator[ValidityNote]:
    if ending.interrupted:
        yield ValidityNote("", "the measurement was interrupted", "run it again to its end", True)
    elif ending.aborted:
        yield ValidityNote("", f"the run was aborted: {ending.aborted}, which says abort_on_fail", "", False)
    if ending.stopped:
        yield ValidityNote("", ending.stopped.message, ending.stopped.hint, True)
    if ending.unkept:
        hint = (
            f"make room, then: perfgate history merge HISTORY {ending.kept_in}"
            if ending.kept_in
            else ending.unkept.hint
        )
        place = f"it is kept in {ending.kept_in}" if ending.kept_in else "it is kept nowhere else"
        yield ValidityNote("", f"the run is not in the history, and {place}: {ending.unkept.message}", hint, False)
    for error in ending.teardowns:
        yield ValidityNote("", f"{error.message}; what was measured before counts", error.hint, False)
    if ending.unknown_commit:
        said = next((line for line in ending.unknown_commit.said.splitlines() if line.startswith("fatal")), "")
        why = said or ending.unknown_commit.message
        message = f"the run is kept without its commit, so it is nobody's baseline; git refuses to tell it: {why}"
        yield ValidityNote("", message, ending.unknown_commit.hint, False)
    if ending.other_containers:
        names = ", ".join(ending.other_containers[:_MOST_CONTAINERS])
        more = len(ending.other_containers) - _MOST_CONTAINERS
        listed = f"{names} and {more} more" if more > 0 else names
        yield ValidityNote(
            "", f"other containers ran on this machine: {listed}", "stop those that are not needed", False
        )
