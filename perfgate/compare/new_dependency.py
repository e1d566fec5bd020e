"""Dependencies that only one side has.

Where head talks to a database that base does not know there is no ratio: nothing is what it cost before. Such a row
informs, and a threshold can say how much it may cost. That is not the same as a dependency whose use is unknown on one
side, because nobody could look or nothing was read: then the row is as open as any that was not measured.
"""

from __future__ import annotations

from perfgate.metrics.catalogue import dependency_of
from perfgate.metrics.tally import Tally


def found_on_one_side(metric: str, base: Tally, head: Tally) -> str:
    """What is said of a dependency's metric where the other side was looked at and does not have it; else ""."""
    name = dependency_of(metric)
    on_base, on_head = base.dependencies, head.dependencies
    if name is None or on_base is None or on_head is None or (name in on_base) is (name in on_head):
        return ""
    if name in on_head:
        return f"{name} is new on head: nothing to compare it with; a threshold can limit it"
    return f"head does without {name}, which base depends on"
