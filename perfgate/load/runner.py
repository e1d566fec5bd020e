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
from perfgate.load.coverage import Block, all_over, in_a_row, place_of, varies
from perfgate.load.engine import Engine
from perfgate.load.pacer import ShortTurns, Slice, slices
from perfgate.load.phase import Phase
from perfgate.load.rounds import Rounds, SlicedLoad
from perfgate.load.target import LoadTarget
from perfgate.load.warm_up import Warmth, WarmUp
from perfgate.load.warm_up_timing import WarmUpTiming
from perfgate.metrics.run import Round, pair_count
from perfgate.scenario import AnyScenario

# A round must hold several iterations of each VU, or where it cuts them decides what is seen.
_ITERATIONS_A_ROUND = 5
_LONGEST_ROUND = 30.0

# A longer load is one "until stopped" (s).
LONGEST_RUN = 86_400.0

# An instance costs a start and a warm-up, and a few pairs on it say little of it.
_PAIRS_AN_INSTANCE = 12

# So many stretches of a profile of stages show all of it; each lets its users begin anew.
_BLOCKS_AN_INSTANCE = 6

# A turn of one side where both share a load (s). The speed of a shared machine comes and goes within a second: what is
# measured closer together differs less by it. Of longer ones there is little to gain.
_TURN = 0.1
_LONGEST_TURN = 0.5
# What is under way when a turn ends goes on beside the other side's, on average for no more than this share of a turn,
# which is longer where that takes longer.
_MOST_OVERHANG = 1 / 12
# A round has so many turns at least, else it is one.
_FEWEST_TURNS = 2

# A generator that died is started again for the pairs that are left; so often in a row in vain, and no more.
_MOST_STARTS_IN_VAIN = 3

# Fewer pairs decide hardly anything; rounds are shortened, down to one iteration, before there are fewer.
_ENOUGH_PAIRS = 24


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


@dataclass(frozen=True)
class DuetLoad:
    """How a duet is played, known once its services are warm.

    parts: slices of the profile, one for each pair, in an order that leads all over it.
    count: of pairs.
    pair_seconds: of the budget that one pair takes.
    at_once: whether both sides are loaded at the same time.
    turn: how long it is one side's turn where both share a load, several times in a round (s); 0 where a round is one.
    varies: whether one part may be another load than the next.
    """

    parts: Sequence[Slice]
    count: int
    pair_seconds: float
    at_once: bool
    turn: float
    varies: bool


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
            parts = slices(scenario.profile, self._round_seconds(scenario, warmth, None))
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
            self.load = self._plan(scenario, warmth, budget)
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
                yield duet.in_turns(part, number, 0)

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

    def _plan(self, scenario: AnyScenario, warmth: Warmth, budget: float) -> DuetLoad:
        seconds = self._timing.round if warmth.at_once else self._round_seconds(scenario, warmth, budget)
        parts = slices(scenario.profile, min(seconds, scenario.profile.duration))
        length = parts[0].length
        pair_seconds = length if warmth.at_once else 2 * length
        turn = _turn(length, warmth.overhang) if warmth.can_share else 0.0
        count = pair_count(budget, pair_seconds)
        return DuetLoad(parts, count, pair_seconds, warmth.at_once, turn, varies(scenario.profile))

    def _round_seconds(self, scenario: AnyScenario, warmth: Warmth, budget: float | None) -> float:
        """The length of a round that stands alone: as asked for, or longer where iterations are long.

        budget: for which there should be enough pairs, even of rounds that hold fewer iterations; None for no duet.
        """
        wanted = max(self._timing.round, min(_LONGEST_ROUND, _ITERATIONS_A_ROUND * warmth.iteration))
        if budget is not None:
            least = max(self._timing.round, min(_LONGEST_ROUND, warmth.iteration))
            wanted = max(least, min(wanted, budget / (2 * _ENOUGH_PAIRS)))
        return float(min(wanted, scenario.profile.duration))

    def _pairs(self, duet: _Duet, numbers: range, instance: int, warmth: Warmth) -> Generator[Pair, None, None]:
        """The pairs of these numbers, on the instances that run now."""
        if not self.load.at_once and not self.load.turn:
            yield from self._whole_rounds(duet, numbers, instance, warmth)
            return
        for block in self._blocks(numbers, warmth):
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
            yield duet.in_turns(part, number, instance)

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

    def _blocks(self, numbers: range, warmth: Warmth) -> list[Block]:
        """The pairs that are played at a stretch. Stretches of stages are short, so that they lie all over them."""
        parts, load = len(self.load.parts), self.load
        if not load.varies:
            return in_a_row(numbers, parts)
        held = len(numbers) * load.pair_seconds / max(1e-9, _ITERATIONS_A_ROUND * warmth.iteration)
        return all_over(numbers, parts, max(1, min(_BLOCKS_AN_INSTANCE, int(held))))


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

    def in_turns(self, part: Slice, number: int, instance: int) -> Pair:
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


def _turn(round_seconds: float, overhang: float) -> float:
    """The length of a turn of which a round has several (s); 0 where what is under way at its end takes too long."""
    least = max(_TURN, overhang / _MOST_OVERHANG)
    turns = int(round_seconds / least + 1e-9)
    return round_seconds / turns if turns >= _FEWEST_TURNS and least <= _LONGEST_TURN else 0.0


def shares(count: int, instances: int) -> list[range]:
    """The numbers of the pairs that each instance plays; fewer instances where their shares would be too small."""
    shares = max(1, min(instances, count // _PAIRS_AN_INSTANCE))
    return [range(count * share // shares, count * (share + 1) // shares) for share in range(shares)]


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
