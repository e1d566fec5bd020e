"""Instances of one program are not equally fast.

Where memory happens to lie makes one process slower than the next for as long as it lives (Mytkowicz et al. 2009,
"Producing wrong data without doing anything obviously wrong!"; Kalibera & Jones 2013, "Rigorous benchmarking in
reasonable time", treat it as a level of its own). So the instance is a random effect: with k instances of each side,
the variance of a change is that of its pairs, which more pairs shrink, and 2 s**2 / k, which only more instances do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, variance

# From fewer differences between groups nothing can be said of the scatter between instances.
_FEWEST_DEGREES = 3

# A margin of fewer deviations than this is within what instances differ by.
TIMES_NOISE = 3


def instance_variance(noise: float | None, instances: int | None) -> float:
    """The variance of the log ratio of head to base that comes from the instances; 0.0 where unknown.

    noise: the standard deviation between instances of one program, a fraction; None where unknown.
    instances: of each side, so far; None where unknown, as of a service that perfgate did not start.
    """
    return 2 * noise**2 / instances if noise and instances else 0.0


def instances_needed(noise: float, margin: float) -> int:
    """With how many instances of each side a change as large as `margin` is beyond what instances differ by.

    noise: the standard deviation between instances. That of the difference of two means of k is sqrt(2 / k) of it.
    """
    return max(2, math.ceil(2 * (TIMES_NOISE * noise / margin) ** 2))


def estimate_instance_noise(scenarios: Sequence[Sequence[Sequence[float]]]) -> float | None:
    """The standard deviation between instances of one program (a fraction); None where there were too few.

    scenarios: for each, the log ratios of base to base, a sequence for every two instances that were paired. One-way
    analysis of variance by the method of moments (Searle, Casella & McCulloch 1992, "Variance Components", chapter 3).
    """
    between = within = 0.0
    degrees = 0
    for groups in scenarios:
        known = [group for group in groups if len(group) > 1]
        if len(known) < 2:
            continue
        size = len(known) / sum(1 / len(group) for group in known)  # the harmonic mean
        between += (len(known) - 1) * variance([fmean(group) for group in known])
        within += (len(known) - 1) * fmean(variance(group) for group in known) / size
        degrees += len(known) - 1
    if degrees < _FEWEST_DEGREES:
        return None
    return math.sqrt(max(0.0, between - within) / degrees / 2)
