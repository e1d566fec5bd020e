"""Keeping what is measured: in the history, or, where that takes no more, in a file of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from perfgate.errors import HistoryError
from perfgate.history.store import History, open_history
from perfgate.metrics.run import RunRecord, ScenarioRun
from perfgate.metrics.threshold import ThresholdResult

_Saved = tuple[RunRecord, ScenarioRun, tuple[ThresholdResult, ...]]


class Keeper:
    """Saves rounds as they are measured. A disk that fills up meanwhile does not end the measurement.

    trouble: why the history took no more; None as long as it does.
    kept_in: the file that has the run instead; None where there is none.
    """

    def __init__(self, history: History) -> None:
        self.trouble: HistoryError | None = None
        self.kept_in: Path | None = None
        self._path = history.path
        self._history: History | None = history
        self._saved: dict[tuple[str, str], _Saved] = {}

    def save(self, record: RunRecord, scenario_run: ScenarioRun, thresholds: tuple[ThresholdResult, ...] = ()) -> None:
        """Keep one scenario of a run with all its rounds so far."""
        saved = record, scenario_run, thresholds
        self._saved[record.id, scenario_run.scenario] = saved
        self._keep(lambda history: history.save(*saved))

    def finish(self, run_id: str) -> None:
        """Note of a run that it has finished."""
        self._keep(lambda history: history.finish(run_id))

    def _keep(self, write: Callable[[History], None]) -> None:
        if self.trouble is None and self._history is not None:
            try:
                write(self._history)
            except HistoryError as error:
                self.trouble = error
                self._history = None
            else:
                return
        if self.kept_in is None:
            self._move()
        if self.kept_in is not None:
            with suppress(HistoryError), open_history(self.kept_in, create=True) as other:
                write(other)

    def _move(self) -> None:
        """Put all that was saved so far into a file of its own, in the folder for temporary files."""
        if not self._saved:
            return
        first = next(iter(self._saved.values()))[0]
        path = Path(tempfile.gettempdir()) / f"perfgate-{first.id}.db"
        with suppress(HistoryError):
            with open_history(path, create=True) as other:
                for saved in self._saved.values():
                    other.save(*saved)
            self.kept_in = path
