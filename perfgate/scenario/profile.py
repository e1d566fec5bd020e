"""Load profiles: one frozen value for each of k6's executors, with k6's options and defaults.

Names, defaults and interpolation are those of https://grafana.com/docs/k6/latest/using-k6/scenarios/executors/ in
snake_case; `arrival` is ours. Durations are seconds. A profile holds no more than what was asked for, and it is taken
to be sound: what people write is checked by `perfgate.scenario.options` before it becomes a profile.

All profiles satisfy `LoadProfile`. Closed ones also have `vus_at(t)`, open ones `rate_at(t)`: the load at `t` seconds
after the start, none outside the profile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

Arrival = Literal["constant", "poisson"]

GRACEFUL_STOP = 30.0
MAX_DURATION = 600.0

# k6 leaves the duration of constant-vus to be written; here a bare @scenario runs that long.
DURATION = 20.0

# Interpolation must not lose a VU to the last bit of a float.
_ROUNDING = 1e-9


class LoadProfile(Protocol):
    """The attributes that every load profile has, several at once included.

    executor: k6's name of the executor.
    is_open: whether iterations start on a schedule, however slow the service is.
    vus_max: the most VUs at once.
    duration: length of the whole profile (s), without the graceful stop.
    graceful_stop: how long the last iterations may go on after that (s).
    """

    @property
    def executor(self) -> str: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def vus_max(self) -> int: ...
    @property
    def duration(self) -> float: ...
    @property
    def graceful_stop(self) -> float: ...


@dataclass(frozen=True)
class Stage:
    """A straight line from the end of the stage before to `target`.

    duration: length (s); a stage of 0 s jumps.
    target: VUs, or iterations per time unit.
    """

    duration: float
    target: int


class _ConstantLoad:
    """The shape of closed profiles with the same number of VUs from beginning to end."""

    vus: int
    is_open: ClassVar[bool] = False

    @property
    def duration(self) -> float:
        raise NotImplementedError

    @property
    def vus_max(self) -> int:
        return self.vus

    def vus_at(self, t: float) -> int:
        """VUs at most: one that finds no iteration left has ended."""
        return self.vus if 0 <= t < self.duration else 0


@dataclass(frozen=True)
class ConstantVUs(_ConstantLoad):
    """A fixed number of VUs, each of which iterates as often as it can.

    vus: VUs.
    duration: length (s).
    graceful_stop: how long the last iterations may go on after that (s).
    """

    vus: int = 1
    duration: float = DURATION
    graceful_stop: float = GRACEFUL_STOP

    executor: ClassVar[str] = "constant-vus"


@dataclass(frozen=True)
class RampingVUs:
    """VUs that come and go along `stages`, each of which iterates as often as it can.

    stages: the straight lines of the height, one after the other.
    start_vus: VUs at the beginning.
    graceful_ramp_down: how long a VU that must go may still spend on its iteration (s).
    graceful_stop: how long the last iterations may go on after the end (s).
    """

    stages: tuple[Stage, ...]
    start_vus: int = 1
    graceful_ramp_down: float = 30.0
    graceful_stop: float = GRACEFUL_STOP

    executor: ClassVar[str] = "ramping-vus"
    is_open: ClassVar[bool] = False

    @property
    def vus_max(self) -> int:
        return _peak(self.start_vus, self.stages)

    @property
    def duration(self) -> float:
        return _length(self.stages)

    def vus_at(self, t: float) -> int:
        """Whole VUs: a VU joins when the line reaches its number and leaves when the line has left it, as in k6."""
        height, rising = _interpolate(self.start_vus, self.stages, t)
        return math.floor(height + _ROUNDING) if rising else math.ceil(height - _ROUNDING)


class _ArrivalRate:
    """The shape of open profiles: VUs are made on demand, so that iterations start on time."""

    pre_allocated_vus: int
    max_vus: int | None
    is_open: ClassVar[bool] = True

    @property
    def vus_max(self) -> int:
        return self.pre_allocated_vus if self.max_vus is None else self.max_vus


@dataclass(frozen=True)
class ConstantArrivalRate(_ArrivalRate):
    """`rate` iterations start in every `time_unit`, whether or not earlier ones have ended.

    An iteration that finds no free VU is dropped.

    rate: iterations per time unit.
    duration: length (s).
    pre_allocated_vus: VUs from the start.
    max_vus: VUs at most, more than those of the start are made on demand; None for no more.
    time_unit: the period of `rate` (s).
    arrival: "constant" spacing as in k6, or "poisson" (exponential gaps, ours).
    graceful_stop: how long the last iterations may go on after the end (s).
    """

    rate: int
    duration: float
    pre_allocated_vus: int
    max_vus: int | None = None
    time_unit: float = 1.0
    arrival: Arrival = "constant"
    graceful_stop: float = GRACEFUL_STOP

    executor: ClassVar[str] = "constant-arrival-rate"

    def rate_at(self, t: float) -> float:
        """Iterations per second."""
        return self.rate / self.time_unit if 0 <= t < self.duration else 0.0


@dataclass(frozen=True)
class RampingArrivalRate(_ArrivalRate):
    """Like ConstantArrivalRate, at a rate that goes from `start_rate` along `stages` (both per `time_unit`)."""

    stages: tuple[Stage, ...]
    pre_allocated_vus: int
    max_vus: int | None = None
    start_rate: int = 0
    time_unit: float = 1.0
    arrival: Arrival = "constant"
    graceful_stop: float = GRACEFUL_STOP

    executor: ClassVar[str] = "ramping-arrival-rate"

    @property
    def duration(self) -> float:
        return _length(self.stages)

    def rate_at(self, t: float) -> float:
        """Iterations per second."""
        height, _ = _interpolate(self.start_rate, self.stages, t)
        return height / self.time_unit


@dataclass(frozen=True)
class _Iterations(_ConstantLoad):
    vus: int = 1
    iterations: int = 1
    max_duration: float = MAX_DURATION
    graceful_stop: float = GRACEFUL_STOP

    @property
    def duration(self) -> float:
        return self.max_duration


@dataclass(frozen=True)
class SharedIterations(_Iterations):
    """`iterations` in all, which `vus` VUs take as they are free; it ends after max_duration at the latest."""

    executor: ClassVar[str] = "shared-iterations"


@dataclass(frozen=True)
class PerVUIterations(_Iterations):
    """`iterations` for each of `vus` VUs; it ends after max_duration at the latest."""

    executor: ClassVar[str] = "per-vu-iterations"


ClosedProfile = ConstantVUs | RampingVUs | SharedIterations | PerVUIterations
OpenProfile = ConstantArrivalRate | RampingArrivalRate
StagedProfile = RampingVUs | RampingArrivalRate
CountedProfile = SharedIterations | PerVUIterations
Profile = ClosedProfile | OpenProfile

EXECUTORS: dict[str, type[Profile]] = {
    kind.executor: kind
    for kind in (
        ConstantVUs,
        RampingVUs,
        ConstantArrivalRate,
        RampingArrivalRate,
        SharedIterations,
        PerVUIterations,
    )
}


def _peak(start: int, stages: tuple[Stage, ...]) -> int:
    return max([start, *(stage.target for stage in stages)])


def _length(stages: tuple[Stage, ...]) -> float:
    return sum(stage.duration for stage in stages)


def _interpolate(start: int, stages: tuple[Stage, ...], t: float) -> tuple[float, bool]:
    """The height of the line at `t`, 0 outside the stages, and whether the line is rising there."""
    if t < 0:
        return 0.0, True
    height = start
    for stage in stages:
        if t < stage.duration:
            return height + (stage.target - height) * t / stage.duration, stage.target >= height
        t -= stage.duration
        height = stage.target
    return 0.0, False
