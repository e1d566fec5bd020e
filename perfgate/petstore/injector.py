"""Makes requests worse as `Injections` say, and keeps account of the CPU that it burns for that."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from perfgate.petstore.injections import Injections

# A request of the tail takes three times the CPU of a mean one: its own share and this many more.
_TAIL_EXTRA = 2


class Injector:
    """Called once per request, on the one thread that serves.

    The extra CPU corrects itself: what the thread has spent since the first request, less what was burned here, is what
    the service itself costs; each request burns as much as is missing to `slow` times that. So parsing, writing and the
    event loop count too, although they happen elsewhere, and what a spin burned too much or too little is made up for
    by the next one.

    wait: sleeps for seconds and lets others work meanwhile. cpu_clock: nanoseconds of CPU that this thread has used.
    clock: nanoseconds; what spins look at, because reading it is no system call: the extra CPU is spent where an
    application spends its own.
    """

    def __init__(
        self,
        injections: Injections,
        wait: Callable[[float], object],
        cpu_clock: Callable[[], int] = time.thread_time_ns,
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self._injections = injections
        self._wait = wait
        self._cpu_clock = cpu_clock
        self._clock = clock
        self._random = random.Random(injections.seed)
        self._origin: int | None = None
        self._requests = 0
        self._burned_slow = 0
        self._burned_tail = 0

    def disturb(self) -> bool:
        """Wait and burn for one request. True where it is one of those that fail."""
        chosen = self._injections
        fails = chosen.errors > 0 and self._random.random() < chosen.errors
        in_tail = chosen.tail > 0 and self._random.random() < chosen.tail
        if chosen.latency:
            self._wait(chosen.latency)
        if chosen.slow or chosen.tail:
            self._spend(in_tail)
        if chosen.work:
            self._spin(round(chosen.work * 1e9))
        return fails

    def _spend(self, in_tail: bool) -> None:
        now = self._cpu_clock()
        if self._origin is None:
            self._origin = now
        own = now - self._origin - self._burned_slow - self._burned_tail
        self._requests += 1
        missing = int(self._injections.slow * own) - self._burned_slow
        if missing > 0:
            self._spin(missing)
            before, now = now, self._cpu_clock()
            self._burned_slow += now - before
        if in_tail:
            mean = (own + self._burned_slow) // self._requests
            self._spin(_TAIL_EXTRA * mean)
            self._burned_tail += self._cpu_clock() - now

    def _spin(self, nanoseconds: int) -> None:
        clock = self._clock
        end = clock() + nanoseconds
        while clock() < end:
            pass
