"""The release that perfgate.toml pins: its run in the history, and how far head has come since."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from perfgate.application.histories import Found, Shelf
from perfgate.application.provenance import resolve_commit
from perfgate.compare.release import since_release
from perfgate.compare.stored import points_of
from perfgate.config.reading import Config
from perfgate.errors import HistoryError
from perfgate.metrics.readings import RunReadings
from perfgate.metrics.run import RunRecord
from perfgate.verdict import ValidityNote, check_creep

# Some years of a busy branch.
_MOST_RUNS = 1000


def base_branch(config: Config, head: RunRecord) -> str:
    """The branch whose runs are the baseline; outside of a repository runs have none."""
    return config.branch if head.branch else ""


def notes_since_release(shelf: Shelf, config: Config, head: RunReadings) -> tuple[ValidityNote, ...]:
    """What the history says of head since the pinned release; nothing where none is pinned."""
    if config.release is None:
        return ()
    try:
        release = _find(shelf, config.release)
    except HistoryError as error:
        message = f"the release {config.release} is not in the history: {error.message}"
        return (ValidityNote("", message, "measure it once with perfgate run, on its commit", False),)
    record = head.record
    runs = {found.run.record.id: found for found in shelf.baseline(record, base_branch(config, record), _MOST_RUNS)}
    runs[release.run.record.id] = release
    runs.pop(record.id, None)
    stored = [point for found in runs.values() for point in points_of(found)]
    return check_creep(since_release(points_of(head), stored, release.run.record.id, config.rules), config.release)


def _find(shelf: Shelf, release: str) -> Found:
    """The newest run of the commit that git knows by this name, else what the history knows by it."""
    commit = resolve_commit(Path.cwd(), release)
    if commit:
        with suppress(HistoryError):
            return shelf.find(commit)
    return shelf.find(release)
