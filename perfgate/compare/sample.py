"""From rounds to samples: the values of one metric, one per round."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.metrics.run import Round, ScenarioRun
from perfgate.metrics.tally import Tally, merged
from perfgate.metrics.tally_statistics import read

Pair = tuple[Round, Round]
"""One round on base and one on head that were measured next to each other."""


def valid_pairs(base: ScenarioRun, head: ScenarioRun) -> tuple[Pair, ...]:
    """The pairs of a duet of which both rounds are valid, in the order of measuring."""
    return _pairs(base.valid_rounds, head.valid_rounds)


def counted_pairs(base: ScenarioRun, head: ScenarioRun) -> tuple[Pair, ...]:
    """The pairs whose counts can be believed: the valid ones, and those of which other processes spoiled the times."""
    return _pairs(*([round_ for round_ in side.rounds if not round_.problems] for side in (base, head)))


def _pairs(base: Sequence[Round], head: Sequence[Round]) -> tuple[Pair, ...]:
    on_head = {round_.pair: round_ for round_ in head}
    on_base = sorted(base, key=lambda round_: round_.pair)
    return tuple((round_, on_head[round_.pair]) for round_ in on_base if round_.pair in on_head)


def count_pairs(base: ScenarioRun, head: ScenarioRun) -> int:
    """How many pairs were measured to their end, valid or not."""
    return len({round_.pair for round_ in base.rounds} & {round_.pair for round_ in head.rounds})


def totals(pairs: tuple[Pair, ...]) -> tuple[Tally, Tally]:
    """Everything that base and head counted in these pairs."""
    return merged([base.tally for base, _ in pairs]), merged([head.tally for _, head in pairs])


def paired_sample(
    pairs: tuple[Pair, ...], metric: str, stat: str, request: str | None = None
) -> tuple[tuple[float, float], ...]:
    """The values of `metric` on base and on head, one of each per pair; a pair that lacks one of them is left out."""
    values = (
        (read(base.tally, metric, stat, request), read(head.tally, metric, stat, request)) for base, head in pairs
    )
    return tuple((base, head) for base, head in values if base is not None and head is not None)
