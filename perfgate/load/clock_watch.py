"""The clock during a round: latencies are told by stamps of the kernel, which has the time of day alone."""

from __future__ import annotations

import time

from perfgate.units import format_seconds

# Nothing but setting the clock moves it against the monotonic one: both are slewed alike (clock_gettime(2)).
_LEAST = 0.001
_LOOKS = 5


class ClockWatch:
    """Whether the clock of this machine is set during a round.

    earlier: of the slice that ends as this one begins; its last answers come in this one.
    """

    def __init__(self, earlier: ClockWatch | None = None) -> None:
        self._before = earlier._moved if earlier else 0.0
        self._began = earlier._ended if earlier else _offset()
        self._ended: float = self._began

    def stop(self) -> None:
        """The round has ended."""
        self._ended = _offset()

    @property
    def _moved(self) -> float:
        return self._ended - self._began

    def problem(self) -> str:
        """Why the round is invalid; "" where the clock only ran on."""
        moved = self._moved if abs(self._moved) >= _LEAST else self._before
        if abs(moved) < _LEAST:
            return ""
        way = "forward" if moved > 0 else "back"
        by = format_seconds(abs(moved))
        return f"the clock of this machine was set {way} by {by} meanwhile, so latencies are wrong"


def _offset() -> float:
    """The time of day minus the monotonic time (s), by the look that was held up the least."""
    looks = []
    for _ in range(_LOOKS):
        before = time.monotonic()
        now = time.time()
        after = time.monotonic()
        looks.append((after - before, now - (before + after) / 2))
    return min(looks)[1]
