"""Profiled rounds in pairs, and the CPU that a request takes in each function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from perfgate.explain.folded import Function, Profile, Stack


@dataclass(frozen=True)
class ProfiledRound:
    """One round under the profiler.

    profile: its samples.
    requests: that were sent.
    cpu_seconds: CPU that the service used (s).
    """

    profile: Profile
    requests: int
    cpu_seconds: float

    @property
    def samples(self) -> int:
        """All samples of the round."""
        return sum(self.profile.stacks.values())

    @property
    def sample_ms(self) -> float:
        """What one sample stands for: milliseconds of CPU a request."""
        return 1000 * self.cpu_seconds / self.requests / self.samples


@dataclass(frozen=True)
class ProfiledPair:
    """A round on base and one on head, next to each other."""

    base: ProfiledRound
    head: ProfiledRound

    @property
    def usable(self) -> bool:
        """Whether both rounds had requests, CPU and samples."""
        return all(one.requests > 0 and one.cpu_seconds > 0 and one.samples > 0 for one in (self.base, self.head))


@dataclass(frozen=True)
class SideProfile:
    """All rounds of one side, usable ones."""

    rounds: Sequence[ProfiledRound]

    @property
    def stacks(self) -> Counter[Stack]:
        """The samples of all rounds."""
        found: Counter[Stack] = Counter()
        for one in self.rounds:
            found.update(one.profile.stacks)
        return found

    @property
    def lines(self) -> Mapping[Function, int]:
        """Where each function begins."""
        return {function: line for one in self.rounds for function, line in one.profile.lines.items()}

    @property
    def exposure(self) -> float:
        """How many samples one millisecond of CPU a request makes."""
        requests = sum(one.requests for one in self.rounds)
        cpu = sum(one.cpu_seconds for one in self.rounds)
        return requests * sum(one.samples for one in self.rounds) / cpu / 1000


def sides(pairs: Iterable[ProfiledPair]) -> tuple[SideProfile, SideProfile]:
    """Base and head of all usable pairs."""
    usable = [pair for pair in pairs if pair.usable]
    return SideProfile([pair.base for pair in usable]), SideProfile([pair.head for pair in usable])
