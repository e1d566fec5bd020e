"""Makes requests worse as `Injections` say, and keeps account of the CPU that it burns for that."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from perfgate.petstore.injections import Injections

# A request of the tail takes three times the CPU of a mean one: its own share and this many more.
_TAIL_EXTRA = 2

# A cold service takes so much more CPU than a warm one, as a share of what it takes warm.
_COLD_EXTRA = 1.0


class Injector:
    """Called once per request, on the one thread that serves.

    The extra CPU corrects itself: what the thread has spent since the first request, less what was burned here, is what
    the service itself costs; each request burns as much as is missing to `slow` times that, and to more of it while the
    service warms up. So parsing, writing and the event loop count too, although they happen elsewhere, and what a spin
    burned too much or too little is made up for by the next one.

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
        self._began = 0
        self._requests = 0
        self._own = 0
        self._owed = 0.0
        self._burned_slow = 0
        self._burned_tail = 0

    def disturb(self) -> bool:
        """Wait and burn for one request. True where it is one of those that fail."""
        chosen = self._injections
        fails = chosen.errors > 0 and self._random.random() < chosen.errors
        in_tail = chosen.tail > 0 and self._random.random() < chosen.tail
        if chosen.latency:
            self._wait(chosen.latency)
        if chosen.slow or chosen.tail or chosen.warmup:
            self._spend(in_tail)
        if chosen.work:
            self._spin(round(chosen.work * 1e9))
        return fails

    def _spend(self, in_tail: bool) -> None:
        now = self._cpu_clock()
        if self._origin is None:
            self._origin, self._began = now, self._clock()
        own = now - self._origin - self._burned_slow - self._burned_tail
        self._requests += 1
        self._owed += self._extra() * (own - self._own)
        self._own = own
        missing = int(self._owed) - self._burned_slow
        if missing > 0:
            self._spin(missing)
            before, now = now, self._cpu_clock()
            self._burned_slow += now - before
        if in_tail:
            mean = (own + self._burned_slow) // self._requests
            self._spin(_TAIL_EXTRA * mean)
            self._burned_tail += self._cpu_clock() - now

    def _extra(self) -> float:
        """What a request costs now beyond its own CPU, as a share of it."""
        chosen = self._injections
        if not chosen.warmup:
            return chosen.slow
        cold = max(0.0, 1 - (self._clock() - self._began) / 1e9 / chosen.warmup)
        return (1 + chosen.slow) * (1 + _COLD_EXTRA * cold) - 1

    def _spin(self, nanoseconds: int) -> None:
        clock = self._clock
        end = clock() + nanoseconds
        while clock() < end:
            pass
