"""Duets that `tests.bench.record_pairs` has recorded, read back, and drawn again as the two sides of a duet."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfgate.history.histogram_codec import unpack
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.run import Round, ScenarioRun
from perfgate.metrics.tally import RequestTally, Tally
from tests.support.recorded_duets import GENERATOR

TallyPair = tuple[Tally, Tally]

# Longer than most of the correlation between pairs, and never so long that only a few blocks differ.
_LONGEST_BLOCK = 10
_LEAST_BLOCKS = 6


@dataclass(frozen=True)
class RecordedDuet:
    """The valid pairs of one duet.

    name: of its case.
    load: the scenario's name.
    executor: of its load profile.
    at_once: whether both sides were loaded at the same time.
    round_seconds: mean length of a round (s).
    pairs: what was counted on base and head.
    """

    name: str
    load: str
    executor: str
    at_once: bool
    round_seconds: float
    pairs: tuple[TallyPair, ...]

    @property
    def pair_seconds(self) -> float:
        """Of the budget that one pair takes."""
        return self.round_seconds * (1 if self.at_once else 2)

    def pairs_of(self, budget: float) -> int:
        """How many pairs a budget of load pays for. Rounds may be some milliseconds longer than planned."""
        return max(1, round(budget / self.pair_seconds))


def read_recorded(path: Path) -> dict[str, RecordedDuet]:
    """The duets of a file, by the names of their cases."""
    return {name: _duet(name, plain) for name, plain in json.loads(path.read_text())["duets"].items()}


def _duet(name: str, plain: dict[str, Any]) -> RecordedDuet:
    pairs = tuple((_tally(pair["tallies"]["base"]), _tally(pair["tallies"]["head"])) for pair in plain["pairs"])
    return RecordedDuet(name, plain["load"], plain["executor"], plain["at_once"], plain["round_seconds"], pairs)


def _tally(plain: dict[str, Any]) -> Tally:
    rest = {name: value for name, value in plain.items() if name not in ("iterations", "requests")}
    requests = {
        name: RequestTally(_histogram(one["ok"]), _histogram(one["failed"]), retries=one["retries"])
        for name, one in plain["requests"].items()
    }
    return Tally(**rest, iterations=_histogram(plain["iterations"]), requests=requests)


def _histogram(packed: str | None) -> Histogram:
    return Histogram() if packed is None else unpack(base64.b64decode(packed))


def places_drawn(recorded: int, count: int, lots: random.Random) -> list[int]:
    """`count` places in blocks from anywhere (the circular block bootstrap of Politis & Romano 1992)."""
    block = max(1, min(_LONGEST_BLOCK, recorded // _LEAST_BLOCKS))
    chosen: list[int] = []
    while len(chosen) < count:
        start = lots.randrange(recorded)
        chosen += [(start + step) % recorded for step in range(block)]
    return chosen[:count]


def sides_of(duet: RecordedDuet, pairs: Sequence[TallyPair], instances: int = 2) -> tuple[ScenarioRun, ScenarioRun]:
    """Pairs as the two sides of a duet, whose instances share them."""

    def side(name: str, place: int) -> ScenarioRun:
        rounds = [
            Round(
                scenario=duet.load,
                side=name,
                pair=number,
                started_at=float(number),
                tally=both[place],
                generator=GENERATOR,
                warnings=(),
                problems=(),
                instance=number * instances // len(pairs),
            )
            for number, both in enumerate(pairs)
        ]
        return ScenarioRun(duet.load, "hash", duet.executor, tuple(rounds))

    return side("base", 0), side("head", 1)
