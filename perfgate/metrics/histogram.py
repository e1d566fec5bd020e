"""A high dynamic range histogram: three significant digits over any range, mergeable, small.

The buckets are those of HdrHistogram (Gil Tene, http://hdrhistogram.org) at three significant digits: below 2,048
every value has a bucket of its own; above, each doubling of the value is cut into 1,024 equal buckets, so a value is
off its bucket's middle by at most 1/2,048 (0.05 %). Only buckets that hold something are kept, which makes recording
one dictionary update and keeps memory flat whatever the range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_EXACT_BITS = 11  # 2**11 = 2,048 exact values: what HdrHistogram takes for three significant digits


def bucket_of(value: int) -> int:
    """The bucket of a whole value >= 0."""
    shift = value.bit_length() - _EXACT_BITS
    return value if shift <= 0 else (shift << (_EXACT_BITS - 1)) + (value >> shift)


def middle_of(bucket: int) -> float:
    """The value that stands for everything in `bucket`: the middle of its range."""
    if bucket < 1 << _EXACT_BITS:
        return float(bucket)
    shift = (bucket >> (_EXACT_BITS - 1)) - 1
    low = (bucket - (shift << (_EXACT_BITS - 1))) << shift
    return low + ((1 << shift) - 1) / 2


class Histogram:
    """Counts of whole values >= 0 (nanoseconds, here). Sum, minimum and maximum are exact."""

    __slots__ = ("buckets", "count", "maximum", "minimum", "total")

    def __init__(self) -> None:
        self.buckets: dict[int, int] = {}
        self.count = 0
        self.total = 0
        self.minimum = 0
        self.maximum = 0

    @classmethod
    def of(cls, values: Iterable[int]) -> Histogram:
        """A histogram of these values."""
        histogram = cls()
        for value in values:
            histogram.record(value)
        return histogram

    def record(self, value: int) -> None:
        """Count one value; a negative one counts as 0."""
        if value < 0:
            value = 0
        shift = value.bit_length() - _EXACT_BITS
        bucket = value if shift <= 0 else (shift << (_EXACT_BITS - 1)) + (value >> shift)
        try:
            self.buckets[bucket] += 1
        except KeyError:
            self.buckets[bucket] = 1
        if value > self.maximum:
            self.maximum = value
        if value < self.minimum or not self.count:
            self.minimum = value
        self.count += 1
        self.total += value

    def merge(self, other: Histogram) -> None:
        """Add everything that `other` holds."""
        if not other.count:
            return
        for bucket, count in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count
        self.maximum = max(self.maximum, other.maximum)
        self.minimum = min(self.minimum, other.minimum) if self.count else other.minimum
        self.count += other.count
        self.total += other.total

    def record_zeros(self, count: int) -> None:
        """Count so many values of 0."""
        if count > 0:
            self.buckets[0] = self.buckets.get(0, 0) + count
            self.count += count
            self.minimum = 0

    def without(self, part: Histogram) -> Histogram:
        """What remains where the values of `part`, all of them counted here, are taken away.

        Minimum and maximum are exact where they remain, else to three digits.
        """
        rest = Histogram()
        for bucket, count in self.buckets.items():
            left = count - part.buckets.get(bucket, 0)
            if left > 0:
                rest.buckets[bucket] = left
        rest.count = self.count - part.count
        rest.total = self.total - part.total
        if rest.buckets:
            low, high = min(rest.buckets), max(rest.buckets)
            rest.minimum = self.minimum if bucket_of(self.minimum) == low else round(middle_of(low))
            rest.maximum = self.maximum if bucket_of(self.maximum) == high else round(middle_of(high))
        return rest

    @property
    def mean(self) -> float:
        """The exact mean; nan of nothing."""
        return self.total / self.count if self.count else math.nan

    @property
    def mean_left(self) -> float:
        """How much is left of a duration on average at a moment that falls into one, where one follows the other.

        E[x^2] / 2 E[x]: a moment falls into long ones more often (Cox 1962, "Renewal Theory"). 0 of nothing.
        """
        if not self.total:
            return 0.0
        return sum(count * middle_of(bucket) ** 2 for bucket, count in self.buckets.items()) / (2 * self.total)

    def quantile(self, fraction: float, value_of: Callable[[int], float] = middle_of) -> float:
        """The value below which `fraction` (0..1) of the values lie, to three digits; nan of nothing.

        Interpolates between neighbours as k6 and numpy do by default (Hyndman & Fan 1996, type 7).
        value_of: the value that stands for everything in a bucket.
        """
        if not self.count:
            return math.nan
        position = fraction * (self.count - 1)
        rank = math.floor(position)
        low, high = map(value_of, self._neighbours(rank))
        value = low + (position - rank) * (high - low)
        return min(max(value, self.minimum), self.maximum)

    def _neighbours(self, rank: int) -> tuple[int, int]:
        """The buckets of the values of rank `rank` and of the next one (ranks from 0)."""
        seen = 0
        ordered = sorted(self.buckets)
        for place, bucket in enumerate(ordered):
            seen += self.buckets[bucket]
            if seen > rank:
                if seen > rank + 1 or place + 1 == len(ordered):
                    return bucket, bucket
                return bucket, ordered[place + 1]
        return ordered[-1], ordered[-1]

    def to_plain(self) -> dict[str, Any]:
        """A JSON-able value that `from_plain` reads."""
        return {
            "total": self.total,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "buckets": [list(self.buckets), list(self.buckets.values())],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Histogram:
        """The histogram that `to_plain` wrote."""
        histogram = cls()
        buckets, counts = plain["buckets"]
        histogram.buckets = dict(zip(buckets, counts, strict=True))
        histogram.count = sum(counts)
        histogram.total = plain["total"]
        histogram.minimum = plain["minimum"]
        histogram.maximum = plain["maximum"]
        return histogram

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.to_plain_key() == other.to_plain_key()

    def to_plain_key(self) -> tuple[object, ...]:
        """What makes two histograms equal."""
        return (self.buckets, self.total, self.minimum, self.maximum)

    def __repr__(self) -> str:
        return f"Histogram(count={self.count}, p50={self.quantile(0.5):.0f}, max={self.maximum})"
