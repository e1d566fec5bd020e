"""Warm-up, rounds and pairs: one scenario at a time, on one target or on two."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Protocol

from perfgate.load.engine import Engine
from perfgate.load.pacer import Slice, slices
from perfgate.load.phase import Phase
from perfgate.metrics.run import Environment, GeneratorRecord, Round, pair_count
from perfgate.metrics.tally_statistics import read
from perfgate.scenario import AnyScenario

# A round must hold several iterations of each VU, or where it cuts them decides what is seen.
_ITERATIONS_A_ROUND = 5
_LONGEST_ROUND = 30.0

# An instance costs a start and a warm-up, and a few pairs on it say little of it.
_PAIRS_AN_INSTANCE = 12


class Usage(Protocol):
    """What a service has used so far.

    cpu_seconds: since its start.
    memory_bytes: peak.
    """

    @property
    def cpu_seconds(self) -> float: ...

    @property
    def memory_bytes(self) -> int: ...


class LoadWatch(Protocol):
    """A watch over the machine's CPUs during one round."""

    def start(self) -> None:
        """The round begins."""

    def stop(self, generator: GeneratorRecord, service_cpu: float | None) -> Environment | None:
        """The round has ended: who used the CPUs, None where that cannot be told. service_cpu: seconds, if known."""


class Target(Protocol):
    """One side of a measurement, and the service that stands there.

    side: "base" or "head"; "" for a run of one target.
    url: of the instance that runs now.
    can_renew: whether another instance of the service can take its place.
    """

    @property
    def side(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def can_renew(self) -> bool: ...

    def usage(self) -> Usage | None:
        """What the service has used; None where that cannot be had."""

    def trouble(self) -> str:
        """What is wrong with the service after a round; "" if nothing."""

    def watch(self) -> LoadWatch:
        """A watch for the next round."""

    def prepare(self) -> None:
        """Get the service ready for a round or a warm-up; nothing of it is measured."""

    def renew(self) -> None:
        """Put another instance of the service in the place of this one."""


@dataclass(frozen=True)
class Pair:
    """One round on base and one on head, next to each other."""

    base: Round
    head: Round


@dataclass(frozen=True)
class Timing:
    """Lengths of rounds and warm-ups, and the number of instances.

    round: length of a round (s).
    warm_up: length of the warm-up on each target (s).
    instances: instances of each target that share the pairs of a duet, one after the other.
    """

    round: float
    warm_up: float
    instances: int = 1


class Runner:
    """Plays scenarios on targets through an engine.

    announce: called with the phase, the number of the round and how many there are.
    round_seconds: length of the rounds of the scenario that is being played.
    """

    def __init__(self, engine: Engine, timing: Timing, seed: int, announce: Callable[[Phase, int, int], None]) -> None:
        self._engine = engine
        self._timing = timing
        self._seed = seed
        self._announce = announce
        self.round_seconds = timing.round

    def run(self, scenario: AnyScenario, target: Target) -> Generator[Round, None, None]:
        """The whole profile on one target, round after round."""
        with _Opened(self._engine, scenario, (target,)):
            parts = self._parts(scenario, self._warm_up(scenario, (target,)))
            for number, part in enumerate(parts):
                self._announce(Phase.MEASURING, number, len(parts))
                yield self._round(scenario, target, part, number)

    def duet(self, scenario: AnyScenario, base: Target, head: Target, budget: float) -> Generator[Pair, None, None]:
        """Pairs in random order until `budget` seconds of load are spent, or the caller has seen enough.

        The slices of the profile take turns, so that each pair has the same load on both sides. So do the instances of
        the targets, each for its share of the pairs.
        """
        targets = base, head
        chance = random.Random(f"{self._seed}/{scenario.name}/order")
        with _Opened(self._engine, scenario, targets):
            parts = self._parts(scenario, self._warm_up(scenario, targets))
            count = pair_count(budget, parts[0].length)
            first, *others = _shares(count, self._timing.instances if base.can_renew or head.can_renew else 1)
            duet = _Duet(scenario, base, head, parts, count, chance)
            yield from self._pairs(duet, first)
        for numbers in others:
            self._announce(Phase.RENEWAL, numbers.start, count)
            for target in targets:
                if target.can_renew:
                    target.renew()
            with _Opened(self._engine, scenario, targets):
                self._warm_up(scenario, targets)
                yield from self._pairs(duet, numbers)

    def _pairs(self, duet: _Duet, numbers: range) -> Generator[Pair, None, None]:
        """The pairs of these numbers, on the instances that run now."""
        for number in numbers:
            self._announce(Phase.MEASURING, number, duet.count)
            order = [duet.base, duet.head] if duet.chance.random() < 0.5 else [duet.head, duet.base]
            part = duet.parts[number % len(duet.parts)]
            played = {target.side: self._round(duet.scenario, target, part, number) for target in order}
            yield Pair(played[duet.base.side], played[duet.head.side])

    def _parts(self, scenario: AnyScenario, iteration: float) -> tuple[Slice, ...]:
        """The profile, cut into rounds of a length that suits iterations of `iteration` seconds."""
        parts = slices(scenario.profile, self._fitting_round(scenario, iteration))
        self.round_seconds = parts[0].length
        return parts

    def _warm_up(self, scenario: AnyScenario, targets: tuple[Target, ...]) -> float:
        """Load each target unmeasured; the median duration of an iteration in seconds (0: none ended)."""
        longest = 0.0
        first = slices(scenario.profile, self._timing.round)[0]
        for number, target in enumerate(targets):
            self._announce(Phase.WARM_UP, number, len(targets))
            target.prepare()
            part = _stretched(first, self._timing.warm_up)
            played = self._engine.play(scenario, target.side, part, Phase.WARM_UP, number)
            longest = max(longest, (read(played.tally, "iteration_duration", "med") or 0.0) / 1000)
        return longest

    def _fitting_round(self, scenario: AnyScenario, iteration: float) -> float:
        """The length of a round: as asked for, or longer where iterations are long."""
        wanted = max(self._timing.round, min(_LONGEST_ROUND, _ITERATIONS_A_ROUND * iteration))
        return float(min(wanted, scenario.profile.duration))

    def _round(self, scenario: AnyScenario, target: Target, part: Slice, number: int) -> Round:
        target.prepare()
        watch = target.watch()
        watch.start()
        before = target.usage()
        started_at = time.time()
        played = self._engine.play(scenario, target.side, part, Phase.MEASURING, number)
        after = target.usage()
        tally = played.tally
        if before is not None and after is not None:
            tally.service_cpu_seconds = max(0.0, after.cpu_seconds - before.cpu_seconds)
            tally.service_memory_bytes = after.memory_bytes
        environment = watch.stop(played.generator, tally.service_cpu_seconds)
        problems = played.problems
        trouble = target.trouble()
        if trouble:
            problems += (trouble,)
        return Round(
            scenario=scenario.name,
            side=target.side,
            pair=number,
            started_at=started_at,
            tally=tally,
            generator=played.generator,
            warnings=played.warnings,
            problems=problems,
            environment=environment,
        )


@dataclass(frozen=True)
class _Duet:
    """What all pairs of a duet have in common.

    parts: slices of the profile, which take turns.
    count: of pairs.
    chance: decides the order within each pair.
    """

    scenario: AnyScenario
    base: Target
    head: Target
    parts: tuple[Slice, ...]
    count: int
    chance: random.Random


def _shares(count: int, instances: int) -> list[range]:
    """The numbers of the pairs that each instance plays; fewer instances where their shares would be too small."""
    shares = max(1, min(instances, count // _PAIRS_AN_INSTANCE))
    return [range(count * share // shares, count * (share + 1) // shares) for share in range(shares)]


def _stretched(part: Slice, seconds: float) -> Slice:
    """The slice of a warm-up of so many seconds; one that counts iterations stays as it is."""
    if part.iterations is not None:
        return part
    return replace(part, length=seconds)


class _Opened:
    """Setup of the scenario on every target before, teardown after. An interruption does not wait for the teardown."""

    def __init__(self, engine: Engine, scenario: AnyScenario, targets: tuple[Target, ...]) -> None:
        self._engine = engine
        self._scenario = scenario
        self._targets = targets

    def __enter__(self) -> None:
        for target in self._targets:
            self._engine.open(self._scenario, target.side, target.url)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and not issubclass(kind, (Exception, GeneratorExit)):
            return
        for target in self._targets:
            self._engine.close(self._scenario, target.side)
