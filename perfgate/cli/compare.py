"""`perfgate compare`: stored runs against each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfgate.application.context import Context
from perfgate.cli.options import (
    ReportOptions,
    config_option,
    history_option,
    margin_option,
    report_options,
    take,
    with_context,
)
from perfgate.compare.rules import Margin

if TYPE_CHECKING:
    from perfgate.application.stored_runs import RunWithResults, StoredRuns
    from perfgate.metrics.run import RunRecord
    from perfgate.report.page.details import PageDetails
    from perfgate.verdict import Verdict


@click.command(epilog="\b\nExamples:\n  perfgate compare\n  perfgate compare main latest --margin 10%")
@click.argument("baseline", required=False)
@click.argument("candidate", required=False, default="latest")
@config_option
@history_option
@margin_option
@report_options
@with_context
def compare(
    context: Context,
    baseline: str | None,
    candidate: str,
    config: Path | None,
    history: Path | None,
    margins: tuple[Margin, ...],
    **options: Any,
) -> int:
    """Compare a stored run with the stored runs of a baseline. Sends no load.

    CANDIDATE is a run id, a git commit or branch, latest, or FILE:ID in another history; the latest run if left
    out. BASELINE is a branch, whose newest runs before the candidate are taken, or any of the above, which means
    that run and those before it on its branch; the default branch if left out. BASELINE can also be a result
    file alone: then that result is shown again.
    """
    from perfgate.cli.reports import check_outputs, publish

    report = take(ReportOptions, options)
    check_outputs(report)
    if baseline is not None and baseline.endswith(".json") and context.path(baseline).is_file():
        from perfgate.report.result_file import load

        return publish(context, load(context.path(baseline)), report)
    verdict, details = _compare(context, _Compared(baseline, candidate, config, history, margins))
    return publish(context, verdict, report, details)


@dataclass(frozen=True)
class _Compared:
    """The arguments and options of the command, as they were given."""

    baseline: str | None
    candidate: str
    config: Path | None
    history: Path | None
    margins: tuple[Margin, ...]


def _compare(context: Context, wanted: _Compared) -> tuple[Verdict, Callable[[], PageDetails]]:
    """The verdict, and what makes the details of its page."""
    from perfgate.application.bench.provenance import commits_after_fork
    from perfgate.application.judging import judge_stored, notes_on_age, notes_on_stored_entries
    from perfgate.application.pages.stored_times import times_of_baseline, times_of_head
    from perfgate.application.pinned_release import base_branch, notes_since_release
    from perfgate.application.planning import with_margins
    from perfgate.application.shared_history import histories_to_read
    from perfgate.application.stored_runs import StoredRuns
    from perfgate.compare.stored.prediction import LONGEST_SERIES
    from perfgate.config.reading import load_config
    from perfgate.report.page.details import NO_DETAILS

    config = load_config(wanted.config, context.folder)
    config = replace(config, rules=with_margins(config.rules, wanted.margins))
    with histories_to_read(context, config, wanted.history) as paths, StoredRuns(paths, context.folder) as stored:
        named = None if wanted.baseline is None else _baseline_named(context, stored, wanted.baseline)

        head = _named(context, stored, wanted.candidate)

        def baseline_of(record: RunRecord, branch: str) -> tuple[RunWithResults, ...]:
            later = commits_after_fork(context, record.commit, branch)
            return stored.baseline(head, branch, LONGEST_SERIES, later, before=record)

        if named is None:
            runs = baseline_of(head.run.record, base_branch(config, head.run.record))
        else:
            older = baseline_of(named.run.record, named.run.record.branch)
            runs = tuple(found for found in (named, *older) if found.run.record.id != head.run.record.id)
        aged = notes_on_age(head.record, runs) if named is None else ()
        notes = (
            *notes_on_stored_entries(config, wanted.margins, head),
            *aged,
            *notes_since_release(context, stored, config, head),
        )

    def details() -> PageDetails:
        times = (*times_of_baseline(head, runs, config.baseline_runs), *times_of_head(head))
        return replace(NO_DETAILS, stored=times)

    return judge_stored(config, head, runs, notes), details


def _named(context: Context, stored: StoredRuns, reference: str) -> RunWithResults:
    """The run that a reference of the history means, or the newest of the commit that git means by it."""
    from perfgate.application.bench.provenance import resolve_commit
    from perfgate.errors import HistoryError

    try:
        return stored.find(reference)
    except HistoryError:
        commit = resolve_commit(context, reference)
        if not commit or commit == reference:
            raise
    try:
        return stored.find(commit)
    except HistoryError:
        message = f"{reference!r} is commit {commit[:12]}, and the history has no run of that"
        raise HistoryError(message, f"measure it: perfgate run --target ref:{reference}") from None


def _baseline_named(context: Context, stored: StoredRuns, reference: str) -> RunWithResults:
    from perfgate.errors import HistoryError

    try:
        return _named(context, stored, reference)
    except HistoryError as error:
        raise HistoryError(f"baseline {reference!r}: {error.message}", error.hint) from None
