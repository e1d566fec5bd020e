"""A line of commits whose levels are known, with duets that err as real ones do: an oracle for searches."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence

from perfgate.bisecting.reading import Trial
from perfgate.bisecting.search import ends_are_clear
from tests.support.paths import ROOT

_RECORDED = json.loads((ROOT / "tests/compare/data/recorded_pairs.json").read_text())

# Pairs of rounds of 0.5 s each.
PAIR_SECONDS = 1.0


def recorded_noise(load: str, figure: str) -> list[float]:
    """The logs of head/base of recorded pairs in which nothing differed, in their order."""
    column = _RECORDED["figures"].index(figure)
    return [math.log(head[column] / base[column]) for base, head in _RECORDED[load]["pairs"]]


class SimulatedLine:
    """An Oracle.

    steps: what each commit changes, as a fraction.
    broken: the places that cannot be measured.
    noise: of pairs, in their order.
    instance_noise: the standard deviation between instances of one program.
    duet_seconds: the most load of one duet.
    """

    def __init__(
        self,
        steps: Sequence[float],
        lots: random.Random,
        noise: Sequence[float],
        broken: frozenset[int] = frozenset(),
        instance_noise: float = 0.007,
        duet_seconds: float = 60.0,
    ) -> None:
        self._levels = [0.0]
        for step in steps:
            self._levels.append(self._levels[-1] + math.log1p(step))
        self._lots = lots
        self._noise = noise
        self._broken = broken
        self._instance_noise = instance_noise
        self._most_pairs = int(duet_seconds / PAIR_SECONDS)
        self.trials: list[Trial] = []
        self.untested: frozenset[int] = frozenset()
        self.load = 0.0
        self._measure((0, len(steps)), lambda trial: ends_are_clear(trial, instance_noise))

    @property
    def duets(self) -> float:
        """The load so far, in whole duets."""
        return self.load / PAIR_SECONDS / self._most_pairs

    @property
    def spent(self) -> bool:
        return self.duets > 8 or len(self.trials) > 100

    def duet(self, pair: tuple[int, int], is_over: Callable[[Trial], bool]) -> None:
        for place in pair:
            if place in self._broken:
                self.untested |= {place}
                return
        self._measure(pair, is_over)

    def _measure(self, pair: tuple[int, int], is_over: Callable[[Trial], bool]) -> None:
        base, head = pair
        of_instances = self._lots.gauss(0, self._instance_noise) - self._lots.gauss(0, self._instance_noise)
        apart = self._levels[head] - self._levels[base] + of_instances
        start, changes = self._lots.randrange(len(self._noise)), []
        while len(changes) < self._most_pairs:
            changes.append(apart + self._noise[(start + len(changes)) % len(self._noise)])
            trial = Trial(base, head, tuple(changes), 1)
            if is_over(trial):
                break
        self.load += len(changes) * PAIR_SECONDS
        self.trials.append(trial)
