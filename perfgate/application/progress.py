"""Progress of a measurement, as the command line shows it: the application tells, and prints nothing itself."""

from __future__ import annotations

from typing import Protocol

from perfgate.load.phase import Phase
from perfgate.metrics.run import Round


class ProgressReporter(Protocol):
    """The listener to one measurement."""

    def scenario(self, name: str) -> None:
        """A scenario begins."""

    def announce(self, phase: Phase, number: int, count: int) -> None:
        """A round or a warm-up begins: its number from 0, of `count`."""

    def round_ended(self, round_: Round) -> None:
        """A round has ended."""

    def say(self, text: str) -> None:
        """One line that stays."""

    def clear(self) -> None:
        """The end of the measurement: a live line goes."""
