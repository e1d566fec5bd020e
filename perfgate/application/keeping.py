"""Keeping what is measured: every round goes into the history as soon as it has ended."""

from __future__ import annotations

from pathlib import Path

from perfgate.history.store import History, open_history
from perfgate.metrics.run import RunRecord, ScenarioRun
from perfgate.metrics.threshold import ThresholdResult


class Keeper:
    """An open history to write to; opened before any load is sent, so that a broken file is known in time."""

    def __init__(self, path: Path) -> None:
        self._history: History = open_history(path, create=True)

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, *_: object) -> None:
        self._history.close()

    def keep(self, record: RunRecord, run: ScenarioRun, thresholds: tuple[ThresholdResult, ...]) -> None:
        """Keep one scenario of a run as far as it has come."""
        self._history.save(record, run, thresholds)

    def finish(self, record: RunRecord) -> None:
        """Say that a run came to its end."""
        self._history.finish(record.id)
