"""Neighbours by name: which process that belongs to nobody used more CPU beside head than beside base.

It may be a neighbour, or a part of the service that was not found. No number tells which, and so it decides nothing; a
reader knows at first sight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from perfgate.metrics.run import Round, ScenarioRun
from perfgate.units import format_short

# What it used more must be so much of one CPU, and so much of what it used beside head.
_LEAST_SHARE = 0.02
_LEAST_GROWTH = 0.25
# Standard errors beyond which it is more than chance.
_BEYOND_CHANCE = 3

HINT = "if it does, name it under [[dependencies]] in perfgate.toml"


@dataclass(frozen=True)
class Neighbour:
    """A process that is not known to belong to the service.

    name: of its program.
    more: CPU time that it used more on head (ms per request).
    """

    name: str
    more: float

    def __str__(self) -> str:
        more = f"{format_short(self.more)} ms a request more on head"
        return f"{self.name} (not known to belong to the service) took {more}"


def grown_neighbour(base: ScenarioRun, head: ScenarioRun) -> Neighbour | None:
    """The neighbour that used the most more on head, over all pairs, valid or not; None where that is little."""
    on_head = {round_.pair: round_ for round_ in head.rounds if round_.environment is not None}
    pairs = [
        (round_, on_head[round_.pair])
        for round_ in base.rounds
        if round_.environment is not None and round_.pair in on_head
    ]
    names = {name for _, round_ in pairs for name in _neighbours(round_)}
    grown = [one for name in sorted(names) if (one := _grown(name, pairs)) is not None]
    return max(grown, key=lambda one: one.more, default=None)


def _grown(name: str, pairs: Sequence[tuple[Round, Round]]) -> Neighbour | None:
    shares = [(_share(name, base), _share(name, head)) for base, head in pairs]
    more = [on_head - on_base for on_base, on_head in shares]
    if len(more) < 2:
        return None
    chance = _BEYOND_CHANCE * stdev(more) / math.sqrt(len(more))
    if fmean(more) < max(_LEAST_SHARE, chance, _LEAST_GROWTH * fmean(on_head for _, on_head in shares)):
        return None
    a_request = [
        sum(_neighbours(round_).get(name, 0.0) for round_ in rounds)
        / max(1, sum(round_.tally.attempts for round_ in rounds))
        for rounds in zip(*pairs, strict=True)
    ]
    return Neighbour(name, (a_request[1] - a_request[0]) * 1000) if a_request[1] > a_request[0] else None


def _share(name: str, round_: Round) -> float:
    """The share of one CPU that it used."""
    return _neighbours(round_).get(name, 0.0) / max(1e-9, round_.tally.seconds)


def _neighbours(round_: Round) -> dict[str, float]:
    return dict(round_.environment.neighbours) if round_.environment is not None else {}
