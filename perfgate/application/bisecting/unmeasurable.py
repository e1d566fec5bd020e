"""Which of the two commits of a duet has no value of the row that is followed, and why: it cannot be measured."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.compare.rows import FAILED, Row
from perfgate.compare.sample import counted_pairs, valid_pairs
from perfgate.metrics.run import Round, ScenarioRun
from perfgate.metrics.tally_statistics import read
from perfgate.report.numbers import metric_name

# Fewer pairs than this say nothing of two commits.
LEAST_PAIRS = 5

# A commit with a value in so small a share of its rounds has none: what little there is may not be typical.
_HARDLY_ANY = 0.1


def why_unmeasurable(row: Row, base: ScenarioRun, head: ScenarioRun) -> tuple[str, str]:
    """Why base, and why head, cannot be measured by that row; "" where it can, or where that is not known yet."""
    pairs = counted_pairs(base, head) if row.is_count else valid_pairs(base, head)
    rounds = tuple(zip(*pairs, strict=True)) or ((), ())
    return _why(row, base, rounds[0]), _why(row, head, rounds[1])


def _why(row: Row, side: ScenarioRun, rounds: Sequence[Round]) -> str:
    """rounds: those of the side that can be believed for the row."""
    if row.metric != FAILED and len(side.rounds) >= LEAST_PAIRS and side.read(FAILED, "rate") == 1:
        return "answers errors alone"
    values = sum(read(round_.tally, row.metric, row.stat, row.request) is not None for round_ in rounds)
    if len(rounds) < LEAST_PAIRS or values >= _HARDLY_ANY * len(rounds):
        return ""
    if row.request is None:
        return f"has no value of {metric_name(row.metric, row.stat)}"
    failed = side.read(FAILED, "rate", row.request)
    if failed is None:
        return f"is sent no {row.request}"
    return f"answers errors to {row.request}" if failed else f"hardly answers {row.request}"
