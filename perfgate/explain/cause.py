"""A cause: a function that takes more CPU on head than on base."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """One function whose CPU rose beyond chance. Times are milliseconds of CPU a request.

    scenario: the load under which it was seen.
    function: its name, with its module where that is known, like "shop.prices.discount".
    file: the file that holds it, from the service's folder on where it lies there; "" where unknown.
    line: where it begins on head; None where unknown.
    base_ms, head_ms: what it takes on each side, with the libraries that it calls.
    change_ms: by how much that rose.
    low_ms, high_ms: the 95 % interval of the rise, over the pairs.
    share: of the rise of the whole service (1.0 is all of it); None where that did not rise.
    self_ms: by how much the time in its own lines rose.
    total_ms: by how much its time rose, with everything that it calls.
    within: the function that it calls where most of the rise is spent; "" for its own lines, or for several.
    callers: the functions of the service that call it on head, the most frequent first.
    changed: whether its file differs between the two commits; None where nobody knows.
    profiler: the profiler that saw it.
    """

    scenario: str
    function: str
    file: str
    line: int | None
    base_ms: float
    head_ms: float
    change_ms: float
    low_ms: float
    high_ms: float
    share: float | None
    self_ms: float
    total_ms: float
    within: str
    callers: tuple[str, ...]
    changed: bool | None
    profiler: str
