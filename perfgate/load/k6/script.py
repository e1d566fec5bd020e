"""A k6 script as a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from perfgate.load.k6.neighbours import neighbours_of
from perfgate.metrics.catalogue import Kind
from perfgate.scenario import Script
from perfgate.scenario.concurrent_profiles import ConcurrentProfiles, ScheduledProfile

ENGINE = "k6"


class ScenarioSettings(TypedDict, total=False):
    """What k6 is told of a scenario besides its load."""

    exec: str
    env: dict[str, str]
    tags: dict[str, str]
    options: dict[str, Any]


@dataclass(frozen=True)
class K6Script(Script):
    """A k6 script.

    settings: of its k6 scenarios, by name.
    exports: names of the functions that it exports.
    counted: metrics that are 0 as long as nothing is added to them, and their kinds: all counters, and its own rates.
    has_load: whether it says a load; else k6 plays one iteration.
    """

    settings: Mapping[str, ScenarioSettings]
    exports: frozenset[str]
    counted: Mapping[str, Kind]
    has_load: bool

    @property
    def has_own_load(self) -> bool:
        return self.has_load

    @property
    def neighbours(self) -> tuple[Path, ...]:
        """See Script: those that it imports or opens."""
        return neighbours_of(self.file)

    @property
    def parts(self) -> tuple[ScheduledProfile, ...]:
        """Its k6 scenarios with their load profiles."""
        if isinstance(self.profile, ConcurrentProfiles):
            return self.profile.parts
        (name,) = self.settings
        return (ScheduledProfile(name, 0.0, self.profile),)
