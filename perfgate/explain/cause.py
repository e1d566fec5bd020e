"""A cause: what takes more time on head than on base."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class CauseKind(str, Enum):
    """What rose."""

    CPU = "cpu"
    """CPU time."""
    WAITING = "waiting"
    """Time in which requests wait and nothing of the service is at work."""
    QUERY_RUNS = "query_runs"
    """How often a request runs a query."""
    QUERY_TIME = "query_time"
    """Time that a query takes, run as often as before."""


@dataclass(frozen=True)
class Cause:
    """One function, query or dependency that takes more time beyond chance. Times are milliseconds a request.

    kind: what rose.
    scenario: the load under which it was seen.
    dependency: the dependency in which it was seen; "" for the service itself.
    function: its name, with its module where that is known, like "shop.prices.discount"; "" for a dependency as a
        whole, and for waiting that was seen in no function. Of a query its text, with $1 for its values.
    file: the file that holds it, from the service's folder on where it lies there; "" where unknown.
    line: where it begins on head; None where unknown.
    base_ms, head_ms: what it takes on each side, with the libraries that it calls.
    change_ms: by how much that rose.
    low_ms, high_ms: the interval of the rise: 95 % over the pairs of rounds, or that of the row it was seen in.
    share: of the rise of all functions together (1.0 is all of it); None where that is not known, or they did not rise.
    self_ms: by how much the time in its own lines rose; None where unknown.
    total_ms: by how much its time rose, with everything that it calls; None where unknown.
    within: the function that it calls where most of the rise is spent; "" for its own lines, or for several.
    callers: the functions of the service that call it on head, the most frequent first.
    changed: whether the commits differ in it, or in its file where its lines are not known; None where nobody knows.
    profiler: the profiler that saw it; "" for none.
    base_calls, head_calls: how often a request runs a query; None of everything else.
    """

    kind: CauseKind
    scenario: str
    dependency: str
    function: str
    file: str
    line: int | None
    base_ms: float
    head_ms: float
    change_ms: float
    low_ms: float
    high_ms: float
    share: float | None
    self_ms: float | None
    total_ms: float | None
    within: str
    callers: tuple[str, ...]
    changed: bool | None
    profiler: str
    base_calls: float | None
    head_calls: float | None
