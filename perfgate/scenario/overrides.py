"""Load profiles changed by `--vus`, `--duration` and `--scale`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import overload

from perfgate.errors import UsageError
from perfgate.scenario.concurrent_profiles import AnyProfile, ConcurrentProfiles, ScheduledProfile
from perfgate.scenario.profile import (
    CountedProfile,
    OpenProfile,
    Profile,
    RampingArrivalRate,
    RampingVUs,
    SharedIterations,
    Stage,
    StagedProfile,
)


@dataclass(frozen=True)
class Overrides:
    """Load instead of the scenarios' own; None leaves theirs. UsageError where there would be no load.

    vus: VUs at most.
    duration: length (s).
    scales: how many times the users and arrival rates, by scenario; under "" for all others.
    """

    vus: int | None = None
    duration: float | None = None
    scales: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.vus is not None and self.vus < 1:
            raise UsageError(f"{self.vus} VUs make no load", "write --vus 1 or more")
        if self.duration is not None and not 0 < self.duration < math.inf:
            raise UsageError(f"a duration of {self.duration:g} s makes no load", "write it like --duration 20s")

    def scale_of(self, scenario: str) -> float:
        """How many times the users and arrival rates of a scenario are wanted."""
        return self.scales.get(scenario, self.scales.get("", 1.0))


@overload
def with_overrides(
    profile: Profile, vus: int | None = None, duration: float | None = None, scale: float = 1.0
) -> Profile: ...


@overload
def with_overrides(
    profile: AnyProfile, vus: int | None = None, duration: float | None = None, scale: float = 1.0
) -> AnyProfile: ...


def with_overrides(
    profile: AnyProfile, vus: int | None = None, duration: float | None = None, scale: float = 1.0
) -> AnyProfile:
    """`profile` with at most `vus` VUs and `duration` seconds long; None leaves it as it is.

    executor              vus replaces                          duration replaces
    --------------------  ------------------------------------  --------------------------------------
    constant-vus          vus                                   duration
    ramping-vus           the peak; all heights in proportion   the length; all stages in proportion
    constant-arrival-rate max_vus; the rate stays               duration
    ramping-arrival-rate  max_vus; the rates stay               the length; all stages in proportion
    shared-iterations     vus, but no more than iterations      max_duration
    per-vu-iterations     vus                                   max_duration

    Of several profiles side by side vus replaces the peak of all, duration the length of all, both in proportion.
    A stage that has VUs keeps at least one. pre_allocated_vus shrink to max_vus where they would exceed it.

    scale: multiplies what makes the load, after that: VUs, arrival rates, and iterations that VUs share.
    """
    if isinstance(profile, ConcurrentProfiles):
        changed = _side_by_side(profile, vus, duration)
        return ConcurrentProfiles(tuple(replace(part, profile=_times(part.profile, scale)) for part in changed.parts))
    if vus is not None:
        profile = _with_vus(profile, vus)
    if duration is not None:
        profile = _with_duration(profile, duration)
    return _times(profile, scale)


def _side_by_side(profile: ConcurrentProfiles, vus: int | None, duration: float | None) -> ConcurrentProfiles:
    """All parts in proportion; one that is left keeps at least one VU."""
    more = 1.0 if vus is None else vus / profile.vus_max
    longer = 1.0 if duration is None else duration / profile.duration
    parts = []
    for part in profile.parts:
        scaled = part.profile
        if vus is not None:
            scaled = _with_vus(scaled, _scaled(scaled.vus_max, more))
        if duration is not None:
            scaled = _with_duration(scaled, scaled.duration * longer)
        parts.append(ScheduledProfile(part.name, part.start * longer, scaled))
    return ConcurrentProfiles(tuple(parts))


def _with_vus(profile: Profile, vus: int) -> Profile:
    if isinstance(profile, RampingVUs):
        factor = vus / profile.vus_max
        stages = tuple(Stage(stage.duration, _scaled(stage.target, factor)) for stage in profile.stages)
        return replace(profile, start_vus=_scaled(profile.start_vus, factor), stages=stages)
    if isinstance(profile, OpenProfile):
        return replace(profile, max_vus=vus, pre_allocated_vus=min(profile.pre_allocated_vus, vus))
    if isinstance(profile, SharedIterations):
        return replace(profile, vus=min(vus, profile.iterations))
    return replace(profile, vus=vus)


def _times(profile: Profile, factor: float) -> Profile:
    """So many times the load."""
    if factor == 1:
        return profile
    if isinstance(profile, StagedProfile):
        profile = replace(
            profile,
            stages=tuple(Stage(stage.duration, _scaled(stage.target, factor)) for stage in profile.stages),
        )
    if isinstance(profile, RampingVUs):
        return replace(profile, start_vus=_scaled(profile.start_vus, factor))
    if isinstance(profile, OpenProfile):
        most = None if profile.max_vus is None else _scaled(profile.max_vus, factor)
        profile = replace(profile, pre_allocated_vus=_scaled(profile.pre_allocated_vus, factor), max_vus=most)
        if isinstance(profile, RampingArrivalRate):
            return replace(profile, start_rate=_scaled(profile.start_rate, factor))
        return replace(profile, rate=_scaled(profile.rate, factor))
    if isinstance(profile, SharedIterations):
        profile = replace(profile, iterations=_scaled(profile.iterations, factor))
    return replace(profile, vus=_scaled(profile.vus, factor))


def _scaled(count: int, factor: float) -> int:
    return max(1, round(count * factor)) if count else 0


def _with_duration(profile: Profile, duration: float) -> Profile:
    if isinstance(profile, StagedProfile):
        factor = duration / profile.duration
        stages = tuple(Stage(stage.duration * factor, stage.target) for stage in profile.stages)
        return replace(profile, stages=stages)
    if isinstance(profile, CountedProfile):
        return replace(profile, max_duration=duration)
    return replace(profile, duration=duration)
