"""`perfgate compare`: stored runs against each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfgate.cli.options import (
    ReportOptions,
    config_option,
    history_option,
    margin_option,
    report_options,
    take,
)
from perfgate.compare.rules import Margin

if TYPE_CHECKING:
    from perfgate.application.histories import Found, Shelf


@click.command(epilog="\b\nExamples:\n  perfgate compare\n  perfgate compare main latest --margin 10%")
@click.argument("baseline", required=False)
@click.argument("candidate", required=False, default="latest")
@config_option
@history_option
@margin_option
@report_options
def compare(
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
    if baseline is not None and baseline.endswith(".json") and Path(baseline).is_file():
        from perfgate.report.result_file import load

        return publish(load(Path(baseline)), report)
    return publish(_compare(baseline, candidate, config, history, margins), report)


def _compare(
    baseline: str | None, candidate: str, config_file: Path | None, history: Path | None, margins: tuple[Margin, ...]
) -> Any:
    from perfgate.application.histories import Shelf
    from perfgate.application.judging import conclude_stored
    from perfgate.application.pinned_release import base_branch, notes_since_release
    from perfgate.application.planning import with_margins
    from perfgate.application.shared_history import histories_to_read
    from perfgate.compare.prediction import LONGEST_SERIES
    from perfgate.config.reading import load_config

    config = load_config(config_file)
    config = replace(config, rules=with_margins(config.rules, margins))
    with histories_to_read(config, history) as paths, Shelf(paths) as shelf:
        named = None if baseline is None else _baseline_named(shelf, baseline)
        head = shelf.find(candidate)
        if named is None:
            runs = shelf.baseline(head.run.record, base_branch(config, head.run.record), LONGEST_SERIES)
        else:
            older = shelf.baseline(named.run.record, named.run.record.branch, LONGEST_SERIES)
            runs = tuple(found for found in (named, *older) if found.run.record.id != head.run.record.id)
            runs = runs[:LONGEST_SERIES]
        notes = notes_since_release(shelf, config, head)
    return conclude_stored(config, head, runs, notes)


def _baseline_named(shelf: Shelf, reference: str) -> Found:
    from perfgate.errors import HistoryError

    try:
        return shelf.find(reference)
    except HistoryError as error:
        raise HistoryError(f"baseline {reference!r}: {error.message}", error.hint) from None
