"""The release that perfgate.toml pins: its run in the history, and how far head has come since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from perfgate.application.bench.provenance import commits_after_fork, resolve_commit
from perfgate.application.context import Context
from perfgate.application.stored_runs import RunWithResults, StoredRuns
from perfgate.compare.stored.creep import RUNS_AROUND
from perfgate.compare.stored.points import points_of
from perfgate.compare.stored.release import SinceRelease, since_release, why_unanswered
from perfgate.config.values import Config
from perfgate.errors import HistoryError
from perfgate.metrics.readings import RunReadings
from perfgate.metrics.run import RunRecord
from perfgate.report.trend.release_issue import WaySince
from perfgate.verdict import ValidityNote, check_creep, note_on_unanswered

# Of each scenario on a testbed: some years of a busy branch.
_MOST_RUNS = 1000


def base_branch(config: Config, head: RunRecord) -> str:
    """The branch whose runs are the baseline; outside of a repository runs have none."""
    return config.branch if head.branch else ""


def notes_since_release(
    context: Context, stored: StoredRuns, config: Config, head: RunReadings
) -> tuple[ValidityNote, ...]:
    """The notes on how far head is from the pinned release; () where none is pinned."""
    if config.release is None:
        return ()
    try:
        release = _find(context, stored, config.release)
    except HistoryError as error:
        message = f"the release {config.release} is not in the history: {error.message}"
        return (ValidityNote("", message, "measure it once with perfgate run, on its commit", False),)
    runs = _runs(context, stored, config, head, release)
    rows = _rows(context, config, head, release, runs)
    if not rows:
        points = (point for one in runs for point in points_of(one))
        why = why_unanswered(points_of(head), points, release.run.record.id)
        return (note_on_unanswered(why, config.release),)
    return check_creep(rows, config.release)


def notes_of_duet_since_release(
    context: Context, paths: Iterable[Path], config: Config, head: RunReadings
) -> tuple[ValidityNote, ...]:
    """As `notes_since_release`, by histories that nothing else needs: a note where one of them cannot be read."""
    if config.release is None:
        return ()
    try:
        with StoredRuns(paths, context.folder) as stored:
            return notes_since_release(context, stored, config, head)
    except HistoryError as error:
        message = f"nothing can be said of the way since {config.release}: {error.message}"
        return (ValidityNote("", message, error.hint, False),)


def way_since_release(context: Context, stored: StoredRuns, config: Config, head: RunReadings) -> WaySince | None:
    """How far this run is from the pinned release; None where none is pinned, or the history lacks it."""
    release = _known(context, stored, config)
    if config.release is None or release is None:
        return None
    rows = _rows(context, config, head, release, _runs(context, stored, config, head, release))
    return WaySince(config.release, release.run.record, head.record, rows)


def runs_of_release(context: Context, stored: StoredRuns, config: Config) -> frozenset[str]:
    """The ids of the run that stands for the pinned release, and of those next to it, which show its level.

    Empty where none is pinned, or the history lacks it. HistoryError where git does not know its name either.
    """
    release = _known(context, stored, config)
    if release is not None:
        around = _next_to(stored, config, release)
        return frozenset(one.run.record.id for one in (release, *around))
    if config.release is not None and not resolve_commit(context, config.release):
        raise HistoryError(
            f"neither git nor the history knows the release {config.release}, so its run may be among those that go",
            "`git fetch --tags` brings a tag; if it is pinned no longer, take `release` out of perfgate.toml.",
        )
    return frozenset()


def _next_to(stored: StoredRuns, config: Config, release: RunWithResults) -> tuple[RunWithResults, ...]:
    return stored.next_to(release, base_branch(config, release.record), RUNS_AROUND)


def _known(context: Context, stored: StoredRuns, config: Config) -> RunWithResults | None:
    """The run of the pinned release; None where none is pinned, or the history lacks it."""
    with suppress(HistoryError):
        return _find(context, stored, config.release) if config.release is not None else None
    return None


def _runs(
    context: Context, stored: StoredRuns, config: Config, head: RunReadings, release: RunWithResults
) -> tuple[RunWithResults, ...]:
    """Those of the base branch before head, and that of the release with those next to it, however long ago it was."""
    branch = base_branch(config, head.record)
    later = commits_after_fork(context, head.record.commit, branch)
    runs = {one.run.record.id: one for one in stored.baseline(head, branch, _MOST_RUNS, later)}
    if release.run.record.id not in runs:
        around = (one for one in _next_to(stored, config, release) if one.record.commit not in later)
        runs |= {one.run.record.id: one for one in around if one.record.started_at < head.record.started_at}
    runs[release.run.record.id] = release
    runs.pop(head.record.id, None)
    return tuple(runs.values())


def _rows(
    context: Context, config: Config, head: RunReadings, release: RunWithResults, runs: Sequence[RunWithResults]
) -> tuple[SinceRelease, ...]:
    commits = commits_after_fork(context, release.run.record.commit, base_branch(config, head.record))
    landed_later = {one.run.record.id for one in runs if one.run.record.commit in commits}
    points = (point for one in runs for point in points_of(one))
    return since_release(points_of(head), points, release.run.record.id, config.rules, landed_later)


def _find(context: Context, stored: StoredRuns, release: str) -> RunWithResults:
    """The newest run of the commit that git knows by this name, else what the history knows by it."""
    commit = resolve_commit(context, release)
    if commit:
        with suppress(HistoryError):
            return stored.find(commit)
    return stored.find(release)
