"""Several load profiles of one script, side by side or one after the other, as one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from perfgate.scenario.profile import PerVUIterations, Profile, SharedIterations


@dataclass(frozen=True)
class Placed:
    """A profile that begins `start` seconds after the others' common beginning."""

    name: str
    start: float
    profile: Profile

    @property
    def end(self) -> float:
        return self.start + self.profile.duration

    @property
    def counts(self) -> bool:
        """Whether it ends with its iterations, and not at a moment."""
        return isinstance(self.profile, (SharedIterations, PerVUIterations))


@dataclass(frozen=True)
class SideBySide:
    """What a profile says of itself (see `perfgate.scenario.profile`), of all of them together.

    executor: all kinds that take part, each once, joined with "+". duration: until the last has ended; of those that
    count iterations only where there are no others.
    """

    parts: tuple[Placed, ...]

    @cached_property
    def executor(self) -> str:
        return "+".join(dict.fromkeys(part.profile.executor for part in self.parts))

    @property
    def is_open(self) -> bool:
        return any(part.profile.is_open for part in self.parts)

    @property
    def graceful_stop(self) -> float:
        return max(part.profile.graceful_stop for part in self.parts)

    @property
    def duration(self) -> float:
        return max(part.end for part in self.timed or self.parts)

    @property
    def vus_max(self) -> int:
        return max(
            sum(other.profile.vus_max for other in self.parts if other.start <= part.start < other.end)
            for part in self.parts
        )

    @property
    def timed(self) -> tuple[Placed, ...]:
        """The parts that end at a moment."""
        return tuple(part for part in self.parts if not part.counts)


AnyProfile = Profile | SideBySide
