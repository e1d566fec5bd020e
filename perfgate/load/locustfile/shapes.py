"""A LoadTestShape as a load profile: its ticks are asked one after the other, without any waiting."""

from __future__ import annotations

import math
from collections.abc import Iterable

from perfgate.scenario.concurrent_profiles import AnyProfile
from perfgate.scenario.profile import RampingVUs, Stage

# A shape that has not ended by then is taken for one that never does (seconds).
LONGEST = 6 * 3600
_STEP = 0.25


def profile_of(ticks: Iterable[tuple[int, float]]) -> RampingVUs:
    """The profile of a shape that asks for so many users, at so many new ones a second, in each of its seconds."""
    heights: list[int] = []
    for users, rate in ticks:
        before = heights[-1] if heights else 0
        step = max(1, int(rate))
        heights.append(min(users, before + step) if users > before else max(users, before - step))
    stages: list[Stage] = []
    for height in heights:
        if stages and stages[-1].target == height:
            stages[-1] = Stage(stages[-1].duration + 1.0, height)
        else:
            stages += [Stage(0.0, height), Stage(1.0, height)]
    return RampingVUs(stages=tuple(stages), start_vus=heights[0], graceful_stop=0.0)


def steps_of(profile: AnyProfile, start: float, length: float) -> list[tuple[float, int]]:
    """How many users there are to be in a part of a profile, as steps: seconds after its start, users."""
    steps: list[tuple[float, int]] = []
    for number in range(max(1, math.ceil(length / _STEP))):
        users = vus_at(profile, start + number * _STEP)
        if not steps or steps[-1][1] != users:
            steps.append((number * _STEP, users))
    return steps


def vus_at(profile: AnyProfile, t: float) -> int:
    """The users of a locustfile's profile at a time."""
    return profile.vus_at(t) if isinstance(profile, RampingVUs) else profile.vus_max
