"""The comparison of one row, as a value that carries its own warnings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.metrics.catalogue import metric_of

BELOW_ZERO = "a value below zero has no ratio: a threshold can limit it"
"""The warning on a row with such values: it informs, unless a margin names it."""

OF_ZERO = "a value of zero has no ratio"
"""The warning on a row of stored runs with such values."""


class RowVerdict(str, Enum):
    """What one row says."""

    REGRESSED = "regressed"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Interval:
    """The confidence interval of a change, on the scale of Comparison.change.

    Its ends have two error rates. That on the side of no harm is red's: a row that lies beyond its margin with all of
    its interval regressed, and all gated rows share that rate. That on the side of harm has the miss rate: a row whose
    interval ends within its margin rules a regression out (Schuirmann 1987, "A comparison of the two one-sided tests
    procedure and the power approach", takes one-sided tests likewise).
    """

    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """One row on base and on head.

    row: the statistic that is compared.
    base: its value on base, in the row's unit; None without a base.
    head: its value on head, in the row's unit.
    change: the ratio head/base - 1 as a fraction (0.1 is +10 %); of a row in points (http_req_failed) the difference
        head - base (0.1 is 10 points). Positive where the number went up; None where there is nothing to compare.
    interval: the confidence interval of the change; None where it cannot be told.
    margin: the regression that is allowed, on the scale of the change.
    smallest: the smallest change that this comparison could have told from noise; None where unknown.
    rounds: the number of pairs (duet) or stored runs (compare) behind it.
    gated: whether a regression of this row fails the gate.
    verdict: what the comparison says.
    warnings: sentences for the reader.
    """

    row: Row
    base: float | None
    head: float | None
    change: float | None
    interval: Interval | None
    margin: float
    smallest: float | None
    rounds: int
    gated: bool
    verdict: RowVerdict
    warnings: tuple[str, ...]


def undecided(
    row: Row, base: float | None, head: float | None, rules: Rules, rounds: int, warnings: tuple[str, ...] = ()
) -> Comparison:
    """The comparison of a row before it is judged: without change, interval and verdict; gated as the rules say."""
    return Comparison(
        row=row,
        base=base,
        head=head,
        change=None,
        interval=None,
        margin=rules.margin_of(row, base),
        smallest=None,
        rounds=rounds,
        gated=rules.gates(row),
        verdict=RowVerdict.INCONCLUSIVE,
        warnings=warnings,
    )


def rules_out_regression(comparison: Comparison) -> bool:
    """Whether a regression beyond the margin is as good as impossible, though the row may be undecided otherwise."""
    if comparison.verdict in (RowVerdict.UNCHANGED, RowVerdict.IMPROVED):
        return True
    if comparison.verdict is RowVerdict.REGRESSED or comparison.interval is None:
        return False
    interval = comparison.interval
    most = interval.high if metric_of(comparison.row.metric).lower_is_better else -interval.low
    return most <= comparison.margin


def classify(row: Row, interval: Interval, margin: float) -> RowVerdict:
    """The verdict on a row by the interval of its change and its margin."""
    low, high = interval.low, interval.high
    if not metric_of(row.metric).lower_is_better:
        low, high = -high, -low
    if low > margin:
        return RowVerdict.REGRESSED
    if high < -margin:
        return RowVerdict.IMPROVED
    if low >= -margin and high <= margin:
        return RowVerdict.UNCHANGED
    return RowVerdict.INCONCLUSIVE
