"""The posterior over commits, held against the whole Gaussian model written out."""

from __future__ import annotations

import math
import random

import pytest

from perfgate.bisecting.belief import Belief
from perfgate.bisecting.cholesky import Cholesky, product
from perfgate.bisecting.commit_line import UNLIKELY, CommitLine
from perfgate.bisecting.reading import Reading

ENDS = Reading(0, 8, 0.1, 0.005)


def test_the_place_of_a_clear_step_is_believed():
    belief = Belief(CommitLine([True] * 8), [ENDS, Reading(0, 4, 0.0, 0.01), Reading(4, 6, 0.1, 0.01)])
    assert belief.probability(4, 6) > 0.98
    assert belief.commits[4] == pytest.approx(belief.commits[5], rel=0.05)
    assert belief.step(5).change == pytest.approx(0.1, abs=0.01)


def test_half_of_the_change_on_each_side_is_no_single_commit():
    readings = [ENDS, Reading(0, 4, 0.05, 0.004), Reading(4, 8, 0.05, 0.004), Reading(0, 2, 0.025, 0.004)]
    assert Belief(CommitLine([True] * 8), readings).several > 0.9


def test_an_unlikely_commit_counts_as_one_of_fifty():
    belief = Belief(CommitLine([True, False]), [Reading(0, 2, 0.1, 0.005)])
    assert belief.commits[1] / belief.commits[0] == pytest.approx(UNLIKELY)


def test_readings_that_err_decide_nothing():
    belief = Belief(CommitLine([True] * 8), [ENDS, Reading(0, 4, 0.05, 0.2)])
    assert sum(belief.commits[:4]) == pytest.approx(0.5, abs=0.05)


def test_the_rises_of_all_stretches_are_the_whole_change():
    readings = [ENDS, Reading(0, 4, 0.04, 0.005), Reading(4, 8, 0.06, 0.005)]
    belief = Belief(CommitLine([True] * 8), readings)
    assert belief.rise(0, 4).change + belief.rise(4, 8).change == pytest.approx(belief.rise(0, 8).change)
    assert belief.rise(0, 4).error < 0.005
    assert belief.rise(0, 8).error < belief.rise(0, 2).error


def test_the_shortcut_of_the_posterior_agrees_with_the_whole_covariance():
    """Without Sherman and Morrison's formula: the step of the commit as one more part of the covariance."""
    lots = random.Random(3)
    readings = [ENDS]
    for _ in range(6):
        after, until = sorted(lots.sample(range(9), 2))
        readings.append(Reading(after, until, lots.gauss(0.05, 0.03), lots.uniform(0.004, 0.02)))
    belief = Belief(CommitLine([True] * 8), readings)
    logs = [written_out(belief.whole, readings, place) for place in range(1, 9)]
    total = sum(math.exp(log - max(logs)) for log in logs)
    assert belief.commits == pytest.approx([math.exp(log - max(logs)) / total for log in logs])


def written_out(whole, readings, place):
    def shared(one, other):
        return max(0, min(one.head, other.head) - max(one.base, other.base))

    inside = [float(one.base < place <= one.head) for one in readings]
    matrix = [
        [
            shared(one, other) * (whole / 30) ** 2
            + inside[row] * inside[column] * (whole / 3) ** 2
            + (one.error**2 if row == column else 0.0)
            for column, other in enumerate(readings)
        ]
        for row, one in enumerate(readings)
    ]
    solved = Cholesky(matrix)
    half = solved.halved([one.change - whole * is_in for one, is_in in zip(readings, inside, strict=True)])
    return -(product(half, half) + solved.log_determinant) / 2
