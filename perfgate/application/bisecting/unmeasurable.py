"""Which of the two commits of a duet cannot be measured by the row that is followed, and why.

It has no value of it, or, of a row of the whole scenario, one of other work: an error is cheaper than an answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from perfgate.compare.rows import FAILED, Row
from perfgate.compare.sample import counted_pairs, valid_pairs
from perfgate.metrics.run import Round, ScenarioRun
from perfgate.metrics.tally_statistics import read
from perfgate.report.numbers import metric_name
from perfgate.units import format_percent

# Fewer pairs than this say nothing of two commits.
LEAST_PAIRS = 5

# A commit with a value in so small a share of its rounds has none: what little there is may not be typical.
_HARDLY_ANY = 0.1

# A commit does other work than the ends where so much larger a share of its requests fails, surely: by so many standard
# errors.
_OTHER_WORK = 0.1
_SURELY = 4.0


def why_unmeasurable(row: Row, base: ScenarioRun, head: ScenarioRun, failing: float) -> tuple[str, str]:
    """Why base, and why head, cannot be measured by that row; "" where it can, or where that is not known yet.

    failing: the share of requests that fail at the ends of the line.
    """
    pairs = counted_pairs(base, head) if row.is_count else valid_pairs(base, head)
    rounds = tuple(zip(*pairs, strict=True)) or ((), ())
    return _why(row, base, rounds[0], failing), _why(row, head, rounds[1], failing)


def _why(row: Row, side: ScenarioRun, rounds: Sequence[Round], failing: float) -> str:
    """rounds: those of the side that can be believed for the row."""
    failed = side.read(FAILED, "rate") or 0.0
    if row.metric != FAILED and len(side.rounds) >= LEAST_PAIRS:
        if failed == 1:
            return "answers errors alone"
        if row.request is None and _does_other_work(side, failing):
            return f"answers errors to {format_percent(failed)} of requests"
    return _why_no_value(row, side, rounds)


def _does_other_work(side: ScenarioRun, failing: float) -> bool:
    share, count = min(1.0, failing + _OTHER_WORK), side.total.request_count
    return side.total.failed_count > count * share + _SURELY * math.sqrt(count * share * (1 - share))


def _why_no_value(row: Row, side: ScenarioRun, rounds: Sequence[Round]) -> str:
    values = sum(read(round_.tally, row.metric, row.stat, row.request) is not None for round_ in rounds)
    if len(rounds) < LEAST_PAIRS or values >= _HARDLY_ANY * len(rounds):
        return ""
    if row.request is None:
        return f"has no value of {metric_name(row.metric, row.stat)}"
    failed = side.read(FAILED, "rate", row.request)
    if failed is None:
        return f"is sent no {row.request}"
    return f"answers errors to {row.request}" if failed else f"hardly answers {row.request}"
