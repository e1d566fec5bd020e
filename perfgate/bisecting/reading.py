"""From the pairs of a duet to how far two commits lie apart, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from perfgate.compare.statistics import locate, serial_correlation

# Of normal values, the standard deviation by the median of their distances from the median.
_OF_DISTANCES = 1.4826

# The asymptotic variance of Hodges and Lehmann's estimate of normal values, over that of their mean.
_OF_RANKS = math.pi / 3

# What a pair scatters by is known poorly from a few of them, and much the same in all duets of one service: each duet's
# own counts as if it came with so many pairs of all the others.
_SHARED_PAIRS = 8

# No pair is known better than this, not even of a counter that says the same each time.
_LEAST_SCATTER = 0.001


@dataclass(frozen=True)
class Trial:
    """One duet of two commits.

    base, head: their places on the line, base before head.
    changes: of each pair, worse ones positive: the log of head/base, or a difference in points.
    instances: how many of each side were measured.
    """

    base: int
    head: int
    changes: tuple[float, ...]
    instances: int


@dataclass(frozen=True)
class Reading:
    """How far two commits lie apart.

    base, head: their places, base before head.
    change: as those of a Trial.
    error: its standard error, what instances differ by included.
    """

    base: int
    head: int
    change: float
    error: float


def readings(trials: Sequence[Trial], instance_noise: float) -> tuple[Reading, ...]:
    """What each trial says. instance_noise: the standard deviation between instances of one program."""
    if not trials:
        return ()
    count = sum(len(trial.changes) for trial in trials)
    shared = sum(_variance(trial.changes) * len(trial.changes) for trial in trials) / count
    return tuple(_reading(trial, shared, instance_noise) for trial in trials)


def _reading(trial: Trial, shared: float, instance_noise: float) -> Reading:
    count = len(trial.changes)
    variance = (_variance(trial.changes) * count + shared * _SHARED_PAIRS) / (count + _SHARED_PAIRS)
    correlation = serial_correlation(trial.changes)
    of_pairs = _OF_RANKS * variance / count * (1 + correlation) / (1 - correlation)
    of_instances = 2 * instance_noise**2 / trial.instances
    change = locate(trial.changes, 0.5, 0.5).estimate
    return Reading(trial.base, trial.head, change, math.sqrt(of_pairs + of_instances))


def _variance(changes: Sequence[float]) -> float:
    """That of one pair, by ranks: a burst of noise cannot make it large, nor what two of them agree on small."""
    middle = median(changes)
    scatter = _OF_DISTANCES * median(abs(change - middle) for change in changes)
    return max(scatter, _LEAST_SCATTER) ** 2
