"""Whose turn it is while two sides share a load: told to whoever measures, as it changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from perfgate.load.pacer import ShortTurns


class Listener(Protocol):
    """What has to know whose turn it is."""

    def turn(self, side: str) -> None:
        """It is the turn of this side, until the next call."""


class TurnClock:
    """A thread that tells a listener whose turn it is, from the first one on until `stop`.

    seconds: for which the turns last. sides: whose turns they are.
    """

    def __init__(self, turns: ShortTurns, seconds: float, sides: Sequence[str]) -> None:
        self._length = turns.length
        self._count = round(seconds / turns.length)
        self._whose = turns.over(seconds)
        self._sides = sides
        self._listener: Listener | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="turns", daemon=True)
        self._began = 0.0
        self._failure: Exception | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, nothing is told: one listener may end, and another begin."""
        with self._lock:
            yield

    def tell(self, listener: Listener, moment: float) -> None:
        """Tell this listener from now on, while `held`.

        moment: at which the slice that it listens to began (monotonic seconds); turns begin with the first one.
        What went wrong when the one before was told is raised here.
        """
        if self._failure is not None:
            raise self._failure
        if self._listener is None:
            self._began = moment
            self._thread.start()
        self._listener = listener
        listener.turn(self._side_at(time.monotonic() - self._began))

    def stop(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            for number in range(1, self._count):
                if self._over.wait(max(0.0, self._began + number * self._length - time.monotonic())):
                    return
                side = self._side_at((number + 0.5) * self._length)
                if side != self._side_at((number - 0.5) * self._length):
                    with self._lock:
                        if self._listener is not None:
                            self._listener.turn(side)
        except Exception as error:  # it is the listener's
            self._failure = error

    def _side_at(self, offset: float) -> str:
        return self._sides[self._whose(offset)]
