"""What a page shows beside the verdict: the rounds that it rests on, or the response times of stored runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
class PageDetails:
    """What a page shows beside the verdict.

    runs: with the rounds that it rests on, base before head; () of stored runs.
    stored: of stored runs that it rests on.
    """

    runs: tuple[Run, ...]
    stored: tuple[StoredTimes, ...]


NO_DETAILS = PageDetails((), ())
"""Of a result file."""
