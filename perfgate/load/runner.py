"""Warm-up, rounds and pairs: one scenario at a time, on one target or on two.

Base and head take turns in random order ("randomized multiple interleaved trials", Abedi & Brecht 2017), several times
a round where users can be shared, or are loaded at the same time where both together leave the CPUs mostly idle (a
"duet", Bulej et al. 2020): then a slice of time is a pair.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace

from perfgate.errors import NoVerdictError, UsageError
from perfgate.load.coverage import Block, place_of
from perfgate.load.duet_plan import DuetLoad, length_of_round, plan_duet, shares
from perfgate.load.engine import Engine
from perfgate.load.pacer import ShortTurns, Slice, slices
from perfgate.load.phase import Phase
from perfgate.load.rounds import Rounds, SlicedLoad
from perfgate.load.target import LoadTarget
from perfgate.load.warm_up import Warmth, WarmUp
from perfgate.load.warm_up_timing import WarmUpTiming
from perfgate.metrics.run import Round
from perfgate.scenario import AnyScenario

# A longer load is one "until stopped" (s).
LONGEST_RUN = 86_400.0

# A generator that died is started again for the pairs that are left; so often in a row in vain, and no more.
_MOST_STARTS_IN_VAIN = 3


@dataclass(frozen=True)
class Pair:
    """One round on base and one on head: next to each other, turn by turn, or at the same time."""

    base: Round
    head: Round


@dataclass(frozen=True)
class Timing:
    """Lengths of rounds and warm-ups, and the number of instances.

    round: length of a round (s).
    warm_up: of each target.
    instances: instances of each target that share the pairs of a duet, one after the other.
    """

    round: float
    warm_up: WarmUpTiming
    instances: int = 1


Beside = Callable[[LoadTarget], AbstractContextManager[None]]
"""What goes on beside a round on a target."""


def _nothing(_: LoadTarget) -> AbstractContextManager[None]:
    return nullcontext()


class Runner:
    """Plays scenarios on targets through an engine.

    announce: called with the phase, the number of the round and how many there are.
    load: of the duet that is being played.
    warmths: what the warm-ups of the scenario that is being played have seen, one for each instance.
    teardowns: the errors of teardowns that failed: they come after what was measured, which counts.
    """

    def __init__(self, engine: Engine, timing: Timing, seed: int, announce: Callable[[Phase, int, int], None]) -> None:
        self._engine = engine
        self._timing = timing
        self._seed = seed
        self._announce = announce
        self.load = DuetLoad((), 1, 2 * timing.round, False, 0.0, False)
        self.warmths: list[Warmth] = []
        self.teardowns: list[NoVerdictError] = []
        self._spreads: dict[str, float] = {}

    def probe(self, scenario: AnyScenario, targets: tuple[LoadTarget, ...]) -> Warmth:
        """What a short warm-up shows of the load. Nothing waits for a steady level."""
        least = self._timing.warm_up.least
        with self._open(scenario, targets):
            return WarmUp(self._engine, scenario, WarmUpTiming(least, least), self._announce).play(targets)

    def run(self, scenario: AnyScenario, target: LoadTarget) -> Generator[Round, None, None]:
        """The whole profile on one target, round after round. UsageError where that would take longer than a day."""
        if scenario.profile.duration > LONGEST_RUN:
            days = scenario.profile.duration / 86_400
            raise UsageError(f"{scenario.name} asks for a load of {days:.0f} days", "say how long with --duration 20s")
        self.warmths = []
        rounds = Rounds(self._engine, scenario)
        with self._open(scenario, (target,)):
            warmth = self._warm_up(scenario, (target,))
            length = length_of_round(scenario.profile, warmth, self._timing.round, None)
            parts = slices(scenario.profile, length)
            for number, part in enumerate(parts):
                self._announce(Phase.MEASURING, number, len(parts))
                yield rounds.play(target, replace(part, spread=warmth.spread), number, 0)

    def duet(
        self,
        scenario: AnyScenario,
        base: LoadTarget,
        head: LoadTarget,
        budget: float,
        planned: Callable[[Warmth, DuetLoad], None] | None = None,
    ) -> Generator[Pair, None, None]:
        """Pairs until `budget` seconds of load are spent, or the caller has seen enough.

        planned: told once, before the first pair, what the warm-up has seen and how the duet will be played.

        A pair has the same slice of the profile on both sides; those of all pairs lie all over it. The instances of the
        targets take turns, each for its share of the pairs.
        """
        targets = base, head
        self.warmths = []
        duet = _Duet(self._engine, scenario, targets, random.Random(f"{self._seed}/{scenario.name}/order"))
        with self._open(scenario, targets):
            warmth = self._warm_up(scenario, targets)
            self.load = plan_duet(scenario.profile, warmth, self._timing.round, budget)
            if planned is not None:
                planned(warmth, self.load)
            instances = self._timing.instances if base.can_renew or head.can_renew else 1
            first, *others = shares(self.load.count, instances)
            yield from self._pairs(duet, first, 0, warmth)
        # A program whose first instances did not get faster is not watched for it again.
        watched = warmth.got_faster
        for instance, numbers in enumerate(others, 1):
            self._announce(Phase.RENEWAL, numbers.start, self.load.count)
            for target in targets:
                if target.can_renew:
                    target.renew()
            with self._open(scenario, targets):
                warmth = self._warm_up(scenario, targets, watched)
                yield from self._pairs(duet, numbers, instance, warmth)

    def _open(self, scenario: AnyScenario, targets: tuple[LoadTarget, ...]) -> _Opened:
        return _Opened(self._engine, scenario, targets, self.teardowns)

    def pairs_beside(
        self,
        scenario: AnyScenario,
        targets: tuple[LoadTarget, LoadTarget],
        parts: Sequence[Slice],
        count: int,
        beside: Beside,
    ) -> Generator[Pair, None, None]:
        """So many more pairs in turns, on the warm instances that run now.

        parts: slices of the profile, of which each pair has one. beside: entered around each round.
        """
        duet = _Duet(self._engine, scenario, targets, random.Random(f"{self._seed}/{scenario.name}/beside"), beside)
        spread = self.spread(scenario)
        with self._open(scenario, targets):
            for number in range(count):
                self._announce(Phase.EXPLAINING, number, count)
                part = replace(parts[place_of(number, len(parts))], spread=spread)
                yield duet.in_whole_rounds(part, number, 0)

    def spread(self, scenario: AnyScenario) -> float:
        """The time over which its users begin before each round, as its latest warm-up says; 0 before any (s)."""
        return self._spreads.get(scenario.name, 0.0)

    def _warm_up(self, scenario: AnyScenario, targets: tuple[LoadTarget, ...], watched: bool = True) -> Warmth:
        warmth = WarmUp(self._engine, scenario, self._timing.warm_up, self._announce).play(targets, watched)
        self.warmths.append(warmth)
        self._spreads[scenario.name] = warmth.spread
        for target in targets:
            target.confirm_counters()
        return warmth

    def _pairs(self, duet: _Duet, numbers: range, instance: int, warmth: Warmth) -> Generator[Pair, None, None]:
        """The pairs of these numbers, on the instances that run now."""
        if not self.load.at_once and not self.load.turn:
            yield from self._whole_rounds(duet, numbers, instance, warmth)
            return
        for block in self.load.blocks(numbers, warmth.iteration):
            left, in_vain = block.numbers, 0
            while left and in_vain < _MOST_STARTS_IN_VAIN:
                started = left.start
                with closing(self._stretch(duet, block, left, instance, warmth)) as pairs:
                    for pair in pairs:
                        left = range(pair.base.pair + 1, left.stop)
                        yield pair
                in_vain = in_vain + 1 if left.start <= started + 1 else 0

    def _whole_rounds(self, duet: _Duet, numbers: range, instance: int, warmth: Warmth) -> Generator[Pair, None, None]:
        load = self.load
        for number in numbers:
            self._announce(Phase.MEASURING, number, load.count)
            part = replace(load.parts[place_of(number, len(load.parts))], spread=warmth.spread)
            yield duet.in_whole_rounds(part, number, instance)

    def _stretch(
        self, duet: _Duet, block: Block, numbers: range, instance: int, warmth: Warmth
    ) -> Generator[Pair, None, None]:
        """Pairs of a block in slices, until its end or that of the generator."""
        load = self.load
        first = load.parts[block.place + numbers.start - block.numbers.start]
        part = Slice(first.start, load.pair_seconds * len(numbers), None, warmth.spread)
        turns = ShortTurns(load.turn, f"{self._seed}/turns/{numbers.start}") if load.turn else None
        with closing(duet.in_slices(SlicedLoad(part, numbers, instance, turns))) as pairs:
            for number in numbers:
                self._announce(Phase.MEASURING, number, load.count)
                pair = next(pairs, None)
                if pair is None:
                    return
                yield pair


class _Duet:
    """The pairs of one scenario on two targets. chance: decides the order within each pair."""

    def __init__(
        self,
        engine: Engine,
        scenario: AnyScenario,
        targets: tuple[LoadTarget, LoadTarget],
        chance: random.Random,
        beside: Beside = _nothing,
    ) -> None:
        self._rounds = Rounds(engine, scenario)
        self._base, self._head = targets
        self._chance = chance
        self._beside = beside

    def in_whole_rounds(self, part: Slice, number: int, instance: int) -> Pair:
        """One pair, its rounds one after the other."""
        order = [self._base, self._head] if self._chance.random() < 0.5 else [self._head, self._base]
        played = {}
        for target in order:
            with self._beside(target):
                played[target.side] = self._rounds.play(target, part, number, instance)
        return Pair(played[self._base.side], played[self._head.side])

    def in_slices(self, load: SlicedLoad) -> Generator[Pair, None, None]:
        """Pairs of which both rounds are the same slice of time, or the turns of either side in it."""
        with closing(self._rounds.play_slices((self._base, self._head), load)) as rounds:
            for base, head in rounds:
                yield Pair(base, head)


class _Opened:
    """Setup of the scenario on every target before, teardown after. An interruption does not wait for the teardown.

    failed: takes the errors of teardowns.
    """

    def __init__(
        self, engine: Engine, scenario: AnyScenario, targets: tuple[LoadTarget, ...], failed: list[NoVerdictError]
    ) -> None:
        self._engine = engine
        self._failed = failed
        self._scenario = scenario
        self._targets = targets

    def __enter__(self) -> None:
        for target in self._targets:
            self._engine.open(self._scenario, target.side, target.url)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and not issubclass(kind, (Exception, GeneratorExit)):
            return
        for target in self._targets:
            try:
                self._engine.close(self._scenario, target.side)
            except NoVerdictError as error:
                self._failed.append(error)
