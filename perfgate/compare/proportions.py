"""Shares of failed requests: the difference of two of them, with an interval that respects how failures come in bursts.

The requests of a round are no independent draws: a race poisons a list and the next hundred requests fail together.
The scatter between rounds says how many independent draws a side is worth (Rao & Scott 1992, "A simple method for the
analysis of clustered binary data"), and the interval is Newcombe's hybrid of two Wilson scores on that many draws
(Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10), which holds near
zero, where shares of failures live.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perfgate.compare.statistics import student_quantile

Counts = Sequence[tuple[int, int]]
"""Failed requests and all requests, one of each per round."""


@dataclass(frozen=True)
class Difference:
    """The share on head minus the share on base, with its interval; all in fractions."""

    estimate: float
    low: float
    high: float


def difference(base: Counts, head: Counts, alpha: float) -> Difference | None:
    """How the share of failed requests differs; `alpha`: as in `statistics.locate`. None without requests or rounds."""
    rounds = min(len(base), len(head))
    if rounds < 2 or not sum(total for _, total in base) or not sum(total for _, total in head):
        return None
    # The scatter itself is estimated from a few rounds: Student's t instead of the normal distribution.
    deviations = student_quantile(alpha, rounds - 1)
    # A side without failures shows no scatter; had it some, they would come as they come on the other side.
    clustering = max(_clustering(base), _clustering(head))
    base_share, base_low, base_high = _wilson(base, clustering, deviations)
    head_share, head_low, head_high = _wilson(head, clustering, deviations)
    estimate = head_share - base_share
    return Difference(
        estimate,
        estimate - math.hypot(head_share - head_low, base_high - base_share),
        estimate + math.hypot(head_high - head_share, base_share - base_low),
    )


def _clustering(counts: Counts) -> float:
    """How many requests tell as much as one independent draw, at least 1: Rao and Scott's design effect."""
    failed, total = _sums(counts)
    share = failed / total
    if not 0 < share < 1:
        return 1.0
    scatter = sum((one_failed - share * one_total) ** 2 for one_failed, one_total in counts)
    variance = scatter / total**2 * len(counts) / (len(counts) - 1)
    return max(1.0, variance * total / (share * (1 - share)))


def _wilson(counts: Counts, clustering: float, deviations: float) -> tuple[float, float, float]:
    """The share and its score interval (Wilson 1927) on the effective number of draws."""
    failed, total = _sums(counts)
    share, draws = failed / total, total / clustering
    square = deviations**2
    centre = (share + square / (2 * draws)) / (1 + square / draws)
    half = deviations * math.sqrt(share * (1 - share) / draws + square / (4 * draws**2)) / (1 + square / draws)
    return share, max(0.0, centre - half), min(1.0, centre + half)


def _sums(counts: Counts) -> tuple[int, int]:
    return sum(failed for failed, _ in counts), sum(total for _, total in counts)
