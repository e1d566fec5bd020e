"""All engines of a measurement as one engine: each scenario is played by its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from perfgate.load.engine import Engine, RoundResult, SlicePlan, SliceResults
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.scenario import AnyScenario, Scenario, Script

Kind = tuple[str, type[Script] | type[Scenario]]
"""An engine's name and what it plays: Locust plays locustfiles by itself, and our scenarios on other machines."""


class Engines:
    """An Engine of engines.

    makers: make the engine of a kind, when a scenario first asks for it.
    """

    name = "any"

    def __init__(self, makers: Mapping[Kind, Callable[[], Engine]]) -> None:
        self._makers = makers
        self._made: dict[Kind, Engine] = {}

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        self._of(scenario).open(scenario, side, url)

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        return self._of(scenario).play(scenario, side, part, phase, number)

    def can_slice(self, scenario: AnyScenario) -> bool:
        return self._of(scenario).can_slice(scenario)

    def can_share(self, scenario: AnyScenario) -> bool:
        return self._of(scenario).can_share(scenario)

    def play_slices(self, scenario: AnyScenario, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        return self._of(scenario).play_slices(scenario, sides, plan)

    def close(self, scenario: AnyScenario, side: str) -> None:
        self._of(scenario).close(scenario, side)

    def stop(self) -> None:
        for engine in self._made.values():
            engine.stop()

    def _of(self, scenario: AnyScenario) -> Engine:
        kind = scenario.engine, Script if isinstance(scenario, Script) else Scenario
        if kind not in self._made:
            self._made[kind] = self._makers[kind]()
        return self._made[kind]
