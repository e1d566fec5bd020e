"""Steps to a worse level that the newest runs confirm."""

import math
import random

import pytest

from perfgate.compare.stored.confirmation import MOST_CONFIRMING, confirmed_step, confirmed_steps

ALPHA = 0.001


def noisy(levels, seed=1, noise=0.02):
    lots = random.Random(seed)
    return [level * math.exp(lots.gauss(0, noise)) for level in levels]


def test_a_large_step_is_confirmed_by_three_runs_and_not_by_two():
    values = noisy([10.0] * 30 + [12.0] * 3)
    assert confirmed_step(values[:-1], 1, ALPHA) is None
    step = confirmed_step(values, 1, ALPHA)
    assert (step.first, step.earliest <= 30 <= step.latest) == (30, True)
    assert step.change == pytest.approx(0.2, abs=0.04)
    assert step.interval.low < step.change < step.interval.high
    assert (step.before, step.after) == (pytest.approx(10, rel=0.02), pytest.approx(12, rel=0.02))


def test_of_what_should_be_high_a_fall_is_worse():
    values = noisy([100.0] * 30 + [80.0] * 4)
    step = confirmed_step(values, -1, ALPHA)
    assert step.change == pytest.approx(-0.2, abs=0.03)
    assert step.interval.low < step.change < step.interval.high
    assert confirmed_step(values, 1, ALPHA) is None


def test_most_steps_of_the_margin_in_noise_of_two_percent_are_seen_within_a_few_runs():
    soon = sum(confirmed_step(noisy([1.0] * 50 + [1.05] * 6, seed), 1, ALPHA) is not None for seed in range(60))
    assert soon >= 50


def test_nothing_is_nothing():
    assert sum(confirmed_step(noisy([1.0] * 60, seed), 1, ALPHA) is not None for seed in range(60)) <= 2


@pytest.mark.parametrize("odd", [1.5, 3.0, 100.0])
def test_one_odd_run_in_three_confirms_nothing(odd):
    for place in (-1, -2, -3):
        values = noisy([1.0] * 40, seed=3)
        values[place] = odd
        assert confirmed_step(values, 1, ALPHA) is None


def test_a_step_is_dated_between_runs_that_surely_have_it_on_either_side():
    hits = 0
    for seed in range(40):
        step = confirmed_step(noisy([1.0] * 40 + [1.08] * 12, seed), 1, ALPHA)
        hits += step.earliest <= 40 <= step.latest
    assert hits >= 36


def test_two_steps_one_above_the_other_are_two():
    first, second = confirmed_steps(noisy([1.0] * 30 + [1.3] * 12 + [1.8] * 5), 1, ALPHA)
    assert (first.first, second.first) == (30, 42)
    assert (first.after, second.after) == (pytest.approx(1.3, rel=0.02), pytest.approx(1.8, rel=0.03))


@pytest.mark.parametrize("age", [3, 12, 28, 32, 34, 36, 38, 44, 50])
def test_a_step_stays_where_it_was_until_it_is_old(age):
    hits = 0
    for seed in range(6):
        steps = confirmed_steps(noisy([1.0] * 50 + [1.15] * age, seed), 1, ALPHA)
        hits += len(steps) <= 1 and all(step.earliest <= 50 <= step.latest for step in steps)
        assert bool(steps) is (age < MOST_CONFIRMING)
    assert hits >= 5


def test_on_top_of_an_old_step_a_new_one_is_seen():
    (step,) = confirmed_steps(noisy([1.0] * 30 + [1.3] * 34 + [1.8] * 5), 1, ALPHA)
    assert step.first == 64


def test_few_values_zeros_and_still_series_have_none():
    assert confirmed_step([1.0] * 10, 1, ALPHA) is None
    assert confirmed_step([0.0] * 40, 1, ALPHA) is None
    assert confirmed_step([1.0] * 40, 1, ALPHA) is None
    assert confirmed_step([1.0] * 40 + [1.001] * 5, 1, ALPHA) is None
