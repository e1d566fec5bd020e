"""A k6 script as a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perfgate.scenario import Script
from perfgate.scenario.concurrent_profiles import ConcurrentProfiles, ScheduledProfile

ENGINE = "k6"


@dataclass(frozen=True)
class K6Script(Script):
    """settings: by the name of one of its k6 scenarios, what k6 is told besides its load: exec, env, tags, options.

    exports: the names of the functions that it exports.
    """

    settings: Mapping[str, Mapping[str, Any]]
    exports: frozenset[str]

    @property
    def parts(self) -> tuple[ScheduledProfile, ...]:
        """Its k6 scenarios with their load profiles."""
        if isinstance(self.profile, ConcurrentProfiles):
            return self.profile.parts
        (name,) = self.settings
        return (ScheduledProfile(name, 0.0, self.profile),)
