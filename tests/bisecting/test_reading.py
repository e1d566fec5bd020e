"""Readings of duets: how far two commits lie apart, and how sure that is."""

from __future__ import annotations

import math
import random
from statistics import fmean

import pytest

from perfgate.bisecting.reading import Trial, readings


def trial(changes, instances=1):
    return Trial(0, 1, tuple(changes), instances)


def test_the_error_is_that_of_the_mean_of_as_many_pairs():
    lots = random.Random(1)
    errors = [readings([trial(lots.gauss(0.1, 0.04) for _ in range(60))], 0.0)[0].error for _ in range(50)]
    assert fmean(errors) == pytest.approx(0.04 / math.sqrt(60), rel=0.1)


def test_a_burst_moves_a_reading_by_less_than_its_error():
    calm = [0.1 + 0.01 * (-1) ** number for number in range(40)]
    (before,), (after,) = readings([trial(calm)], 0.0), readings([trial([*calm, 3.0, 3.0])], 0.0)
    assert abs(after.change - before.change) < after.error


def test_instances_add_an_error_that_no_pair_takes_away():
    changes = [0.1 + 0.01 * (-1) ** number for number in range(400)]
    (one,), (two,) = (readings([trial(changes, instances)], 0.02) for instances in (1, 2))
    assert one.error == pytest.approx(0.02 * math.sqrt(2), rel=0.01)
    assert two.error == pytest.approx(0.02, rel=0.01)


def test_a_few_pairs_that_agree_by_chance_are_not_believed_where_others_scatter():
    wide = trial(0.1 + 0.05 * (-1) ** number for number in range(60))
    agreeing = trial([0.1] * 8)
    alone = readings([agreeing], 0.0)[0].error
    assert readings([wide, agreeing], 0.0)[1].error > 10 * alone


def test_noise_in_stretches_widens_the_error():
    stretches = [0.05 if number // 10 % 2 else -0.05 for number in range(80)]
    mixed = [0.05 if number % 2 else -0.05 for number in range(80)]
    assert readings([trial(stretches)], 0.0)[0].error > 1.5 * readings([trial(mixed)], 0.0)[0].error
