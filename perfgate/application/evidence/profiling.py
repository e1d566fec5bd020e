"""Pairs under profilers, on the instances that a bench has running."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

from perfgate.application.bench.bench import Bench
from perfgate.application.bench.loaded_side import LoadedSide
from perfgate.application.evidence.querying import Querying
from perfgate.explain.pairs import ProfiledPair, ProfiledRound
from perfgate.explain.profile import Profile
from perfgate.explain.queries import QueriedPair
from perfgate.explain.rise import FEWEST_PAIRS
from perfgate.explain.settings import MOST_SECONDS
from perfgate.explain.subject import Subject
from perfgate.load.pacer import slices
from perfgate.load.target import LoadTarget
from perfgate.metrics.run import Round
from perfgate.scenario import AnyScenario
from perfgate.scenario.profile import OpenProfile

# What profilers take to begin and to end with a round, and users whose iterations are short, about (s).
_BESIDE_A_ROUND = 0.25
# What a profiler takes at least (s).
_PROFILER = 0.1


@dataclass(frozen=True)
class RoundLength:
    """Of the rounds of a scenario.

    seconds: in whole seconds: many profilers take no others.
    spread: the time over which users begin before each of them (s).
    """

    seconds: int
    spread: float

    @property
    def needed(self) -> float:
        """What the fewest pairs take that can name a function (s).

        Before a round users begin, and after it their last iterations end, which may take as long again.
        """
        beside = max(_BESIDE_A_ROUND, _PROFILER + 2 * self.spread)
        return FEWEST_PAIRS * 2 * (self.seconds + beside)

    def that_fits(self, seconds: float) -> RoundLength:
        """This one, or the longest one below that leaves enough pairs in these seconds; 1 s at least."""
        shorter = (replace(self, seconds=length) for length in range(self.seconds, 1, -1))
        return next((one for one in shorter if one.needed <= seconds), replace(self, seconds=1))


def how_many_fit(rounds: Sequence[RoundLength], seconds: float) -> int:
    """How many scenarios, from the first on, can share these seconds so that each can name a function; 1 at least.

    rounds: those of each scenario.
    """
    counts = range(len(rounds), 1, -1)
    return next((count for count in counts if count * max(one.needed for one in rounds[:count]) <= seconds), 1)


def more_usable(rounds: RoundLength, played: int, seconds: float) -> str:
    """What to do where too few of the pairs that were played can be used.

    seconds: as [explain] says.
    """
    if played < FEWEST_PAIRS and rounds.that_fits(MOST_SECONDS).needed > MOST_SECONDS:
        return "explain a scenario whose iterations are shorter"
    return "send more load" if seconds >= MOST_SECONDS else "raise seconds under [explain], or send more load"


class Profiling:
    """A bench, and what profilers look at there. Each round is seen by all of them.

    querying: what reads queries before and after each round; None where nothing does.
    length: of its rounds.
    """

    def __init__(
        self, bench: Bench, subjects: Sequence[Subject], querying: Querying | None, length: RoundLength
    ) -> None:
        self._bench = bench
        self._subjects = subjects
        self._querying = querying
        self.queried: list[QueriedPair] = []
        self._length = length
        self._recorded = length.seconds
        self._latest: dict[str, list[Profile]] = {}

    def pairs(self, scenario: AnyScenario, seconds: float) -> list[list[ProfiledPair]]:
        """For each subject as many pairs as these seconds have room for. ProfilerError where a profiler fails."""
        began, longest, rounds = time.monotonic(), 0.0, 0
        parts = slices(scenario.profile, self._length.seconds)
        # The time is for what profilers see: the counters have been read in the duet.
        base, head = (LoadedSide(self._bench, side, counts=False) for side in ("base", "head"))
        found: list[list[ProfiledPair]] = [[] for _ in self._subjects]
        # Where iterations begin by a rate, they do so at once.
        spread = 0.0 if isinstance(scenario.profile, OpenProfile) else self._length.spread
        self._recorded = int(self._length.seconds + spread)
        count = int(seconds / (2 * (self._length.seconds + spread)))
        with closing(self._bench.runner.pairs_beside(scenario, (base, head), parts, count, self._record)) as pairs:
            for pair in pairs:
                profiled = self._profiled(pair.base), self._profiled(pair.head)
                for each, *both in zip(found, *profiled, strict=True):
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
                stack.enter_context(subject.profiler.record(self._pids(target.side, subject), self._recorded))
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
