"""Runs of a service that counts its queries."""

from __future__ import annotations

from collections.abc import Callable

from perfgate.metrics.counts import CounterUse
from perfgate.metrics.run import ScenarioRun


def counting(run: ScenarioRun, rise: Callable[[int, int], float | None], gauge: bool = False) -> ScenarioRun:
    """The run with a counter that rises by rise(number, requests) in each round; None where it was not there."""
    for number, round_ in enumerate(run.rounds):
        requests = round_.tally.request_count
        rose = rise(number, requests)
        use = {} if rose is None else {"queries": CounterUse(1 if gauge else requests, rose, gauge)}
        round_.tally.counters = use
    return run


def times(count: float) -> Callable[[int, int], float]:
    """So many queries for each request."""
    return lambda _number, requests: count * requests
