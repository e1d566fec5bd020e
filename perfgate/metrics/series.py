"""What a script's own thresholds look at: all samples of one metric, of those that carry certain tags."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from perfgate.metrics.catalogue import STATS, Kind, quantile_of
from perfgate.metrics.histogram import Histogram

# Values of a trend are kept as whole millionths: nanoseconds, where they are milliseconds.
_PARTS = 1_000_000


@dataclass
class Series:
    """Samples of one kind, folded: a trend's distribution, a rate's share of non-zero values, a counter's sum, a
    gauge's last value. A trend's values are taken to be 0 or more, and keep three digits.
    """

    kind: Kind
    trend: Histogram = field(default_factory=Histogram)
    count: int = 0
    hits: int = 0
    total: float = 0.0
    last: float = 0.0

    def add(self, value: float) -> None:
        """Fold one sample in."""
        self.count += 1
        self.hits += value != 0
        self.total += value
        self.last = value
        if self.kind is Kind.TREND:
            self.trend.record(round(value * _PARTS))

    def merge(self, other: Series) -> None:
        """Add samples that came after these."""
        self.trend.merge(other.trend)
        self.count += other.count
        self.hits += other.hits
        self.total += other.total
        if other.count:
            self.last = other.last

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
        exact = {"avg": self.trend.mean, "min": self.trend.minimum, "max": self.trend.maximum}
        if stat in exact:
            return exact[stat] / _PARTS
        quantile = quantile_of(stat)
        return None if quantile is None else self.trend.quantile(quantile) / _PARTS

    def to_plain(self) -> dict[str, Any]:
        """A JSON-able value that `from_plain` reads."""
        plain = {name: getattr(self, name) for name in ("count", "hits", "total", "last")}
        return {**plain, "kind": self.kind.value, "trend": self.trend.to_plain()}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Series:
        """The series that `to_plain` wrote."""
        return cls(**{**plain, "kind": Kind(plain["kind"]), "trend": Histogram.from_plain(plain["trend"])})
