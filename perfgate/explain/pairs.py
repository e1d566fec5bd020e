"""Profiled rounds in pairs, and the time that a request takes in each function."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean

from perfgate.explain.profile import Function, Profile, Stack


@dataclass(frozen=True)
class ProfiledRound:
    """One round under the profiler.

    profile: its samples.
    requests: that were sent.
    cpu_seconds: CPU that was used by what is profiled (s).
    """

    profile: Profile
    requests: int
    cpu_seconds: float

    @property
    def samples(self) -> int:
        """All samples of the round."""
        return sum(self.profile.stacks.values())

    @property
    def usable(self) -> bool:
        """Whether it had requests, and a sample stands for something."""
        known = self.profile.sample_seconds is not None or (self.cpu_seconds > 0 and self.samples > 0)
        return self.requests > 0 and known

    @cached_property
    def sample_ms(self) -> float:
        """What one sample stands for: milliseconds a request."""
        seconds = self.profile.sample_seconds
        return 1000 * (self.cpu_seconds / self.samples if seconds is None else seconds) / self.requests

    @property
    def request_ms(self) -> float:
        """What all samples stand for: milliseconds a request."""
        return self.sample_ms * self.samples

    def only(self, wanted: Callable[[Stack], bool]) -> ProfiledRound:
        """The round with some of its stacks."""
        stacks = {stack: count for stack, count in self.profile.stacks.items() if wanted(stack)}
        return replace(self, profile=replace(self.profile, stacks=stacks))

    def renamed(self, name: Callable[[Stack], Stack]) -> ProfiledRound:
        """The round with another name for each stack."""
        stacks: Counter[Stack] = Counter()
        for stack, count in self.profile.stacks.items():
            stacks[name(stack)] += count
        return replace(self, profile=replace(self.profile, stacks=stacks))

    def with_files(self, name: Callable[[str], str]) -> ProfiledRound:
        """The round with another name for each file."""

        def named(function: Function) -> Function:
            return replace(function, file=name(function.file))

        found = self.renamed(lambda stack: tuple(map(named, stack)))
        lines = {named(function): line for function, line in self.profile.lines.items()}
        begins = {named(function): counts for function, counts in self.profile.begins.items()}
        return replace(found, profile=replace(found.profile, lines=lines, begins=begins))


@dataclass(frozen=True)
class ProfiledPair:
    """A round on base and one on head, next to each other."""

    base: ProfiledRound
    head: ProfiledRound

    @property
    def usable(self) -> bool:
        """Whether both rounds can be used."""
        return self.base.usable and self.head.usable

    def only(self, wanted: Callable[[Stack], bool]) -> ProfiledPair:
        """The pair with some of its stacks."""
        return ProfiledPair(self.base.only(wanted), self.head.only(wanted))


@dataclass(frozen=True)
class SideProfile:
    """All usable rounds of one side."""

    rounds: Sequence[ProfiledRound]

    @cached_property
    def stacks(self) -> Counter[Stack]:
        """The samples of all rounds."""
        found: Counter[Stack] = Counter()
        for one in self.rounds:
            found.update(one.profile.stacks)
        return found

    @cached_property
    def lines(self) -> Mapping[Function, int]:
        """Where each function begins; without those that share their name with another one of their file."""
        found = {function: line for one in self.rounds for function, line in one.profile.lines.items()}
        return {function: line for function, line in found.items() if len(self.begins.get(function, ())) < 2}

    @cached_property
    def begins(self) -> Mapping[Function, Counter[int]]:
        """The samples of each function by the lines where it begins: several functions of a file may have one name."""
        found: defaultdict[Function, Counter[int]] = defaultdict(Counter)
        for one in self.rounds:
            for function, lines in one.profile.begins.items():
                found[function].update(lines)
        return found

    @cached_property
    def exposure(self) -> float:
        """How many samples one millisecond a request makes."""
        return sum(1 / one.sample_ms for one in self.rounds)

    @property
    def samples_a_second(self) -> float:
        """How many samples there are of a second of CPU."""
        return sum(one.samples for one in self.rounds) / sum(one.cpu_seconds for one in self.rounds)

    @property
    def request_ms(self) -> float:
        """What a request takes in all functions (ms)."""
        return fmean(one.request_ms for one in self.rounds)


def sides(pairs: Iterable[ProfiledPair]) -> tuple[SideProfile, SideProfile]:
    """Base and head of all usable pairs."""
    usable = [pair for pair in pairs if pair.usable]
    return SideProfile([pair.base for pair in usable]), SideProfile([pair.head for pair in usable])
