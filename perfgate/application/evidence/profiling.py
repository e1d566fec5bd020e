"""Pairs under profilers, on the instances that a bench has running."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from perfgate.application.bench.bench import Bench
from perfgate.application.evidence.querying import Querying
from perfgate.explain.pairs import ProfiledPair, ProfiledRound
from perfgate.explain.profile import Profile
from perfgate.explain.queries import QueriedPair
from perfgate.explain.rise import FEWEST_PAIRS
from perfgate.explain.subject import Subject
from perfgate.load.pacer import slices
from perfgate.load.target import LoadTarget
from perfgate.metrics.run import Round
from perfgate.scenario import AnyScenario

# What profilers take to begin and to end with a round, about (s).
_BESIDE_A_ROUND = 0.25


def how_many_fit(rounds: Sequence[int], seconds: float) -> int:
    """How many scenarios, from the first on, can share these seconds so that each can name a function; 1 at least.

    rounds: how long those of each scenario are (s).
    """
    counts = range(len(rounds), 1, -1)
    return next((count for count in counts if count * _seconds_needed(max(rounds[:count])) <= seconds), 1)


def round_that_fits(wanted: int, seconds: float) -> int:
    """The length of a round: as wanted, or the longest one that leaves enough pairs in these seconds (s)."""
    return next((length for length in range(wanted, 1, -1) if _seconds_needed(length) <= seconds), 1)


def _seconds_needed(round_seconds: int) -> float:
    """What the fewest pairs take that can name a function (s)."""
    return FEWEST_PAIRS * _pair_seconds(round_seconds)


def _pair_seconds(round_seconds: int) -> float:
    return 2 * (round_seconds + _BESIDE_A_ROUND)


class Profiling:
    """A bench, and what profilers look at there. Each round is seen by all of them.

    querying: what reads queries before and after each round; None where nothing does.
    round_seconds: in whole seconds: many profilers take no others.
    """

    def __init__(
        self, bench: Bench, subjects: Sequence[Subject], querying: Querying | None, round_seconds: int
    ) -> None:
        self._bench = bench
        self._subjects = subjects
        self._querying = querying
        self.queried: list[QueriedPair] = []
        self._round_seconds = round_seconds
        self._latest: dict[str, list[Profile]] = {}

    def pairs(self, scenario: AnyScenario, seconds: float) -> list[list[ProfiledPair]]:
        """For each subject as many pairs as these seconds have room for. ProfilerError where a profiler fails."""
        began, longest, rounds = time.monotonic(), 0.0, 0
        parts = slices(scenario.profile, self._round_seconds)
        targets = self._bench.target("base"), self._bench.target("head")
        found: list[list[ProfiledPair]] = [[] for _ in self._subjects]
        count = int(seconds / _pair_seconds(self._round_seconds))
        with closing(self._bench.runner.pairs_beside(scenario, targets, parts, count, self._record)) as pairs:
            for pair in pairs:
                base, head = self._profiled(pair.base), self._profiled(pair.head)
                for each, *both in zip(found, base, head, strict=True):
                    each.append(ProfiledPair(*both))
                if self._querying and not self._querying.trouble:
                    self.queried.append(QueriedPair(*map(self._querying.queried, (pair.base, pair.head))))
                took = time.monotonic() - began
                rounds += 1
                longest = max(longest, took / rounds)
                if took + longest > seconds:
                    break
        return found

    @contextmanager
    def _record(self, target: LoadTarget) -> Iterator[None]:
        with ExitStack() as stack:
            if self._querying:
                stack.enter_context(self._querying.record(target.side))
            recordings = [
                stack.enter_context(subject.profiler.record(self._pids(target.side, subject), self._round_seconds))
                for subject in self._subjects
            ]
            yield
            self._latest[target.side] = [recording.profile() for recording in recordings]

    def _pids(self, side: str, subject: Subject) -> Sequence[int]:
        """The first processes of the service, or of its dependency."""
        if not subject.dependency:
            return self._bench.service(side).instance.processes()
        return processes_of(self._bench, side, subject.dependency)

    def _profiled(self, played: Round) -> list[ProfiledRound]:
        tally = played.tally
        used = tally.dependencies or {}
        cpu = {name: use.cpu_seconds for name, use in used.items()} | {"": tally.service_cpu_seconds or 0.0}
        return [
            ProfiledRound(profile, tally.attempts, cpu.get(subject.dependency, 0.0))
            for subject, profile in zip(self._subjects, self._latest[played.side], strict=True)
        ]


def processes_of(bench: Bench, side: str, dependency: str) -> list[int]:
    """The first processes of a dependency, as far as they are known."""
    found = bench.attribution.dependencies(side)
    return [one.pid for one in found if one.name == dependency and one.pid is not None]
