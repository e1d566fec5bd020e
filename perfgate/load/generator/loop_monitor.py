"""The event loop and CPU of this process while a round is played."""

from __future__ import annotations

import time
from pathlib import Path

import gevent

_HUB_TICK = 0.01
# Time on a CPU, time of waiting for one (both ns), time slices: https://docs.kernel.org/scheduler/sched-stats.html.
_SCHEDULER = Path("/proc/thread-self/schedstat")


class LoopMonitor:
    """A context manager; its values are known at its end.

    cpu: share of one CPU that this process used.
    cpu_waited: share of the time that this thread was ready to run while something else had its CPU; 0 where the kernel
        does not tell.
    hub_lag: the most that the event loop was late (s).
    """

    def __enter__(self) -> LoopMonitor:
        self.hub_lag = 0.0
        self._began = time.monotonic()
        self._cpu_before = time.process_time()
        self._waited_before = _waited_for_cpu()
        self._ticker = gevent.spawn(self._tick)
        return self

    def _tick(self) -> None:
        while True:
            before = time.monotonic()
            gevent.sleep(_HUB_TICK)
            self.hub_lag = max(self.hub_lag, time.monotonic() - before - _HUB_TICK)

    def __exit__(self, *_: object) -> None:
        self._ticker.kill()
        seconds = max(1e-9, time.monotonic() - self._began)
        self.cpu = (time.process_time() - self._cpu_before) / seconds
        self.cpu_waited = max(0.0, _waited_for_cpu() - self._waited_before) / seconds


def _waited_for_cpu() -> float:
    try:
        return int(_SCHEDULER.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
