"""What a script's own thresholds look at: all samples of one metric, of those that carry certain tags."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from perfgate.metrics.catalogue import STATS, Kind, quantile_of
from perfgate.metrics.histogram import Histogram, bucket_of, middle_of

# Values of a trend are kept as whole millionths: nanoseconds, where they are milliseconds.
_PARTS = 1_000_000


def _plainest(bucket: int) -> float:
    """The value of three digits in a bucket, which whole numbers below 1,000 are, and bounds; else its middle."""
    middle = middle_of(bucket)
    near = float(f"{middle:.3g}")
    return near if bucket_of(round(near)) == bucket else middle


@dataclass
class Series:
    """Samples of one kind, folded: a trend's distribution, a rate's share of non-zero values, a counter's sum, a
    gauge's last value. A trend's percentiles have three digits, and take values below 0 for 0.
    """

    kind: Kind
    trend: Histogram = field(default_factory=Histogram)
    count: int = 0
    hits: int = 0
    total: float = 0.0
    last: float = 0.0
    least: float = 0.0
    most: float = 0.0

    def add(self, value: float) -> None:
        """Fold one sample in."""
        if value < self.least or not self.count:
            self.least = value
        if value > self.most or not self.count:
            self.most = value
        self.count += 1
        self.hits += value != 0
        self.total += value
        self.last = value
        if self.kind is Kind.TREND:
            self.trend.record(round(value * _PARTS))

    def merge(self, other: Series) -> None:
        """Add samples that came after these."""
        if other.count:
            self.least = min(self.least, other.least) if self.count else other.least
            self.most = max(self.most, other.most) if self.count else other.most
            self.last = other.last
        self.trend.merge(other.trend)
        self.count += other.count
        self.hits += other.hits
        self.total += other.total

    def read(self, stat: str, seconds: float) -> float | None:
        """One statistic as k6 defines it; None where there are no samples, or the kind has no such statistic.

        A counter or a rate to which nothing was added is 0.
        """
        if not self.count:
            is_zero = self.kind in (Kind.COUNTER, Kind.RATE) and stat in STATS[self.kind]
            return 0.0 if is_zero else None
        if self.kind is Kind.TREND:
            return self._read_trend(stat)
        if self.kind is Kind.RATE:
            return self.hits / self.count if stat == "rate" else None
        if self.kind is Kind.GAUGE:
            return self.last if stat == "value" else None
        if stat == "rate":
            return self.total / seconds if seconds else None
        return self.total if stat == "count" else None

    def _read_trend(self, stat: str) -> float | None:
        exact = {"avg": self.total / self.count, "min": self.least, "max": self.most}
        if stat in exact:
            return exact[stat]
        quantile = quantile_of(stat)
        return None if quantile is None else self.trend.quantile(quantile, _plainest) / _PARTS

    def to_plain(self) -> dict[str, Any]:
        """A JSON-able value that `from_plain` reads."""
        plain = {name: getattr(self, name) for name in ("count", "hits", "total", "last", "least", "most")}
        return {**plain, "kind": self.kind.value, "trend": self.trend.to_plain()}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Series:
        """The series that `to_plain` wrote."""
        return cls(**{**plain, "kind": Kind(plain["kind"]), "trend": Histogram.from_plain(plain["trend"])})
