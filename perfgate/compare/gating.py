"""Rows gate where they can.

A row of a duet can decide if its interval is narrow enough to rule a regression out nearly always when nothing changed.
The tail of a few hundred requests is not known so well, and a gate that waits for such rows never speaks. So a row that
is gated by default and cannot decide informs, and says what it would take. Three kinds stay: rows that a margin names,
rows that look worse than chance makes them, and the best known latency of a scenario. Whether a row can decide depends
on its scatter alone, never on where it lies. A regression that is proven all the same fails the gate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

from perfgate.compare.comparison import Comparison, RowVerdict, rules_out_regression
from perfgate.compare.rows import DURATION
from perfgate.compare.rules import Rules
from perfgate.metrics.catalogue import METRICS
from perfgate.metrics.tally import Tally

_NORMAL = NormalDist()

# A row that can decide does so in this share of the duets in which nothing changed.
_SURE = 0.95

_TINY = 1e-9


@dataclass(frozen=True)
class Prospect:
    """What a row will be known by when its duet ends: logs of ratios, or points; worse changes positive.

    estimate: of the change, as of now.
    half: the distance from the estimate to the bound on the side of harm.
    error: the standard error.
    margin: the regression that is allowed.
    """

    estimate: float
    half: float
    error: float
    margin: float

    @property
    def needed(self) -> float:
        """The margin with which the row would nearly always be decided if nothing changed."""
        return self.half + _NORMAL.inv_cdf(_SURE) * self.error

    @property
    def decides(self) -> bool:
        return self.needed <= self.margin

    def looks_worse(self, rows: int) -> bool:
        """Whether it lies higher than nearly all of so many rows would in which nothing changed."""
        return self.estimate > -_NORMAL.inv_cdf((1 - _SURE) / max(1, rows)) * self.error


@dataclass(frozen=True)
class Progress:
    """How far a duet is.

    share: of its pairs that are done; 1 at its end.
    miss_now: the error rate of the bounds on the side of harm.
    miss_at_end: what they will have at the last look.
    """

    share: float
    miss_now: float
    miss_at_end: float


def prospect_of(row: Comparison, progress: Progress) -> Prospect | None:
    """What `row` will be known by at the end; None where it has no interval yet."""
    if row.interval is None or row.change is None:
        return None
    lower_is_better = METRICS[row.row.metric].lower_is_better
    scale = float if row.row.in_points else _log
    worst = row.interval.high if lower_is_better else row.interval.low
    estimate, bound, margin = (
        scale(part) for part in (row.change, worst, row.margin if lower_is_better else -row.margin)
    )
    error = abs(bound - estimate) / -_NORMAL.inv_cdf(progress.miss_now) * math.sqrt(progress.share)
    half = -_NORMAL.inv_cdf(progress.miss_at_end) * error
    return Prospect(estimate if lower_is_better else -estimate, half, error, abs(margin))


def _log(change: float) -> float:
    return math.log1p(max(change, -1 + _TINY))


def gate_where_possible(
    rows: Sequence[Comparison], rules: Rules, progress: Progress, sides: tuple[Tally, Tally]
) -> tuple[Comparison, ...]:
    """The rows of one scenario; those that cannot decide inform, and say how many requests it would take.

    sides: what base and head counted so far.
    """
    prospects = {row: found for row in rows if row.gated and (found := prospect_of(row, progress)) is not None}
    cannot = {row: found for row, found in prospects.items() if not found.decides and not rules_out_regression(row)}
    informing = [
        row
        for row, found in cannot.items()
        if row.verdict is not RowVerdict.REGRESSED and not rules.names(row.row) and not found.looks_worse(len(cannot))
    ]
    latencies = [row for row in rows if row.gated and row.row.metric == DURATION]
    if latencies and all(row in informing for row in latencies):
        informing.remove(min(latencies, key=lambda row: prospects[row].needed / max(_TINY, prospects[row].margin)))
    return tuple(
        _informs(row, cannot[row], progress, _requests(row, sides)) if row in informing else row for row in rows
    )


def _informs(row: Comparison, prospect: Prospect, progress: Progress, requests: int) -> Comparison:
    half = prospect.half if row.row.in_points else math.expm1(prospect.half)
    size = f"±{half * 100:.1f} points" if row.row.in_points else f"±{half * 100:.2g} %"
    by_then = "" if progress.share >= 1 else "by the end of the budget "
    known = round(requests / progress.share)
    wanted = requests_needed(known, prospect)
    said = (
        f"informs: {by_then}{row.row.metric} {row.row.stat} of {known:,} requests is known to {size} only;"
        f" about {wanted:,} would decide it"
    )
    return replace(row, gated=False, warnings=(*row.warnings, said))


def requests_needed(requests: int, prospect: Prospect) -> int:
    """With how many requests a row that `requests` leave at this prospect would decide, to two digits."""
    exact: float = requests * (prospect.needed / max(_TINY, prospect.margin)) ** 2
    unit: int = 10 ** max(0, math.floor(math.log10(max(1.0, exact))) - 1)
    return math.ceil(exact / unit) * unit


def _requests(row: Comparison, sides: tuple[Tally, Tally]) -> int:
    """The requests of both sides that the row is about."""
    name = row.row.request
    if name is None:
        return sum(side.request_count for side in sides)
    return sum(side.requests[name].count for side in sides if name in side.requests)
