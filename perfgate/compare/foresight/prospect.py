"""What a row of a duet will be known by when the duet ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from perfgate.compare.comparison import Comparison
from perfgate.metrics.catalogue import metric_of

# A row that can decide does so in this share of the duets in which nothing changed.
_SURE = 0.95

TINY = 1e-9


def standard_deviations(rate: float) -> float:
    """How many standard errors away the bound of a normal estimate lies that errs at this rate."""
    return -NormalDist().inv_cdf(rate)


@dataclass(frozen=True)
class Prospect:
    """What a row will be known by when its duet ends: logs of ratios, or points; worse changes positive.

    estimate: of the change, as of now.
    half: the distance from the estimate to the bound on the side of harm.
    error: the standard error.
    of_instances: the part of it that only more instances would make smaller.
    margin: the regression that is allowed.
    """

    estimate: float
    half: float
    error: float
    of_instances: float
    margin: float

    @property
    def needed(self) -> float:
        """The margin with which the row would nearly always be decided if nothing changed."""
        return self.half + standard_deviations(1 - _SURE) * self.error

    @property
    def decides(self) -> bool:
        return self.needed <= self.margin

    def looks_worse(self, rows: int) -> bool:
        """Whether it lies higher than nearly all of so many rows would in which nothing changed."""
        return self.estimate > standard_deviations((1 - _SURE) / max(1, rows)) * self.error


@dataclass(frozen=True)
class Progress:
    """How far a duet is.

    share: of its pairs that are done; 1 at its end.
    miss_now: the error rate of the bounds on the side of harm.
    miss_at_end: what they will have at the last look.
    instance_variance: of a log ratio (see `instances`).
    """

    share: float
    miss_now: float
    miss_at_end: float
    instance_variance: float = 0.0


def prospect_of(comparison: Comparison, progress: Progress) -> Prospect | None:
    """What `comparison` will be known by at the end; None where it has no interval yet."""
    if comparison.interval is None or comparison.change is None:
        return None
    lower_is_better = metric_of(comparison.row.metric).lower_is_better
    scale = float if comparison.row.in_points else _log
    worst = comparison.interval.high if lower_is_better else comparison.interval.low
    estimate, bound, margin = (
        scale(part) for part in (comparison.change, worst, comparison.margin if lower_is_better else -comparison.margin)
    )
    instances = 0.0 if comparison.row.in_points or comparison.row.is_count else progress.instance_variance
    now = (abs(bound - estimate) / standard_deviations(progress.miss_now)) ** 2
    error = math.sqrt(max(0.0, now - instances) * progress.share + instances)
    half = standard_deviations(progress.miss_at_end) * error
    worse = estimate if lower_is_better else -estimate
    return Prospect(worse, half, error, math.sqrt(instances), abs(margin))


def _log(change: float) -> float:
    return math.log1p(max(change, -1 + TINY))


def requests_needed(requests: int, prospect: Prospect) -> int | None:
    """With how many requests a row that `requests` leave at this prospect would decide, to two digits.

    None where no number of them would: instances differ by too much.
    """
    bearable = (prospect.margin / max(TINY, prospect.needed) * prospect.error) ** 2 - prospect.of_instances**2
    if bearable <= 0:
        return None
    exact: float = requests * (prospect.error**2 - prospect.of_instances**2) / max(TINY**2, bearable)
    unit: int = 10 ** max(0, math.floor(math.log10(max(1.0, exact))) - 1)
    return math.ceil(exact / unit) * unit
