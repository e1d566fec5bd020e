"""Counts that are the same in every round of base: there any change beyond rounding is a regression.

Such a row is judged a second time, with what rounding can make as its margin. The test is the one of every row, so what
changes nothing is red no more often than elsewhere; a count that only a few rounds of head have stays within it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from perfgate.compare.rows import Row
from perfgate.metrics.catalogue import COUNTER, count_of, metric_of
from perfgate.metrics.counts import CounterUse
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import read

# What a round may be off by: reading a counter may count by itself, and the last answers may have come before they
# were counted.
_EVENTS = 2.0
# What sums of milliseconds may be off by.
_ROUNDING = 1e-6
# Rounds before "always the same" says something.
_FEWEST_ROUNDS = 5


def least_of(row: Row, pair: Sequence[Tally]) -> float:
    """What a count of a round is taken for at least, so that nothing has a ratio: one event in the round."""
    uses = [use for tally in pair if (use := _use(row, tally))]
    return max((1 / use.over for use in uses if use.over and not use.gauge), default=0.0)


def rounding_of(row: Row, rounds: Sequence[Tally]) -> float:
    """The change that a count may show for no other reason than what a round is off by; 0 of what is no counter."""
    uses = [use for tally in rounds if (use := _use(row, tally)) and use.over and not use.gauge]
    if not uses:
        return 0.0
    return _EVENTS / max(1.0, sum(use.total for use in uses) / len(uses))


def uneven_rounding(row: Row, base: Sequence[Tally], head: Sequence[Tally]) -> float:
    """The change that a count may show because the rounds of one side had more requests to share their rounding.

    What a round is off by is the same on both sides. Where they sent as many requests, it makes no change.
    """
    on_base, on_head = ([use.over for tally in side if (use := _use(row, tally)) and use.over] for side in (base, head))
    if not on_base or not on_head:
        return 0.0
    return rounding_of(row, base) * abs(fmean(on_base) / fmean(on_head) - 1)


def is_exact(row: Row, rounds: Sequence[Tally]) -> bool:
    """Whether all these rounds have the same count for each request; a gauge counts nothing, nor does a time."""
    if not row.is_count or len(rounds) < _FEWEST_ROUNDS:
        return False
    if metric_of(row.metric).name == COUNTER:
        return _is_exact_counter([_use(row, tally) for tally in rounds])
    values = [read(tally, row.metric, row.stat, row.request) for tally in rounds]
    known = [value for value in values if value is not None]
    return len(known) >= _FEWEST_ROUNDS and math.isclose(min(known), max(known), rel_tol=_ROUNDING, abs_tol=1e-12)


def exact_margin(row: Row, rounds: Sequence[Tally]) -> float:
    """The margin of an exact count: what rounding makes."""
    return max(rounding_of(row, rounds), _ROUNDING)


def _is_exact_counter(uses: Sequence[CounterUse | None]) -> bool:
    known = [use for use in uses if use is not None and use.over]
    if len(known) < _FEWEST_ROUNDS or any(use.gauge for use in known):
        return False
    rate = sum(use.total for use in known) / sum(use.over for use in known)
    return all(abs(use.total - rate * use.over) <= _EVENTS / 2 for use in known)


def _use(row: Row, tally: Tally) -> CounterUse | None:
    name = count_of(row.metric)
    if name is None or metric_of(row.metric).name != COUNTER:
        return None
    return (tally.counters or {}).get(name)
