"""What k6 is told to play in one slice of a load profile. Pure.

k6 wants a second at least of the executors that hold their load, and none of those that ramp it; so a constant load is
told as one that ramps from where it is to where it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from perfgate.load.k6.script import K6Script
from perfgate.load.pacer import Slice, sum_until
from perfgate.scenario.concurrent_profiles import ScheduledProfile
from perfgate.scenario.profile import (
    ClosedProfile,
    ConstantVUs,
    CountedProfile,
    OpenProfile,
    RampingArrivalRate,
    RampingVUs,
    SharedIterations,
    Stage,
)

Load = dict[str, dict[str, Any]]  # k6's `scenarios`

# k6's rates are whole numbers per time unit: one of a thousand seconds gives them three decimals.
_TIME_UNIT = 1000
# A first stage that brings the schedule to where the slice begins in it (seconds).
_PHASE = 0.001
_SHORTEST = 0.002
_ROUNDING = 1e-9
_LEAST_MAX_DURATION = 1.0  # what k6 asks for


def cut(script: K6Script, part: Slice) -> Load:
    """k6's `scenarios` for the slice, by name; without those that have no load in it."""
    load = {}
    for placed in script.parts:
        played = _placed(placed, part, script.profile.duration)
        if played is not None:
            load[placed.name] = {
                **played,
                "gracefulStop": _duration(placed.profile.graceful_stop),
                **script.settings[placed.name],
            }
    return load


def vus_of(load: Load) -> int:
    """How many VUs such scenarios have at most, as far as k6 is told beforehand."""
    return sum(_most_vus(plain) for plain in load.values())


def is_timed(load: Load) -> bool:
    """Whether a moment ends the slice, and not its iterations."""
    return any("maxDuration" not in plain for plain in load.values())


def _most_vus(plain: dict[str, Any]) -> int:
    if "startVUs" in plain:
        return max([int(plain["startVUs"]), *(int(stage["target"]) for stage in plain["stages"])])
    return int(plain["preAllocatedVUs"] if "preAllocatedVUs" in plain else plain["vus"])


def _placed(placed: ScheduledProfile, part: Slice, duration: float) -> dict[str, Any] | None:
    profile = placed.profile
    if isinstance(profile, CountedProfile):
        return _iterations(placed, profile, part, duration)
    begin = max(0.0, part.start - placed.start)
    wait = max(0.0, placed.start - part.start)
    end = min(part.start + part.length - placed.start, profile.duration)
    if end - begin < _SHORTEST:
        return None
    starting = {"startTime": _duration(wait)} if wait else {}
    if isinstance(profile, (ConstantVUs, RampingVUs)):
        played = _vus(profile, begin, end)
    else:
        played = _rates(profile, begin, end)
    return None if played is None else {**played, **starting}


def _vus(profile: ClosedProfile, begin: float, end: float) -> dict[str, Any] | None:
    if isinstance(profile, RampingVUs):
        pieces = [(length, round(height)) for length, height in _pieces(profile.start_vus, profile.stages, begin, end)]
        ramp_down = profile.graceful_ramp_down
    else:
        pieces = [(end - begin, profile.vus_at(begin))]
        ramp_down = 0.0
    start = profile.vus_at(begin)
    if not max(start, *(vus for _, vus in pieces)):
        return None
    return {
        "executor": RampingVUs.executor,
        "startVUs": start,
        "stages": [{"duration": _duration(length), "target": vus} for length, vus in pieces],
        "gracefulRampDown": _duration(ramp_down),
    }


def _rates(profile: OpenProfile, begin: float, end: float) -> dict[str, Any] | None:
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
    owed = 1.0 - (math.ceil(reached - _ROUNDING) - reached)
    to_owe = _rate(owed / _PHASE)
    return {
        "executor": RampingArrivalRate.executor,
        "startRate": to_owe,
        "timeUnit": f"{_TIME_UNIT}s",
        "preAllocatedVUs": profile.pre_allocated_vus,
        "maxVUs": profile.vus_max,
        "stages": [
            {"duration": _duration(_PHASE), "target": to_owe},
            {"duration": "0s", "target": _rate(start)},
            *({"duration": _duration(length), "target": _rate(rate)} for length, rate in pieces),
        ],
    }


def _iterations(
    placed: ScheduledProfile, profile: CountedProfile, part: Slice, duration: float
) -> dict[str, Any] | None:
    """The iterations that the slice says; where it says none, its share of all by its share of the time."""
    count = part.iterations
    if count is None:
        before, after = (min(1.0, t / duration) for t in (part.start, part.start + part.length))
        count = math.floor(profile.iterations * after + _ROUNDING) - math.floor(profile.iterations * before + _ROUNDING)
    if not count:
        return None
    shared = isinstance(profile, SharedIterations)
    return {
        "executor": profile.executor,
        "vus": min(profile.vus, count) if shared else profile.vus,
        "iterations": count,
        "maxDuration": _duration(max(part.length, _LEAST_MAX_DURATION)),
    }


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
