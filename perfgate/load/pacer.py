"""When work is due: pure functions of a load profile, without a clock and without waiting."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

from perfgate.scenario.concurrent_profiles import AnyProfile, ConcurrentProfiles
from perfgate.scenario.profile import (
    ConstantArrivalRate,
    CountedProfile,
    OpenProfile,
    SharedIterations,
)

# An iteration executor is cut into at most this many rounds; fewer when the VUs would not have one iteration each.
_ITERATION_ROUNDS = 10
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Slice:
    """The part of a profile that one round plays.

    start: in the profile (s).
    length: of the part (s).
    iterations: how many to run, for the iteration executors (in all, or for each VU); else None.
    spread: the time over which its users begin, before it (s).
    """

    start: float
    length: float
    iterations: int | None
    spread: float = 0.0


@dataclass(frozen=True)
class ShortTurns:
    """Short turns of two sides, which share a load: in each pair of turns both have one, in random order.

    length: of a turn (s).
    seed: of the order, the same for all workers.
    """

    length: float
    seed: str

    def over(self, seconds: float) -> Callable[[float], int]:
        """Whose turn it is, 0 or 1, by the time since they began (s). seconds: for which the turns last."""
        count = max(1, math.ceil(seconds / (2 * self.length)))
        second_first = random.Random(self.seed).getrandbits(count)

        def at(offset: float) -> int:
            pair, later = divmod(max(0, int(offset / self.length)), 2)
            return later ^ (second_first >> min(pair, count - 1) & 1)

        return at


# Each user that begins opens a connection. What waits to be accepted waits in a queue, of 128 to 4,096 connections, and
# whoever finds it full tries again after a second, so users begin no faster than a busy service accepts.
_BEGINNERS_A_SECOND = 2000
_A_FEW = 100


def least_spread(vus: int) -> float:
    """The time over which so many users should begin at least (s)."""
    return vus / _BEGINNERS_A_SECOND if vus > _A_FEW else 0.0


@dataclass(frozen=True)
class Share:
    """One worker's share of the VUs and iterations: the numbers that are `worker` modulo `workers`."""

    worker: int
    workers: int

    def takes(self, number: int) -> bool:
        return number % self.workers == self.worker

    def numbers(self, count: int) -> range:
        """This share of the numbers 0 to count - 1."""
        return range(self.worker, count, self.workers)


class _EvenSlices(Sequence[Slice]):
    """Slices of one length, made as they are asked for: a load "until stopped" has tens of millions of them."""

    def __init__(self, count: int, length: float) -> None:
        self._count = count
        self._length = length

    @overload
    def __getitem__(self, place: int) -> Slice: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Slice]: ...

    def __getitem__(self, place: int | slice) -> Slice | Sequence[Slice]:
        if isinstance(place, slice):
            return tuple(self[number] for number in range(*place.indices(self._count)))
        number = range(self._count)[place]
        return Slice(number * self._length, self._length, None)

    def __len__(self) -> int:
        return self._count


def staggers(sides: int) -> list[float]:
    """Of so many sides that are loaded at once, of each: 1/4 and 3/4 of two, 1/2 of one that is alone.

    What users or iterations of one side begin lies between what those of the other do.
    """
    return [(place + 0.5) / sides for place in range(sides)]


def place_in_turn(number: int, stagger: float) -> float:
    """Where in its turn the user of this number begins, 0 to 1.

    stagger: of its side (see `staggers`). Users of odd numbers have what is left of 1, so that each of two sides comes
    first with every other user: a request just after another one finds the CPU awake, and is faster for it.
    """
    return 1 - stagger if number % 2 else stagger


def slices(profile: AnyProfile, round_seconds: float) -> Sequence[Slice]:
    """A whole profile as rounds of about `round_seconds`, all of one length.

    Of profiles side by side a slice says no iterations: each part that counts them plays its share of the time's.
    """
    if isinstance(profile, ConcurrentProfiles) and not profile.timed:
        count = _ITERATION_ROUNDS
        return tuple(Slice(n * profile.duration / count, profile.duration / count, None) for n in range(count))
    if isinstance(profile, CountedProfile):
        return _iteration_slices(profile)
    count = max(1, round(profile.duration / round_seconds))
    return _EvenSlices(count, profile.duration / count)


def _iteration_slices(profile: CountedProfile) -> tuple[Slice, ...]:
    each = profile.vus if isinstance(profile, SharedIterations) else 1
    count = max(1, min(_ITERATION_ROUNDS, profile.iterations // each))
    shares = [profile.iterations * (n + 1) // count - profile.iterations * n // count for n in range(count)]
    length = profile.max_duration / count
    return tuple(Slice(number * length, length, share) for number, share in enumerate(shares))


def next_due(reached: float, stagger: float) -> float:
    """What the rate adds up to when the next iteration is due, where it has `reached` so much: k + stagger.

    stagger: of its side (see `staggers`). Due together, each request of one side would wait for its twin.
    """
    return math.ceil(reached - stagger - _ROUNDING) + stagger


def arrivals(profile: OpenProfile, part: Slice, chance: random.Random, stagger: float = 0.0) -> Iterator[float]:
    """When iterations are due, in seconds after the start of the slice.

    Constant spacing: iteration k is due when the rate has added up to k + `stagger`, counted from the start of the
    profile, as in k6. Poisson: the gaps are exponential, of mean 1 in the same measure.
    """
    segments = _segments(profile)
    reached = _sum_until(segments, part.start)
    poisson = profile.arrival == "poisson"
    due = reached + chance.expovariate(1.0) if poisson else next_due(reached, stagger)
    end = part.start + part.length
    for segment in segments:
        total = segment.before + segment.sum
        while due < total - _ROUNDING:
            offset = segment.start + _time_to_add(due - segment.before, segment.from_rate, segment.slope)
            if offset >= end - _ROUNDING:
                return
            yield max(0.0, offset - part.start)
            due += chance.expovariate(1.0) if poisson else 1.0


def sum_until(profile: OpenProfile, t: float) -> float:
    """How many iterations are due in the first `t` seconds of a profile, with the fraction of the next."""
    return _sum_until(_segments(profile), t)


@dataclass(frozen=True)
class _Segment:
    """A straight piece of the rate.

    start, stop: in the profile (s).
    from_rate, to_rate: iterations a second at start and stop.
    before: iterations that are due before the start.
    """

    start: float
    stop: float
    from_rate: float
    to_rate: float
    before: float

    @property
    def sum(self) -> float:
        """Iterations that are due in it."""
        return (self.from_rate + self.to_rate) / 2 * (self.stop - self.start)

    @cached_property
    def slope(self) -> float:
        """Change of the rate (per second, each second)."""
        return (self.to_rate - self.from_rate) / (self.stop - self.start)


def _segments(profile: OpenProfile) -> list[_Segment]:
    if isinstance(profile, ConstantArrivalRate):
        rate = profile.rate / profile.time_unit
        return [_Segment(0.0, profile.duration, rate, rate, 0.0)]
    segments = []
    start, before = 0.0, 0.0
    rate = profile.start_rate / profile.time_unit
    for stage in profile.stages:
        target = stage.target / profile.time_unit
        if stage.duration > 0:
            segments.append(_Segment(start, start + stage.duration, rate, target, before))
            start += stage.duration
            before += (rate + target) / 2 * stage.duration
        rate = target
    return segments


def _sum_until(segments: list[_Segment], t: float) -> float:
    reached = 0.0
    for segment in segments:
        x = min(max(t - segment.start, 0.0), segment.stop - segment.start)
        if x > 0:
            reached = segment.before + segment.from_rate * x + segment.slope * x * x / 2
    return reached


def _time_to_add(amount: float, rate: float, slope: float) -> float:
    """The time in which a rate that starts at `rate` and grows by `slope` a second adds up to `amount`."""
    if amount <= 0:
        return 0.0
    if abs(slope) < _ROUNDING:
        return amount / rate
    return 2 * amount / (rate + math.sqrt(max(0.0, rate * rate + 2 * slope * amount)))
