"""One row of a comparison, as a value that carries its own warnings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class RowVerdict(str, Enum):
    """What one row says."""

    REGRESSED = "regressed"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Comparison:
    """One metric of one scenario on base and on head.

    request: a request name, or None for the whole scenario. unit: of `base` and `head` (see the metric catalogue).
    base is None without a base, and so are change, low and high. change, low, high: the ratio head/base - 1 with its
    confidence interval, as fractions (0.1 is +10 %); for a metric of unit "fraction" (http_req_failed) the difference
    head - base, in points as a fraction. Positive: the number went up. margin: the regression that is allowed, on the
    same scale. smallest: the smallest change that this comparison could have told from noise, None where unknown.
    rounds: the pairs (duet) or stored runs (compare) behind it. gated: whether a regression of this row fails the gate.
    """

    scenario: str
    request: str | None
    metric: str
    stat: str
    unit: str
    base: float | None
    head: float | None
    change: float | None
    low: float | None
    high: float | None
    margin: float
    smallest: float | None
    rounds: int
    gated: bool
    verdict: RowVerdict
    warnings: tuple[str, ...]
