"""The load of one slice of a profile, as k6 reads it. Pure.

k6 wants a second at least of the executors that hold their load, and none of those that ramp it; so a constant load is
told as one that ramps from where it is to where it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict, cast

from perfgate.load.k6.script import K6Script, ScenarioSettings
from perfgate.load.pacer import Slice, next_due, sum_until
from perfgate.scenario.concurrent_profiles import ScheduledProfile
from perfgate.scenario.profile import (
    ClosedProfile,
    CountedProfile,
    OpenProfile,
    RampingArrivalRate,
    RampingVUs,
    SharedIterations,
    Stage,
)


class K6Stage(TypedDict):
    """A stage as k6 reads it."""

    duration: str
    target: int


class K6Scenario(ScenarioSettings, total=False):
    """One of k6's `scenarios` as k6 reads it; which keys there are depends on the executor."""

    executor: str
    startTime: str
    gracefulStop: str
    gracefulRampDown: str
    maxDuration: str
    startVUs: int
    vus: int
    iterations: int
    startRate: int
    timeUnit: str
    preAllocatedVUs: int
    maxVUs: int
    stages: list[K6Stage]


@dataclass(frozen=True)
class K6Load:
    """The load of one slice.

    scenarios: k6's `scenarios` by name; {} where the slice has no load.
    vus: the most VUs, as far as k6 is told beforehand.
    is_timed: a moment ends the slice, and not its iterations.
    beginners: the most VUs of each scenario whose VUs keep themselves busy.
    """

    scenarios: dict[str, K6Scenario]
    vus: int
    is_timed: bool
    beginners: dict[str, int]


# k6's rates are whole numbers per time unit: one of a thousand seconds gives them three decimals.
_TIME_UNIT = 1000
# A first stage that brings the schedule to where the slice begins in it (seconds).
_PHASE = 0.001
_SHORTEST = 0.002
_ROUNDING = 1e-9
_LEAST_MAX_DURATION = 1.0  # what k6 asks for


def cut(
    script: K6Script, part: Slice, tail: float = 0.0, graceful_stop: float | None = None, stagger: float = 0.0
) -> K6Load:
    """The load of a slice, without the scenarios that have none in it.

    Load that is under way when the slice begins is there from `part.spread` before, and what is under way when it ends
    stays as it is for `tail` seconds. graceful_stop: None for that of the profile. stagger: see `next_due`.
    """
    scenarios: dict[str, K6Scenario] = {}
    vus, is_timed = 0, False
    beginners: dict[str, int] = {}
    for placed in script.parts:
        played = _placed(placed, part, script.profile.duration, stagger)
        if played is None:
            continue
        plain = _prolonged(played.plain, part.spread, tail, max(0.0, placed.start - part.start))
        if isinstance(placed.profile, ClosedProfile) and "stages" in plain:
            beginners[placed.name] = played.vus
        stop = placed.profile.graceful_stop
        if graceful_stop is not None:
            stop = min(stop, graceful_stop)
        plain["gracefulStop"] = _duration(stop)
        plain.update(cast(K6Scenario, script.settings[placed.name]))
        scenarios[placed.name] = plain
        vus += played.vus
        is_timed = is_timed or not isinstance(placed.profile, CountedProfile)
    return K6Load(scenarios, vus, is_timed, beginners)


@dataclass(frozen=True)
class _Played:
    """One scenario in a slice. vus: the most that it has there, as far as k6 is told beforehand."""

    plain: K6Scenario
    vus: int


def _placed(placed: ScheduledProfile, part: Slice, duration: float, stagger: float) -> _Played | None:
    profile = placed.profile
    if isinstance(profile, CountedProfile):
        return _iterations(placed, profile, part, duration)
    begin = max(0.0, part.start - placed.start)
    end = min(part.start + part.length - placed.start, profile.duration)
    if end - begin < _SHORTEST:
        return None
    return _rates(profile, begin, end, stagger) if isinstance(profile, OpenProfile) else _vus(profile, begin, end)


def _prolonged(plain: K6Scenario, spread: float, tail: float, wait: float) -> K6Scenario:
    """A scenario of stages, with time before and after them. wait: how long after the slice it begins (s).

    Users begin before the slice; iterations of a schedule begin when they are due, all of them within it.
    """
    if "stages" not in plain:
        return plain
    stages = list(plain["stages"])
    if spread and not wait and "startVUs" in plain:
        stages.insert(0, {"duration": _duration(spread), "target": plain["startVUs"]})
    elif spread or wait:
        plain["startTime"] = _duration(wait + spread)
    if tail:
        stages.append({"duration": _duration(tail), "target": stages[-1]["target"]})
    plain["stages"] = stages
    return plain


def _vus(profile: ClosedProfile, begin: float, end: float) -> _Played | None:
    if isinstance(profile, RampingVUs):
        pieces = [(length, round(height)) for length, height in _pieces(profile.start_vus, profile.stages, begin, end)]
        ramp_down = profile.graceful_ramp_down
    else:
        pieces = [(end - begin, profile.vus_at(begin))]
        ramp_down = 0.0
    start = profile.vus_at(begin)
    most = max(start, *(vus for _, vus in pieces))
    if not most:
        return None
    plain: K6Scenario = {
        "executor": RampingVUs.executor,
        "startVUs": start,
        "stages": [{"duration": _duration(length), "target": vus} for length, vus in pieces],
        "gracefulRampDown": _duration(ramp_down),
    }
    return _Played(plain, most)


def _rates(profile: OpenProfile, begin: float, end: float, stagger: float) -> _Played | None:
    """The schedule goes on where it was: what was due of the next iteration when the slice begins, the first
    millisecond adds up to.
    """
    if isinstance(profile, RampingArrivalRate):
        pieces = [
            (length, height / profile.time_unit)
            for length, height in _pieces(profile.start_rate, profile.stages, begin + _PHASE, end)
        ]
        start = profile.rate_at(begin + _PHASE)
    else:
        start = profile.rate_at(begin)
        pieces = [(end - begin - _PHASE, start)]
    if not max(start, *(rate for _, rate in pieces)):
        return None
    reached = sum_until(profile, begin)
    owed = 1.0 - (next_due(reached, stagger) - reached)
    to_owe = _rate(owed / _PHASE)
    plain: K6Scenario = {
        "executor": RampingArrivalRate.executor,
        "startRate": to_owe,
        "timeUnit": f"{_TIME_UNIT}s",
        "preAllocatedVUs": profile.pre_allocated_vus,
        "maxVUs": profile.vus_max,
        "stages": [
            {"duration": _duration(_PHASE), "target": to_owe},
            {"duration": "0s", "target": _rate(start)},
            *(K6Stage(duration=_duration(length), target=_rate(rate)) for length, rate in pieces),
        ],
    }
    return _Played(plain, profile.pre_allocated_vus)


def _iterations(placed: ScheduledProfile, profile: CountedProfile, part: Slice, duration: float) -> _Played | None:
    """The iterations that the slice says; where it says none, its share of all by its share of the time."""
    count = part.iterations
    if count is None:
        before, after = (min(1.0, t / duration) for t in (part.start, part.start + part.length))
        count = math.floor(profile.iterations * after + _ROUNDING) - math.floor(profile.iterations * before + _ROUNDING)
    if not count:
        return None
    vus = min(profile.vus, count) if isinstance(profile, SharedIterations) else profile.vus
    plain: K6Scenario = {
        "executor": profile.executor,
        "vus": vus,
        "iterations": count,
        "maxDuration": _duration(max(part.length, _LEAST_MAX_DURATION)),
    }
    return _Played(plain, vus)


def _pieces(start: int, stages: tuple[Stage, ...], begin: float, end: float) -> Iterator[tuple[float, float]]:
    """The line between two moments: seconds of each piece, and the height that it ends at."""
    at, height = 0.0, float(start)
    for stage in stages:
        until = at + stage.duration
        first, last = max(at, begin), min(until, end)
        if not stage.duration and begin < at < end:
            yield 0.0, stage.target
        elif last > first:
            yield last - first, height + (stage.target - height) * (last - at) / stage.duration
        at, height = until, float(stage.target)


def _rate(per_second: float) -> int:
    return round(per_second * _TIME_UNIT)


def _duration(seconds: float) -> str:
    return f"{round(seconds * 1e6)}us"
