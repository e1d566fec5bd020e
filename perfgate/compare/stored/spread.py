"""How far the values of a row scatter from run to run, where its own few values hardly tell.

Rows of one run share what is known of it: the variance of each is moved towards what is usual, as if that had been
measured with some degrees of freedom (Smyth 2004, "Linear models and empirical Bayes methods for assessing differential
expression in microarray experiments", Statistical Applications in Genetics and Molecular Biology 3(1), article 3). What
is usual lies between what machines are like and what the other rows of the run show. Smyth estimates it and its weight
from thousands of genes; a run has a handful of rows, so the weight is fixed, and machines at large count as rows do.
Five values, with four degrees of their own, lean on it half; twenty, with seventeen, hardly.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import stdev

from perfgate.compare.rows import DURATION, Row

_DRAWN_IN = 1

# One odd value of fewer widens the interval, which is what it should do: which one is odd cannot be told.
_DRAWN_IN_FROM = 8


Statistic = tuple[str, str]
"""The metric and the stat of a row."""


@dataclass(frozen=True)
class Spread:
    """The scatter of values.

    deviation: their standard deviation, in their unit.
    degrees: of freedom behind it.
    """

    deviation: float
    degrees: int


@dataclass(frozen=True)
class Usual:
    """What is known of the scatter of a row beside its own values.

    deviation: the usual standard deviation.
    degrees: of freedom, with which it counts beside the row's own.
    own_degrees: with which it counts beside all rows of a run together, where these have their say in it.
    least: what no deviation falls under.
    """

    deviation: float
    degrees: int
    own_degrees: int
    least: float


# Of the logs of one value per run. No machine repeats itself from day to day better than 2.5 %, whatever a handful of
# runs say. What is usual was chosen over the runs of seven years on GitHub's machines, for few false alarms with a
# baseline of five runs; tests/bench/judging_stored.py tells the two halves of their suites apart.
ALONE = Usual(deviation=0.13, degrees=4, own_degrees=48, least=0.025)
BESIDE_SIBLINGS = Usual(deviation=0.025, degrees=2, own_degrees=24, least=0.025)

# The statistics from which those of another metric learn, too: every run has them, and every page about a history.
_TELLING = ((DURATION, "med"), (DURATION, "p(95)"), ("http_reqs", "rate"), ("service_cpu", "value"))

# Of shares of failed requests: a service with races fails a few in a thousand.
IN_POINTS = Usual(deviation=0.002, degrees=4, own_degrees=24, least=0.001)


def spread_of(values: Sequence[float]) -> Spread:
    """The scatter of at least two values.

    Of eight or more the smallest and the largest are drawn in to their neighbours (Tukey & McLaughlin 1963, "Less
    vulnerable confidence and significance procedures for location": the winsorised deviation goes with Student's t of
    n - 2k - 1 degrees, k values drawn in at either end). Not the median absolute deviation: machines come in a few
    kinds, and it sees only the commonest. Replayed over years of runs on GitHub's machines it raised false alarms in
    4 % of runs at an alpha where this one raises them in 0.5 %.
    """
    count = len(values)
    if count < _DRAWN_IN_FROM:
        return Spread(stdev(values), count - 1)
    ordered = sorted(values)
    low, high = ordered[_DRAWN_IN], ordered[-1 - _DRAWN_IN]
    drawn_in = [low] * _DRAWN_IN + ordered[_DRAWN_IN:-_DRAWN_IN] + [high] * _DRAWN_IN
    degrees = count - 2 * _DRAWN_IN - 1
    return Spread(stdev(drawn_in) * (count - 1) / degrees, degrees)


def pooled(one: Spread, other: Spread) -> Spread:
    """The scatter of two stretches of a series, each around its own level."""
    degrees = one.degrees + other.degrees
    variance = (one.degrees * one.deviation**2 + other.degrees * other.deviation**2) / degrees
    return Spread(math.sqrt(variance), degrees)


def moderated(own: Spread, usual: Usual) -> Spread:
    """The scatter of a row by its own values and by what is usual (Smyth 2004, section 3)."""
    both = pooled(own, Spread(usual.deviation, usual.degrees))
    return replace(both, deviation=max(usual.least, both.deviation))


def learnt(usual: Usual, rows: Iterable[Spread]) -> Usual:
    """What is usual for these rows of one run, whose scatter counts beside that of machines in general.

    The geometric mean of their variances by their degrees, so that one wild row does not speak for all; the log of a
    variance of few degrees lies too low, and by how much is known (Smyth 2004, section 6.2).
    """
    logs = [(row.degrees, math.log(max(row.deviation, usual.least) ** 2) + _log_bias(row.degrees)) for row in rows]
    if not logs:
        return usual
    known = (usual.own_degrees, math.log(usual.deviation**2))
    total = sum(degrees * log for degrees, log in (*logs, known)) / sum(degrees for degrees, _ in (*logs, known))
    return replace(usual, deviation=math.exp(total / 2))


def usual_of_statistics(values: Mapping[Row, Sequence[float]], usual: Usual) -> dict[Statistic, Usual]:
    """What is usual for the rows of a run, by statistic.

    Rows learn from those of the same statistic, and from those of the others, which all together have the weight that
    what is known of machines has among them. Shares in points have a scale of their own, and learn only from each
    other. values: the stored ones of each row, at least two.
    """
    spreads: dict[Statistic, list[Spread]] = defaultdict(list)
    in_points = {(row.metric, row.stat) for row in values if row.in_points}
    for row, stored in values.items():
        spreads[row.metric, row.stat].append(spread_of(stored))
    return {
        statistic: learnt(IN_POINTS if statistic in in_points else learnt(usual, _of_others(statistic, spreads)), rows)
        for statistic, rows in spreads.items()
    }


def _of_others(statistic: Statistic, spreads: Mapping[Statistic, Sequence[Spread]]) -> list[Spread]:
    return [spread for other in _TELLING if other != statistic for spread in spreads.get(other, ())]


def _log_bias(degrees: int) -> float:
    """How far, on average, the log of a variance lies below that of the true one: log(d / 2) - digamma(d / 2).

    The digamma function by its recurrence from 1/2 or 1 (Abramowitz & Stegun, "Handbook of Mathematical Functions",
    6.3.2 to 6.3.5).
    """
    euler = 0.5772156649015329
    at, digamma = (0.5, -euler - 2 * math.log(2)) if degrees % 2 else (1.0, -euler)
    while at < degrees / 2:
        digamma += 1 / at
        at += 1
    return math.log(degrees / 2) - digamma
