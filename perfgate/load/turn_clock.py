"""Whose turn it is while two sides share a load: told to whoever measures, as it changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol

from perfgate.load.boundaries import Boundaries
from perfgate.load.pacer import ShortTurns


class Listener(Protocol):
    """What has to know whose turn it is."""

    def turn(self, side: str) -> None:
        """It is the turn of this side, until the next call."""


class TurnClock:
    """A thread tells a listener whose turn it is, from the first one on until `stop`.

    seconds: for which the turns last. sides: whose turns they are.
    """

    def __init__(self, turns: ShortTurns, seconds: float, sides: Sequence[str]) -> None:
        self._length = turns.length
        self._count = round(seconds / turns.length)
        self._whose = turns.over(seconds)
        self._sides = sides
        self._listener: Listener | None = None
        self._lock = threading.Lock()
        self._running = ExitStack()
        self._changes: Boundaries | None = None
        self._began = 0.0

    def held(self) -> AbstractContextManager[object]:
        """Inside, nothing is told: one listener may end, and another begin."""
        return self._lock

    def tell(self, listener: Listener, moment: float) -> None:
        """Tell this listener from now on, while `held`.

        moment: at which the slice that it listens to began (monotonic seconds); turns begin with the first one.
        What went wrong when the one before was told is raised here.
        """
        self._listener = listener
        if self._changes is None:
            self._began = moment
            # Between so many turns lies one change fewer, of which the first is one turn away.
            changes = Boundaries(moment + self._length, self._length, self._count - 2, self._change)
            self._changes = self._running.enter_context(changes)
        self._changes.wait_for(0)
        listener.turn(self._side_at(time.monotonic()))

    def stop(self) -> None:
        self._running.close()

    def _change(self, moment: float) -> None:
        half = self._length / 2
        side = self._side_at(moment + half)
        if side != self._side_at(moment - half):
            with self._lock:
                if self._listener is not None:
                    self._listener.turn(side)

    def _side_at(self, moment: float) -> str:
        return self._sides[self._whose(moment - self._began)]
