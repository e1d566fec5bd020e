"""What `locust` means for a scenario: a locustfile is Locust's own to play, scenarios of ours go to other machines."""

from __future__ import annotations

from collections.abc import Callable

from perfgate.load.engine import Engine, Played
from perfgate.load.locustfile.engine import LocustfileEngine
from perfgate.load.pacer import Slice
from perfgate.scenario import AnyScenario, Script


class LocustEngine:
    """Both in one. new_machines: makes the engine for other machines; called when a scenario first asks for it."""

    name = "locust"

    def __init__(self, new_machines: Callable[[], Engine]) -> None:
        self._new_machines = new_machines
        self._machines: Engine | None = None
        self._locustfiles = LocustfileEngine()

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        self._of(scenario).open(scenario, side, url)

    def play(self, scenario: AnyScenario, side: str, part: Slice, pair: int) -> Played:
        return self._of(scenario).play(scenario, side, part, pair)

    def close(self, scenario: AnyScenario, side: str) -> None:
        self._of(scenario).close(scenario, side)

    def stop(self) -> None:
        self._locustfiles.stop()
        if self._machines is not None:
            self._machines.stop()

    def _of(self, scenario: AnyScenario) -> Engine:
        if isinstance(scenario, Script):
            return self._locustfiles
        if self._machines is None:
            self._machines = self._new_machines()
        return self._machines
