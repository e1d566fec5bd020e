"""The interface of engines: a round goes in, its measurements come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.metrics.run import GeneratorRecord
from perfgate.metrics.tally import Tally
from perfgate.scenario import AnyScenario


@dataclass(frozen=True)
class RoundResult:
    """One round as its engine measured it.

    tally: what was counted.
    generator: how the generator itself fared.
    warnings: what a reader should know of the round.
    problems: why the round is invalid; () where it is valid.
    """

    tally: Tally
    generator: GeneratorRecord
    warnings: tuple[str, ...]
    problems: tuple[str, ...]


class Engine(Protocol):
    """What makes the load of a round."""

    name: str

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        """Get ready to load `url` with `scenario`, setup included. NoVerdictError where that fails."""

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        """Play one round. A worker that dies makes the round invalid.

        number: of the warm-up or of the pair, from 0; rounds of the same number draw the same random numbers.
        """

    def close(self, scenario: AnyScenario, side: str) -> None:
        """Clean up after `open`, teardown included."""

    def stop(self) -> None:
        """End everything now."""
