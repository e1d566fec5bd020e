"""The row that a bisection follows: of those that may be meant, the one that differs most clearly between the ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perfgate.bisecting.bisection import ENDS_ERROR_RATE
from perfgate.bisecting.reading import Reading, Trial, readings
from perfgate.bisecting.search import ends_are_clear
from perfgate.compare.pair_changes import changes_by_row
from perfgate.compare.rows import Row
from perfgate.compare.rules import Rules
from perfgate.compare.sample import valid_pairs
from perfgate.compare.statistics import student_quantile
from perfgate.metrics.catalogue import covers
from perfgate.metrics.run import ScenarioRun

# The standard deviation between instances of one program where nobody has measured it: the greater part of what two
# starts of the services of tests/bench differ by.
UNKNOWN_INSTANCE_NOISE = 0.007

# A row that fewer pairs have than this share is no row to follow.
_MOST_PAIRS = 0.9


@dataclass(frozen=True)
class RowTrial:
    """What the duet of the ends says of one row."""

    row: Row
    trial: Trial
    reading: Reading

    @property
    def clearness(self) -> float:
        """The change in standard errors, worse ones positive."""
        return self.reading.change / self.reading.error


def instance_noise_of(row: Row, known: float | None) -> float:
    """What instances of one program differ by in that row. Counts and shares of requests do not depend on memory."""
    if row.is_count or row.in_points:
        return 0.0
    return UNKNOWN_INSTANCE_NOISE if known is None else known


def rows_to_follow(
    base: ScenarioRun, head: ScenarioRun, last: int, rules: Rules, metric: str | None, noise: float | None
) -> list[RowTrial]:
    """Every row of one scenario that may be followed, by a duet of the ends.

    last: the place of the bad end. metric: the one that is asked for; None for all rows that gate.
    noise: the standard deviation between instances; None where unknown.
    """
    changes = changes_by_row(base, head)
    most = len(valid_pairs(base, head))
    found = []
    for row, values in changes.items():
        wanted = covers(metric, row.metric) if metric else rules.gates(row)
        if wanted and len(values) >= _MOST_PAIRS * most:
            trial = Trial(0, last, values, max(1, head.instances))
            (reading,) = readings([trial], instance_noise_of(row, noise))
            found.append(RowTrial(row, trial, reading))
    return found


def clearest(rows: Sequence[RowTrial]) -> RowTrial:
    """The row with the clearest change to the worse."""
    return max(rows, key=lambda one: one.clearness)


def most_improved(rows: Sequence[RowTrial]) -> RowTrial:
    """The row with the clearest change to the better."""
    return min(rows, key=lambda one: one.clearness)


def is_sure(found: RowTrial, rows: int) -> bool:
    """Whether it got worse between the ends. rows: how many could have been followed."""
    return found.clearness > _enough(found, rows)


def say_enough(rows: Sequence[RowTrial], scenarios: int, noise: float | None) -> bool:
    """Whether no more pairs of the ends are needed: one row surely got worse, and it is well known by how much.

    Pairs of the instances that run now may say the latter long before what instances differ by is ruled out; the ones
    that come after them do that.

    rows: of one scenario. scenarios: how many there are, each taken to have as many rows.
    noise: the standard deviation between instances; None where unknown.
    """
    best = clearest(rows)
    return is_sure(best, len(rows) * scenarios) and ends_are_clear(best.trial, instance_noise_of(best.row, noise))


def is_surely_better(found: RowTrial, rows: int) -> bool:
    """Whether it got better between them."""
    return -found.clearness > _enough(found, rows)


def _enough(found: RowTrial, rows: int) -> float:
    """The standard errors that no chance makes."""
    pairs = len(found.trial.changes)
    return student_quantile(ENDS_ERROR_RATE / rows, pairs - 1) if pairs > 1 else math.inf
