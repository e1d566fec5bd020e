"""The interface of engines: a round goes in, its measurements come out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Protocol

from perfgate.load.pacer import ShortTurns, Slice
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


@dataclass(frozen=True)
class SlicePlan:
    """Load that is cut into slices.

    part: of the profile, all slices together.
    count: of slices.
    phase: that they belong to.
    number: of the first of them.
    boundary: called when the first slice begins and whenever one ends, with the moment at which it does (monotonic
        seconds), which may be a little ago.
    turns: of two sides that share the load of one; None where each has all of it, all the time.
    """

    part: Slice
    count: int
    phase: Phase
    number: int
    boundary: Callable[[float], None]
    turns: ShortTurns | None = None


SliceResults = Generator[Mapping[str, RoundResult], None, None]
"""The slices in their order, each by side. One may come long after it ended."""


class Engine(Protocol):
    """What makes the load of a round."""

    name: str

    def open(self, scenario: AnyScenario, side: str, url: str) -> None:
        """Get ready to load `url` with `scenario`, setup included. NoVerdictError where that fails."""

    def play(self, scenario: AnyScenario, side: str, part: Slice, phase: Phase, number: int) -> RoundResult:
        """Play one round. A worker that dies makes the round invalid.

        number: of the warm-up or of the pair, from 0; rounds of the same number draw the same random numbers.
        """

    def can_slice(self, scenario: AnyScenario) -> bool:
        """Whether `play_slices` can play the scenario."""

    def can_share(self, scenario: AnyScenario) -> bool:
        """Whether users of the scenario can send to two sides in short turns."""

    def play_slices(self, scenario: AnyScenario, sides: tuple[str, ...], plan: SlicePlan) -> SliceResults:
        """Load one side, or both, for slices of equal length; users live on from slice to slice.

        Closing the results ends the load.
        """

    def close(self, scenario: AnyScenario, side: str) -> None:
        """Clean up after `open`, teardown included."""

    def stop(self) -> None:
        """End everything now."""
