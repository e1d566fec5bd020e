"""What so many seconds of a load will show, foretold from its warm-up.

How well a quantile is known depends on how many requests there are and on how their latencies spread about it, and on
nothing else: its interval lies between the order statistics about n q -+ sqrt(n q (1 - q)) (David & Nagaraja 2003,
"Order Statistics", section 7.1). The difference of two sides is sqrt(2) times as uncertain. Requests that wait for each
other tell less than this, so what is foretold is the best that can come of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from perfgate.compare.foresight.prospect import standard_deviations
from perfgate.compare.rules import MISS_RATE
from perfgate.metrics.histogram import Histogram

_MEDIAN, _TAIL = 0.5, 0.95

# A quantile needs some values beyond it to be known by.
_FEWEST_BEYOND = 5


@dataclass(frozen=True)
class Outlook:
    """What a load will show of latencies if nothing changes.

    seconds: of load on one side (s).
    requests: of one side in that time.
    median: the change of the median that can be ruled out, a fraction; None where the requests are too few.
    tail: likewise of p(95).
    """

    seconds: float
    requests: int
    median: float | None
    tail: float | None


def foresee(latencies: Histogram, per_second: float, seconds: float, miss_rate: float = MISS_RATE) -> Outlook:
    """What `seconds` of load on either side will show.

    latencies: of the warm-up.
    per_second: the requests that it made.
    miss_rate: how often a row may rule out a regression that is there.
    """
    requests = int(per_second * seconds)
    median, tail = (_half(latencies, fraction, requests, miss_rate) for fraction in (_MEDIAN, _TAIL))
    return Outlook(seconds, requests, median, tail)


def seconds_needed(latencies: Histogram, per_second: float, margin: float, fraction: float = _MEDIAN) -> float | None:
    """How much load on either side would show a change of a quantile as large as `margin`; None where that is unknown.

    fraction: which quantile.
    """
    if per_second <= 0:
        return None
    known = _half(latencies, fraction, latencies.count, MISS_RATE)
    if known is None:
        return None
    return latencies.count * (math.log1p(known) / math.log1p(margin)) ** 2 / per_second


def _half(latencies: Histogram, fraction: float, requests: int, miss_rate: float) -> float | None:
    """The change that is just ruled out: the bound of the ratio of two such quantiles, where nothing changed."""
    if min(latencies.count, requests) * (1 - fraction) < _FEWEST_BEYOND:
        return None
    # No closer than what the warm-up itself can tell apart, and scaled from there: few values have no near neighbours.
    counted = min(requests, latencies.count)
    low, high = (latencies.quantile(place) for place in _around(fraction, counted))
    if low <= 0:
        return None
    error = math.log(high / low) / 2 * math.sqrt(counted / requests)
    return math.expm1(standard_deviations(miss_rate) * math.sqrt(2) * error)


def _around(fraction: float, count: int) -> Iterator[float]:
    """One standard error below and above a quantile, as fractions."""
    error = math.sqrt(fraction * (1 - fraction) / count)
    yield max(0.0, fraction - error)
    yield min(1.0, fraction + error)
