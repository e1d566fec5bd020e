"""The warm-up of a duet's instances, or of one target: load that is left out of everything, until the level is steady.

Both sides get the same number of requests, as far as the cap allows: a runtime compiles by what it was asked to do.
What is seen meanwhile also says how the sides can be loaded: at the same time where they leave the CPUs mostly idle,
else in turns. So the load is the busiest of the profile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from perfgate.load.coverage import busiest
from perfgate.load.engine import Engine, SlicePlan
from perfgate.load.pacer import Slice, least_spread
from perfgate.load.phase import Phase
from perfgate.load.side_cpu import SideCpu, cpu_between, read_side_cpu
from perfgate.load.steadiness import fallen, got_faster
from perfgate.load.target import LoadTarget
from perfgate.load.warm_up_timing import STEPS_A_TURN, WarmUpTiming
from perfgate.load.warming_side import WarmingSide
from perfgate.metrics.tally import Tally, merged
from perfgate.scenario import AnyScenario

# Sides that are loaded at the same time may use this share of the CPUs, together: at a third, a request of one side
# finds one of the other side in its way once in six times, and a change of one side shows as at least 5/6 of itself.
_MOSTLY_IDLE = 1 / 3

# The same of one generator process: beyond, it might not keep up with both sides.
_MOST_OF_GENERATOR = 0.5

# Users begin one by one over an iteration, and over no more than this (s).
_LONGEST_SPREAD = 5.0

# The CPU time of a server that both sides use is read in every short turn, so it must not take longer than this (s);
# the best of so many times, since the machine may be busy.
_QUICKLY = 0.02
_READS = 3


@dataclass(frozen=True)
class Warmth:
    """What a warm-up has seen.

    iteration: the median duration of the newer iterations, of the slower side (s); 0 where none ended.
    overhang: how long an iteration still takes on average from a moment that falls into it, of the slower side (s).
    at_once: whether both sides can be loaded at the same time.
    can_share: whether the load of one can go to both sides in short turns.
    busy: the share of the service's CPUs that the load of all sides together keeps busy.
    unsteady: the sides whose level still fell when the warm-up had to end.
    fallen: how far the level of a side fell meanwhile, the most of both (a log ratio).
    got_faster: whether a side got faster meanwhile.
    tallies: what was counted, by side.
    """

    iteration: float
    overhang: float
    at_once: bool
    can_share: bool
    busy: float
    unsteady: tuple[str, ...]
    fallen: float
    got_faster: bool
    tallies: dict[str, Tally]

    @property
    def spread(self) -> float:
        """The time over which users should begin (s)."""
        vus = max((tally.vus_max for tally in self.tallies.values()), default=0)
        return max(min(self.iteration, _LONGEST_SPREAD), least_spread(vus))


class WarmUp:
    """Warms the targets of one scenario up. announce: told which side is loaded, from 0, of how many."""

    def __init__(
        self,
        engine: Engine,
        scenario: AnyScenario,
        timing: WarmUpTiming,
        announce: Callable[[Phase, int, int], None],
    ) -> None:
        self._engine = engine
        self._scenario = scenario
        self._timing = timing
        self._announce = announce
        self._first = busiest(scenario.profile, timing.least)
        self._step = timing.step
        self._least_spread = least_spread(scenario.profile.vus_max)
        self._turns = 0

    def play(self, targets: tuple[LoadTarget, ...], watched: bool = True) -> Warmth:
        """Load all targets until they are steady, or for as long as they may take.

        watched: whether to look at their level at all; else each has the least load.
        """
        sides = [WarmingSide(target, target.times_throttled()) for target in targets]
        for place, side in enumerate(sides):
            self._announce(Phase.WARM_UP, place, len(sides))
            self._turn(side)
        cpus = min(side.target.cpus for side in sides) or 1
        busy = sum(side.busy(cpus) for side in sides)
        at_once = busy <= _MOSTLY_IDLE and self._may_be_at_once(sides)
        if watched and self._has_steps:
            until_steady = self._until_steady_at_once if at_once else self._until_steady_in_turns
            until_steady(sides)
        can_share = self._can_share(sides)
        unsteady = [side for side in sides if watched and side.seconds >= self._timing.most and side.still_falls]
        return Warmth(
            _slowest(sides),
            max(side.overhang for side in sides),
            at_once,
            can_share,
            busy,
            tuple(side.target.side for side in unsteady),
            max(fallen(side.levels) for side in sides),
            bool(unsteady) or any(got_faster(side.levels) for side in sides),
            {side.target.side: merged(side.tallies) for side in sides},
        )

    @property
    def _has_steps(self) -> bool:
        """Whether the load is seen in steps, of which each shows a level."""
        return self._engine.can_slice(self._scenario) and not self._first.iterations

    def _until_steady_at_once(self, sides: Sequence[WarmingSide]) -> None:
        for side in sides:
            side.forget_levels()  # one side alone is another level
        self._steps(sides, self._timing.most, max(self._least_spread, min(_slowest(sides), _LONGEST_SPREAD)))

    def _until_steady_in_turns(self, sides: Sequence[WarmingSide]) -> None:
        while loud := [side for side in sides if not side.is_steady and side.seconds < self._timing.most]:
            if self._is_in_vain(sides) or not all(side.shows_levels for side in sides):
                return
            behind = min(sides, key=lambda side: side.requests)
            side = behind if behind.seconds < self._timing.most else loud[0]
            self._announce(Phase.WARM_UP, sides.index(side), len(sides))
            self._turn(side)

    def _is_in_vain(self, sides: Sequence[WarmingSide]) -> bool:
        """Whether one of them ended, or never answers."""
        silent = any(side.seconds >= self._timing.silent and not side.requests for side in sides)
        return silent or any(side.target.trouble() for side in sides)

    def _turn(self, side: WarmingSide) -> None:
        """Load one side for a few steps; as one step where they cannot be told apart.

        A service that wears out is set back before each turn, as before each round.
        """
        if side.target.resets or not side.tallies:
            side.target.prepare()
        if self._has_steps:
            seconds = max(STEPS_A_TURN * self._step, self._timing.least - side.seconds)
            self._steps([side], seconds, self._least_spread)
        else:
            part = self._first if self._first.iterations else replace(self._first, length=self._timing.least)
            before = read_side_cpu(side.target)
            played = self._engine.play(self._scenario, side.target.side, part, Phase.WARM_UP, self._turns)
            side.add(played, cpu_between(before, read_side_cpu(side.target)), self._turns)
        self._turns += 1

    def _steps(self, sides: Sequence[WarmingSide], seconds: float, spread: float) -> None:
        """Load these sides in steps, both at once where there are two, at most until they become steady."""
        count = max(1, round(seconds / self._step))
        waited_for = not all(side.is_steady for side in sides)
        usages: list[list[SideCpu]] = []
        targets = [side.target for side in sides]

        def boundary(_: float) -> None:
            usages.append([read_side_cpu(target) for target in targets])

        seconds = count * self._step
        start = max(0.0, min(self._first.start, self._scenario.profile.duration - seconds))
        part = Slice(start, seconds, None, spread)
        plan = SlicePlan(part, count, Phase.WARM_UP, self._turns, boundary)
        results = self._engine.play_slices(self._scenario, tuple(target.side for target in targets), plan)
        try:
            for number, result in enumerate(results):
                # Without turns each step stands alone.
                turn = (self._turns if len(sides) == 1 else number) if number else None
                for place, side in enumerate(sides):
                    side.add(result[side.target.side], _between(usages, number, place), turn)
                if self._is_in_vain(sides):
                    return
                if waited_for and all(side.is_steady for side in sides):
                    return
        finally:
            results.close()

    def _can_share(self, sides: Sequence[WarmingSide]) -> bool:
        """Whether the load of one can go to both sides in short turns."""
        if not (self._engine.can_share(self._scenario) and _need_nothing_between(sides) and _can_be_told_apart(sides)):
            return False
        sides[0].target.look()
        return not sides[0].target.shared_servers() or _are_quickly_read([side.target for side in sides])

    def _may_be_at_once(self, sides: Sequence[WarmingSide]) -> bool:
        """Whether the two sides, and the engine, can be loaded at the same time at all, and have time to spare."""
        if sum(fmean(side.generator) for side in sides) > _MOST_OF_GENERATOR or any(side.hurries for side in sides):
            return False
        if not (self._engine.can_slice(self._scenario) and _need_nothing_between(sides)):
            return False
        sides[0].target.look()
        return not sides[0].target.shared_servers()


def _need_nothing_between(sides: Sequence[WarmingSide]) -> bool:
    """Whether these are two services that have nothing done to them, nor are asked anything, between rounds."""
    if len(sides) < 2:
        return False
    first, second = (side.target for side in sides)
    busy_between = any(one.resets or one.has_counters for one in (first, second))
    return first.url != second.url and first.stands_alone() and not busy_between


def _can_be_told_apart(sides: Sequence[WarmingSide]) -> bool:
    """Whether sides that share a load show what each does with it: iterations that end, and CPU time of its own.

    What a service puts off until the other's turn shows in its CPU alone.
    """
    if any(side.was_throttled() for side in sides):
        return False  # a quota is handed out as often as short turns change, and what one side leaves is no one's
    return all(side.iteration > 0 and all(used.cpu.total is not None for used in side.used) for side in sides)


def _are_quickly_read(targets: Sequence[LoadTarget]) -> bool:
    """Whether what dependencies have used is read in little of a turn. An engine on another machine takes a second."""
    took = []
    for _ in range(_READS):
        began = time.monotonic()
        for target in targets:
            target.dependency_usage()
        took.append(time.monotonic() - began)
    return min(took) <= _QUICKLY


def _slowest(sides: Sequence[WarmingSide]) -> float:
    """The median duration of the newer iterations, of the slower side (s)."""
    return max(side.iteration for side in sides)


def _between(usages: Sequence[Sequence[SideCpu]], number: int, place: int) -> SideCpu:
    if number + 1 >= len(usages):
        return SideCpu(None, {})
    return cpu_between(usages[number][place], usages[number + 1][place])
