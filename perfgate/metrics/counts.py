"""Counts per request: by how much counters of a service rose in a stretch of load, and what its answers said.

Counters are read before and after a round. `Server-Timing` comes with each answer, so it is known by request name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Counters = dict[str, "CounterUse"]
"""Counters by name. One that is not among them was not there."""


@dataclass(frozen=True)
class CounterUse:
    """What one counter said.

    over: the requests, repeated ones included, in which it rose; of a gauge how often it was read.
    total: by how much it rose; of a gauge the sum of what was read.
    gauge: whether it is a gauge, whose values are taken as they are.
    """

    over: int
    total: float
    gauge: bool

    def __add__(self, later: CounterUse) -> CounterUse:
        return CounterUse(self.over + later.over, self.total + later.total, self.gauge)

    @property
    def value(self) -> float | None:
        """Per request, or a gauge's mean; None where it is not known of any."""
        return self.total / self.over if self.over else None


def merge_counters(one: Counters | None, other: Counters | None) -> Counters | None:
    """Those of two stretches of load that followed each other; None where neither knows of any."""
    if one is None or other is None:
        return other if one is None else one
    return {
        name: one[name] + other[name] if name in one and name in other else one.get(name) or other[name]
        for name in (*one, *(name for name in other if name not in one))
    }


@dataclass
class TimingTally:
    """One entry of the header `Server-Timing`, over the answers to requests of one name that succeeded.

    entries: how often it stood there.
    most: how often in one answer, at most.
    timed: how many of them had a duration.
    milliseconds: those durations, together.
    told: how many answers said a count by themselves.
    counted: those counts, together.
    """

    entries: int = 0
    most: int = 0
    timed: int = 0
    milliseconds: float = 0.0
    told: int = 0
    counted: float = 0.0

    def merge(self, other: TimingTally) -> None:
        """Add what other answers said."""
        self.entries += other.entries
        self.most = max(self.most, other.most)
        self.timed += other.timed
        self.milliseconds += other.milliseconds
        self.told += other.told
        self.counted += other.counted

    @property
    def has_count(self) -> bool:
        """Whether it says more than that it was there: a count of its own, or several entries in one answer."""
        return bool(self.told) or self.most > 1

    @property
    def count(self) -> float:
        """What was counted: by the answers themselves, else the entries."""
        return self.counted if self.told else float(self.entries)

    def to_plain(self) -> list[Any]:
        """A JSON-able value that `from_plain` reads."""
        return [self.entries, self.most, self.timed, self.milliseconds, self.told, self.counted]

    @classmethod
    def from_plain(cls, plain: list[Any]) -> TimingTally:
        """The tally that `to_plain` wrote."""
        return cls(*plain)
