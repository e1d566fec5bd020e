"""Where a sample lies, and how sure that is: rank statistics that a burst of noise cannot drag along.

The location is the Hodges-Lehmann estimate (Hodges & Lehmann 1963, "Estimates of location based on rank tests"), the
median of all averages of two values; its interval comes from Wilcoxon's signed-rank test turned inside out (Tukey
1949; Hollander & Wolfe, "Nonparametric Statistical Methods", section 3.3). Two properties make them fit pairs of
rounds. The order within a pair is drawn by lot, so where nothing changed every difference is as likely positive as
negative, whatever the noise of the moment and however the moments hang together: the test keeps its alpha without any
assumption on the noise (Fisher 1935, "The Design of Experiments", section 21). And rounds that went wildly wrong count
by their rank, not by their size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from statistics import NormalDist

_NORMAL = NormalDist()

# Up to here the null distribution is counted out (a table of n**3 / 2 steps, once per n). Beyond, the normal
# approximation errs on the safe side: the distribution is bounded, so its tails are lighter than the normal ones.
_EXACT_UP_TO = 80


@dataclass(frozen=True)
class Location:
    """The location of a sample and its bounds.

    estimate: Hodges and Lehmann's.
    low: the lower bound; None where the sample is too small for its error rate.
    high: the upper bound; None likewise.
    correlation: of each value with the next one, 0 unless it is striking; the bounds are widened for it.
    """

    estimate: float
    low: float | None
    high: float | None
    correlation: float


def locate(values: Sequence[float], below: float, above: float) -> Location:
    """The Hodges-Lehmann estimate of `values` (in the order of measuring, at least one) with its bounds.

    below: the probability that the truth lies below `low` is at most this.
    above: the probability that the truth lies above `high` is at most this.
    """
    averages = _walsh_averages(values)
    estimate = _middle(averages)
    correlation = serial_correlation(values)
    widening = math.sqrt((1 + correlation) / (1 - correlation))
    lowest, highest = (signed_rank_critical(len(values), alpha) for alpha in (below, above))
    return Location(
        estimate,
        None if lowest is None else estimate - (estimate - averages[lowest]) * widening,
        None if highest is None else estimate + (averages[-1 - highest] - estimate) * widening,
        correlation,
    )


def lies_above(values: Sequence[float], bound: float, alpha: float) -> bool:
    """Whether the signed-rank test behind `locate` proves, at `alpha`, that `values` lie above `bound`."""
    critical = signed_rank_critical(len(values), alpha)
    return critical is not None and _averages_up_to(sorted(values), bound) <= critical


def fewest(alpha: float) -> int:
    """The smallest sample that can prove anything at `alpha`: all its signs agree by chance in one of 2**n cases."""
    return max(1, math.ceil(-math.log2(alpha) - 1e-9))


def _walsh_averages(values: Sequence[float]) -> list[float]:
    """The averages of every two values, and of each with itself, in order."""
    ordered = sorted(values)
    return sorted([(one + other) / 2 for place, one in enumerate(ordered) for other in ordered[place:]])


def _averages_up_to(ordered: list[float], bound: float) -> int:
    """How many Walsh averages of `ordered` are at most `bound`, in one walk from both ends."""
    count, last = 0, len(ordered) - 1
    for first, value in enumerate(ordered):
        while last >= first and value + ordered[last] > 2 * bound:
            last -= 1
        if last < first:
            break
        count += last - first + 1
    return count


def _middle(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@lru_cache(maxsize=4096)
def signed_rank_critical(count: int, alpha: float) -> int | None:
    """The largest k with P(W <= k) <= alpha for Wilcoxon's signed-rank statistic W of `count` values; None without."""
    if count < 1 or 0.5**count > alpha:
        return None
    if count <= _EXACT_UP_TO:
        return sum(1 for probability in _signed_rank_distribution(count) if probability <= alpha) - 1
    mean = count * (count + 1) / 4
    deviation = math.sqrt(count * (count + 1) * (2 * count + 1) / 24)
    return max(0, math.floor(mean + deviation * _NORMAL.inv_cdf(alpha) - 0.5))


@lru_cache(maxsize=128)
def _signed_rank_distribution(count: int) -> tuple[float, ...]:
    """P(W <= k) for k = 0, 1, ...: each rank joins the sum or not, by the fall of a coin."""
    chances = [1.0]
    for rank in range(1, count + 1):
        without = chances + [0.0] * rank
        joined = [0.0] * rank + chances
        chances = [(one + other) / 2 for one, other in zip(without, joined, strict=True)]
    return tuple(accumulate(chances))


# From this correlation of neighbours on the bounds are widened, by a factor of 1.6 and more: pairs of rounds on a calm
# machine show 0.0 to 0.2, a burst on a quarter of one side 0.5, on half of it 0.7. To widen them for less would punish
# chance: beyond what one of twenty samples shows lies one row of twenty in every gate. It must be beyond that too, and
# never counts for more than 0.8: beyond, the sample says nothing any more and only the budget helps.
_STRIKING = 0.45
_CHANCE = _NORMAL.inv_cdf(0.95)
_STRONGEST = 0.8


def serial_correlation(values: Sequence[float]) -> float:
    """The correlation of each value's rank with the next one's; 0.0 unless it is striking, at most 0.8.

    A sample of n values of which neighbours correlate by r tells as much as n (1 - r) / (1 + r) independent ones
    (Bayley & Hammersley 1946, "The 'effective' number of independent observations in an autocorrelated time series").
    Ranks, so that two outliers next to each other do not make a correlation. Negative ones are ignored: they would
    narrow the interval.
    """
    count = len(values)
    if count < 8:
        return 0.0
    ranks = _ranks(values)
    mean = (count - 1) / 2
    spread = sum((rank - mean) ** 2 for rank in ranks)
    if not spread:
        return 0.0
    together = sum((one - mean) * (other - mean) for one, other in pairwise(ranks))
    correlation = together / spread
    return min(correlation, _STRONGEST) if correlation > max(_STRIKING, _CHANCE / math.sqrt(count)) else 0.0


def _ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value from 0, equal values sharing the middle one."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = (start + end) / 2
        start = end + 1
    return ranks


def signed_rank_below(count: int, bound: int) -> float:
    """P(W <= bound) of Wilcoxon's signed-rank statistic W of `count` values where nothing but chance decides."""
    if bound < 0:
        return 0.0
    if count <= _EXACT_UP_TO:
        chances = _signed_rank_distribution(count)
        return chances[min(bound, len(chances) - 1)]
    mean = count * (count + 1) / 4
    deviation = math.sqrt(count * (count + 1) * (2 * count + 1) / 24)
    return _NORMAL.cdf((bound + 0.5 - mean) / deviation)


# Student's t distribution, for what is estimated from few values


def student_tail(value: float, degrees: int) -> float:
    """P(T > value) for value >= 0 and whole degrees of freedom >= 1.

    The finite series of Abramowitz & Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
    """
    angle = math.atan(value / math.sqrt(degrees))
    cosine, sine = math.cos(angle), math.sin(angle)
    term = cosine if degrees % 2 else 1.0
    total = term if degrees > 1 or not degrees % 2 else 0.0
    for step in range(2 if degrees % 2 else 1, degrees - 1, 2):
        term *= cosine * cosine * step / (step + 1)
        total += term
    inside = (angle + sine * total) * 2 / math.pi if degrees % 2 else sine * total
    return max(0.0, (1 - inside) / 2)


@lru_cache(maxsize=4096)
def student_quantile(alpha: float, degrees: int) -> float:
    """The value that T exceeds with probability `alpha` (0 < alpha <= 0.5), to nine digits, by bisection."""
    low, high = 0.0, 1.0
    while student_tail(high, degrees) > alpha and high < 1e12:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if student_tail(middle, degrees) > alpha:
            low = middle
        else:
            high = middle
    return (low + high) / 2
