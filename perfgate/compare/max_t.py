"""The error rate of one row, where many rows are tested at once and hang together.

Median, p(95), throughput and CPU of a service move together, so sharing an error rate by the number of rows
(Bonferroni) gives most of it away. Westfall & Young 1993, "Resampling-Based Multiple Testing", section 2.6, take the
distribution of the largest statistic of all rows instead. Here it comes from the lots of the duet itself: where nothing
changed it is chance which side of a pair is called base, so flipping the sign of a pair, in all rows at once, gives
another sample that was as likely, with the rows as dependent as they are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from statistics import median

from perfgate.compare.statistics import signed_rank_below

# As many lots as tell a quantile of 0.25 % (the share of one of four scenarios) to a fifth of it.
_LOTS = 10_000

# Bits for the rank sums of one row, doubled for the sake of ties: enough for 1,000 pairs.
_BITS = 32


def joint_alpha(samples: Sequence[Sequence[float]], alpha: float, seed: int = 1) -> float:
    """The error rate of each row's one-sided signed-rank test for which all of them together err with `alpha`.

    samples: one sequence of values a row, all over the same pairs in the same order, worse changes positive. At least
    alpha / rows (Bonferroni) and at most alpha. The same samples always give the same rate.
    """
    rows, pairs = len(samples), len(samples[0]) if samples else 0
    if rows < 2 or pairs < 2:
        return alpha / max(1, rows)
    lots, largest = random.Random(seed), []
    pairwise = list(zip(*map(_signed_ranks, samples), strict=True))
    kept, flipped = ([_packed([sign * rank for rank in ranks]) for ranks in pairwise] for sign in (1, -1))
    mask = (1 << _BITS) - 1
    for _ in range(_LOTS):
        signs, total = lots.getrandbits(pairs), 0
        for place in range(pairs):
            total += kept[place] if signs >> place & 1 else flipped[place]
        largest.append(max(total >> (_BITS * row) & mask for row in range(rows)))
    largest.sort(reverse=True)
    critical = largest[max(0, int(alpha * (_LOTS + 1)) - 1)] // 2
    below = pairs * (pairs + 1) // 2 - critical
    return min(alpha, max(alpha / rows, signed_rank_below(pairs, below)))


def _packed(ranks: Sequence[int]) -> int:
    """The positive ranks of all rows in one number, so that one addition adds them all."""
    return sum(rank << (_BITS * row) for row, rank in enumerate(ranks) if rank > 0)


def _signed_ranks(values: Sequence[float]) -> list[int]:
    """Twice the rank of each value's distance from the middle, with its sign; ties share the middle rank."""
    middle = median(values)
    distances = [abs(value - middle) for value in values]
    order = sorted(range(len(values)), key=distances.__getitem__)
    ranks, start = [0] * len(values), 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and distances[order[end + 1]] == distances[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = (start + end + 2) * (1 if values[place] >= middle else -1)
        start = end + 1
    return ranks
