"""What a page shows beside the verdict: rounds, response times of stored runs, and what profilers saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfgate.explain.profile import Function, Stack
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.run import Run


@dataclass(frozen=True)
class StoredTimes:
    """The response times of one scenario in stored runs of one side.

    scenario: its name.
    side: "base" or "head".
    runs: how many runs they are of.
    by_request: of the requests that succeeded, by request name.
    """

    scenario: str
    side: str
    runs: int
    by_request: Mapping[str, Histogram]


@dataclass(frozen=True)
class SeenStacks:
    """What a profiler saw under the load of one scenario.

    scenario: its name.
    what: was measured, in words, such as "CPU of a request in postgres".
    profiler: its name.
    base, head: what a request takes in each stack (ms).
    lines: where each function begins on head, as far as that is known.
    """

    scenario: str
    what: str
    profiler: str
    base: Mapping[Stack, float]
    head: Mapping[Stack, float]
    lines: Mapping[Function, int]


@dataclass(frozen=True)
class PageDetails:
    """What a page shows beside the verdict.

    runs: with the rounds that it rests on, base before head; () of stored runs.
    stored: of stored runs that it rests on.
    seen: by profilers, in rounds beside it.
    """

    runs: tuple[Run, ...]
    stored: tuple[StoredTimes, ...]
    seen: tuple[SeenStacks, ...]


NO_DETAILS = PageDetails((), (), ())
"""Of a result file."""
