"""Counters, and entries of Server-Timing, that only one side has: there is no ratio, so such a row informs."""

from __future__ import annotations

from perfgate.compare.rows import Row
from perfgate.metrics.catalogue import COUNTER, SERVER_TIMING, count_of, metric_of
from perfgate.metrics.tally import Tally
from perfgate.metrics.tally_statistics import timing_of


def counted_on_one_side(row: Row, base: Tally, head: Tally) -> str:
    """What is said of a count where the other side was looked at and does not have it; else ""."""
    name = count_of(row.metric)
    if name is None:
        return ""
    if metric_of(row.metric).name == COUNTER:
        return _one_sided_counter(name, base, head)
    return _one_sided_entry(row, name, base, head)


def _one_sided_counter(name: str, base: Tally, head: Tally) -> str:
    if base.counters is None or head.counters is None or (name in base.counters) is (name in head.counters):
        return ""
    return _new_or_gone(name, new=name in head.counters)


def _one_sided_entry(row: Row, name: str, base: Tally, head: Tally) -> str:
    (on_base, base_answers), (on_head, head_answers) = (timing_of(side, name, row.request) for side in (base, head))
    if not base_answers or not head_answers:
        return ""
    if metric_of(row.metric).name == SERVER_TIMING:
        there = bool(on_base.timed), bool(on_head.timed)
    else:
        there = bool(on_base.entries), bool(on_head.entries)
        if all(there) and bool(on_base.told) is not bool(on_head.told):
            return f"only {'head' if on_head.told else 'base'} says a count of {name}: nothing to compare it with"
    return "" if there[0] is there[1] else _new_or_gone(name, new=there[1])


def _new_or_gone(name: str, new: bool) -> str:
    if new:
        return f"{name} is new on head: nothing to compare it with; a threshold can limit it"
    return f"head does without {name}, which base has"
