"""Several load profiles of one script, side by side or one after the other, as one profile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from perfgate.scenario.profile import CountedProfile, Profile


@dataclass(frozen=True)
class ScheduledProfile:
    """A load profile and its place among the others.

    name: of the k6 scenario or part.
    start: when it begins, after the common beginning (s).
    profile: the profile itself.
    """

    name: str
    start: float
    profile: Profile

    @property
    def end(self) -> float:
        return self.start + self.profile.duration

    @property
    def counts(self) -> bool:
        """Whether it ends with its iterations, and not at a moment."""
        return isinstance(self.profile, CountedProfile)

    def __repr__(self) -> str:
        # The hashes of scenarios that histories hold were made from this text.
        return f"Placed(name={self.name!r}, start={self.start!r}, profile={self.profile!r})"


@dataclass(frozen=True)
class ConcurrentProfiles:
    """Several profiles as one `LoadProfile`.

    parts: the profiles with their starts.
    """

    parts: tuple[ScheduledProfile, ...]

    def __repr__(self) -> str:
        return f"SideBySide(parts={self.parts!r})"

    @cached_property
    def executor(self) -> str:
        """All executors that take part, each once, joined with "+"."""
        return "+".join(dict.fromkeys(part.profile.executor for part in self.parts))

    @property
    def is_open(self) -> bool:
        return any(part.profile.is_open for part in self.parts)

    @property
    def graceful_stop(self) -> float:
        return max(part.profile.graceful_stop for part in self.parts)

    @property
    def duration(self) -> float:
        """Seconds until the last part has ended; parts that count iterations matter only where there are no others."""
        return max(part.end for part in self.timed or self.parts)

    @property
    def vus_max(self) -> int:
        return max(
            sum(other.profile.vus_max for other in self.parts if other.start <= part.start < other.end)
            for part in self.parts
        )

    @property
    def timed(self) -> tuple[ScheduledProfile, ...]:
        """The parts that end at a moment."""
        return tuple(part for part in self.parts if not part.counts)


AnyProfile = Profile | ConcurrentProfiles


def is_timed(profile: AnyProfile) -> bool:
    """Whether all of it ends at a moment, and none of it with its iterations."""
    parts = [part.profile for part in profile.parts] if isinstance(profile, ConcurrentProfiles) else [profile]
    return not any(isinstance(part, CountedProfile) for part in parts)
