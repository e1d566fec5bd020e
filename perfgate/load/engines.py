"""All engines of a measurement as one: each scenario is played by its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from perfgate.load.engine import Engine, Played
from perfgate.load.pacer import Slice
from perfgate.scenario import AnyScenario


class Engines:
    """An engine itself. makers: by the name of an engine, what makes it; called when a scenario first asks for it."""

    name = "any"

    def __init__(self, makers: Mapping[str, Callable[[], Engine]]) -> None:
        self._makers = makers
        self._made: dict[str, Engine] = {}

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        self._of(scenario).open(scenario, side, url)

    def play(self, scenario: AnyScenario, side: str, part: Slice, pair: int) -> Played:
        return self._of(scenario).play(scenario, side, part, pair)

    def close(self, scenario: AnyScenario, side: str) -> None:
        self._of(scenario).close(scenario, side)

    def stop(self) -> None:
        for engine in self._made.values():
            engine.stop()

    def _of(self, scenario: AnyScenario) -> Engine:
        name = scenario.engine
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]
