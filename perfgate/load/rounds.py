"""Rounds of one or both sides: the load itself, and what service and machine did meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from contextlib import nullcontext
from dataclasses import dataclass, replace

from perfgate.load.engine import Engine, RoundResult, SlicePlan
from perfgate.load.pacer import ShortTurns, Slice
from perfgate.load.phase import Phase
from perfgate.load.target import CountersRead, LoadTarget
from perfgate.load.turn_clock import TurnClock
from perfgate.load.usage_reading import UsageReading
from perfgate.metrics.counts import CounterUse
from perfgate.metrics.run import Round
from perfgate.scenario import AnyScenario

_SHARED_LATE = (
    "base and head use one server together, which was found while both were loaded, so nobody knows which side its CPU"
    " is for: name it under [[dependencies]], so that it is known from the beginning"
)


@dataclass(frozen=True)
class SlicedLoad:
    """Slices of a profile to be played one after the other.

    part: of the profile, all slices together.
    numbers: of the pairs, or rounds, that they are.
    instance: which instance of the services is loaded, from 0.
    turns: of two sides that share the load of one; None where each has all of it, all the time.
    """

    part: Slice
    numbers: range
    instance: int
    turns: ShortTurns | None


class Rounds:
    """Plays rounds of one scenario through an engine."""

    def __init__(self, engine: Engine, scenario: AnyScenario) -> None:
        self._engine = engine
        self._scenario = scenario

    def play(self, target: LoadTarget, part: Slice, number: int, instance: int) -> Round:
        """One round on one side."""
        target.prepare()
        # All requests have been answered then, and none is under way: a count belongs to its round.
        before = target.counters() if target.has_counters else None
        reading = UsageReading((target,))
        result = self._engine.play(self._scenario, target.side, part, Phase.MEASURING, number)
        reading.stop()
        played = self._round(target, result, reading, number, instance)
        return played if before is None else _with_counters(played, before, target.counters())

    def play_slices(
        self, targets: tuple[LoadTarget, ...], load: SlicedLoad
    ) -> Generator[tuple[Round, ...], None, None]:
        """Rounds of all targets at the same time, or in short turns, slice after slice."""
        for target in targets:
            target.prepare()
        sides = tuple(target.side for target in targets)
        clock = TurnClock(load.turns, load.part.length, sides) if load.turns else None
        readings: deque[UsageReading] = deque()

        def boundary(moment: float) -> None:
            with clock.held() if clock else nullcontext():
                latest = readings[-1] if readings else None
                if latest:
                    latest.stop()
                readings.append(UsageReading(targets, latest, clock is not None))
                if clock:
                    clock.tell(readings[-1], moment)

        plan = SlicePlan(load.part, len(load.numbers), Phase.MEASURING, load.numbers.start, boundary, load.turns)
        slices = self._engine.play_slices(self._scenario, sides, plan)
        try:
            for number, results in zip(load.numbers, slices, strict=False):
                reading = readings[0] if readings else UsageReading(targets)
                rounds = (
                    self._round(target, results[target.side], reading, number, load.instance) for target in targets
                )
                late = targets[0].shared_servers() - reading.by_turn
                problem = _SHARED_LATE if late else ""
                yield tuple(_with_problem(played, problem) for played in rounds)
                if len(readings) > 1:
                    readings.popleft()  # a profile may have thousands of slices
        finally:
            try:
                slices.close()
            finally:
                if clock:
                    clock.stop()

    def _round(
        self, target: LoadTarget, result: RoundResult, reading: UsageReading, number: int, instance: int
    ) -> Round:
        tally = result.tally
        reading.count_usage(target, tally)
        whose = target.side if reading.in_turns else ""
        environment = reading.watch.environment(result.generator, reading.cpu_seconds(reading.watched), whose)
        problems = result.problems
        problems += tuple(filter(None, (target.trouble(), reading.clock.problem())))
        return Round(
            scenario=self._scenario.name,
            side=target.side,
            pair=number,
            started_at=reading.started_at,
            tally=tally,
            generator=result.generator,
            warnings=result.warnings,
            problems=problems,
            environment=environment,
            instance=instance,
        )


def _with_problem(played: Round, problem: str) -> Round:
    """The round, invalid where there is a problem."""
    return replace(played, problems=(*played.problems, problem)) if problem else played


def _with_counters(played: Round, before: CountersRead, after: CountersRead) -> Round:
    """The round with what counters rose by; invalid where they could not be read."""
    trouble = before.trouble or after.trouble
    if trouble:
        return _with_problem(played, trouble)
    requests = played.tally.attempts
    played.tally.counters = {name: _rise(name, before, after, requests) for name in after.values}
    return played


def _rise(name: str, before: CountersRead, after: CountersRead, requests: int) -> CounterUse:
    """What one counter rose by in so many requests; it is not known where it began anew."""
    now, then = after.values[name], before.values.get(name)
    if now.gauge:
        return CounterUse(1, now.value, True)
    rose = now.value - (then.value if then else 0.0)
    return CounterUse(requests, rose, False) if rose >= 0 else CounterUse(0, 0.0, False)
