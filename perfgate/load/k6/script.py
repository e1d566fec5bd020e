"""A k6 script as a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

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
    """

    settings: Mapping[str, ScenarioSettings]
    exports: frozenset[str]

    @property
    def parts(self) -> tuple[ScheduledProfile, ...]:
        """Its k6 scenarios with their load profiles."""
        if isinstance(self.profile, ConcurrentProfiles):
            return self.profile.parts
        (name,) = self.settings
        return (ScheduledProfile(name, 0.0, self.profile),)
