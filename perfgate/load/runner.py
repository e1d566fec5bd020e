"""Warm-up, rounds and pairs: one scenario at a time, on one target or on two."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Protocol

from perfgate.load.generator.engine import Engine
from perfgate.load.pacer import Slice, slices
from perfgate.metrics.run import Environment, GeneratorRecord, Round, pair_count
from perfgate.metrics.tally import read
from perfgate.scenario import AnyScenario

# A round must hold several iterations of each VU, or where it cuts them decides what is seen.
_ITERATIONS_A_ROUND = 5
_LONGEST_ROUND = 30.0

# An instance costs a start and a warm-up, and a few pairs on it say little of it.
_PAIRS_AN_INSTANCE = 12


class Usage(Protocol):
    """What a service has used so far: CPU seconds since its start, and peak bytes of memory."""

    @property
    def cpu_seconds(self) -> float: ...

    @property
    def memory_bytes(self) -> int: ...


Watch = Callable[[], Callable[[GeneratorRecord, float | None], Environment | None]]
"""Called when a round begins. What it returns is called when it has ended, with the CPU seconds of the service."""


def unwatched() -> Callable[[GeneratorRecord, float | None], Environment | None]:
    """The watch of who does not look at the machine."""
    return lambda generator, service_cpu: None


@dataclass(frozen=True)
class Target:
    """One side of a measurement. usage: reads what the service has used, None where that cannot be had.

    trouble: what is wrong with the service ("" if nothing), asked after every round. watch: what else took the CPUs.
    prepare: called before every round and the warm-up; what it does is in no measurement. renew: puts another instance
    of the service in the place of this one, and returns its URL; None where that cannot be done.
    """

    side: str
    url: str
    usage: Callable[[], Usage | None]
    trouble: Callable[[], str]
    watch: Watch = unwatched
    prepare: Callable[[], None] = lambda: None
    renew: Callable[[], str] | None = None

    def renewed(self) -> Target:
        """The target with another instance of its service, where it can have one."""
        return self if self.renew is None else replace(self, url=self.renew())


@dataclass(frozen=True)
class Pair:
    """One round on base and one on head, next to each other."""

    base: Round
    head: Round


@dataclass(frozen=True)
class Timing:
    """Seconds of a round, and of the warm-up on each target, which is left out of everything.

    instances: of each target that share the pairs of a duet, one after the other.
    """

    round: float
    warm_up: float
    instances: int = 1


class Runner:
    """Plays scenarios on targets through an engine. `announce` is told what begins: phase, round number, rounds.

    round_seconds: the length of a round of the scenario that is being played.
    """

    def __init__(self, engine: Engine, timing: Timing, seed: int, announce: Callable[[str, int, int], None]) -> None:
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
                self._announce("measuring", number, len(parts))
                yield self._round(scenario, target, part, number)

    def duet(self, scenario: AnyScenario, base: Target, head: Target, budget: float) -> Generator[Pair, None, None]:
        """Pairs in random order until `budget` seconds of load are spent, or the caller has seen enough.

        The slices of the profile take turns, so that each pair has the same load on both sides. So do the instances of
        the targets, each for its share of the pairs.
        """
        chance = random.Random(f"{self._seed}/{scenario.name}/order")
        instances = self._timing.instances if base.renew or head.renew else 1
        parts: tuple[Slice, ...] = ()
        done, count = 0, 1
        while done < count:
            if done:
                self._announce("starting anew", done, count)
                base, head = base.renewed(), head.renewed()
            with _Opened(self._engine, scenario, (base, head)):
                iteration = self._warm_up(scenario, (base, head))
                parts = parts or self._parts(scenario, iteration)
                count = pair_count(budget, parts[0].length)
                for number in range(done, _end_of_share(done, count, instances)):
                    self._announce("measuring", number, count)
                    order = [base, head] if chance.random() < 0.5 else [head, base]
                    part = parts[number % len(parts)]
                    played = {target.side: self._round(scenario, target, part, number) for target in order}
                    done += 1
                    yield Pair(played[base.side], played[head.side])

    def _parts(self, scenario: AnyScenario, iteration: float) -> tuple[Slice, ...]:
        """The profile, cut into rounds of the length that suits iterations of so many seconds."""
        parts = slices(scenario.profile, self._fitting_round(scenario, iteration))
        self.round_seconds = parts[0].length
        return parts

    def _warm_up(self, scenario: AnyScenario, targets: tuple[Target, ...]) -> float:
        """Load each target unmeasured; the median duration of an iteration in seconds (0: none ended)."""
        longest = 0.0
        first = slices(scenario.profile, self._timing.round)[0]
        for number, target in enumerate(targets):
            self._announce("warming up", number, len(targets))
            target.prepare()
            played = self._engine.play(scenario, target.side, _stretched(first, self._timing.warm_up), -1 - number)
            longest = max(longest, (read(played.tally, "iteration_duration", "med") or 0.0) / 1000)
        return longest

    def _fitting_round(self, scenario: AnyScenario, iteration: float) -> float:
        """The length of a round: as asked for, or longer where iterations are long."""
        wanted = max(self._timing.round, min(_LONGEST_ROUND, _ITERATIONS_A_ROUND * iteration))
        return float(min(wanted, scenario.profile.duration))

    def _round(self, scenario: AnyScenario, target: Target, part: Slice, number: int) -> Round:
        target.prepare()
        ended = target.watch()
        before = target.usage()
        started_at = time.time()
        played = self._engine.play(scenario, target.side, part, number)
        after = target.usage()
        tally = played.tally
        if before is not None and after is not None:
            tally.service_cpu_seconds = max(0.0, after.cpu_seconds - before.cpu_seconds)
            tally.service_memory_bytes = after.memory_bytes
        environment = ended(played.generator, tally.service_cpu_seconds)
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


def _end_of_share(done: int, count: int, instances: int) -> int:
    """How many of `count` pairs are done once the instances that are loaded after `done` have had their share."""
    shares = max(1, min(instances, count // _PAIRS_AN_INSTANCE))
    return min(end for share in range(shares) if (end := count * (share + 1) // shares) > done)


def _stretched(part: Slice, seconds: float) -> Slice:
    """The slice for a warm-up: as many seconds, or as many iterations, as the warm-up is to have."""
    if part.iterations is not None:
        return part
    return replace(part, length=seconds)


class _Opened:
    """The scenario's setup on every target before, its teardown after; stopping wins over cleaning up."""

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
