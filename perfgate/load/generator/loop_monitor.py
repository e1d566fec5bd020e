"""The event loop and CPU of this process while a round is played."""

from __future__ import annotations

import time

import gevent

_HUB_TICK = 0.01


class LoopMonitor:
    """A context manager; its values are known at its end.

    cpu: share of one CPU that this process used.
    hub_lag: the most that the event loop was late (s).
    """

    def __enter__(self) -> LoopMonitor:
        self.hub_lag = 0.0
        self._began = time.monotonic()
        self._cpu_before = time.process_time()
        self._ticker = gevent.spawn(self._tick)
        return self

    def _tick(self) -> None:
        while True:
            before = time.monotonic()
            gevent.sleep(_HUB_TICK)
            self.hub_lag = max(self.hub_lag, time.monotonic() - before - _HUB_TICK)

    def __exit__(self, *_: object) -> None:
        self._ticker.kill()
        self.cpu = (time.process_time() - self._cpu_before) / max(1e-9, time.monotonic() - self._began)
