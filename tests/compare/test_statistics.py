"""Locations of paired differences and their intervals."""

import random
from itertools import product

import pytest

from perfgate.compare.statistics import fewest, lies_above, locate, serial_correlation, signed_rank_critical


def test_the_location_is_the_median_of_all_averages_of_two():
    # The averages of 1, 3, 4 and 10, each with itself too, are 1, 2, 2.5, 3, 3.5, 4, 5.5, 6.5, 7 and 10.
    assert locate([4, 10, 1, 3], 0.1, 0.1).estimate == 3.75


def test_the_interval_of_ten_values_is_the_one_in_the_tables():
    # Hollander & Wolfe's table: for n = 10, P(W <= 8) = 0.0244 and P(W <= 9) = 0.0322.
    assert signed_rank_critical(10, 0.025) == 8
    assert signed_rank_critical(10, 0.0243) == 7
    values = [32, 1, 512, 2, 128, 8, 256, 4, 64, 16]  # no two averages are alike
    averages = sorted((one + other) / 2 for place, one in enumerate(values) for other in values[place:])
    location = locate(values, 0.025, 0.025)
    assert (location.low, location.high) == (averages[8], averages[-9])


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_the_critical_value_agrees_with_counting_every_fall_of_the_coins(count):
    sums = [sum(rank for rank, up in enumerate(coins, 1) if up) for coins in product((0, 1), repeat=count)]
    for level in (0.5, 0.1, 0.03, 0.004):
        allowed = [k for k in range(max(sums) + 1) if sum(one <= k for one in sums) / len(sums) <= level]
        assert signed_rank_critical(count, level) == (max(allowed) if allowed else None)


def test_the_approximation_for_large_samples_is_never_less_careful_than_counting(monkeypatch):
    exact = {level: signed_rank_critical(60, level) for level in (0.01, 0.001, 1e-4, 1e-5)}
    monkeypatch.setattr("perfgate.compare.statistics._EXACT_UP_TO", 10)
    signed_rank_critical.cache_clear()
    for level, critical in exact.items():
        assert critical * 0.9 <= signed_rank_critical(60, level) <= critical
    signed_rank_critical.cache_clear()


def test_a_sample_that_is_too_small_has_no_interval():
    location = locate([1.0, 2.0, 3.0], 0.01, 0.01)
    assert (location.estimate, location.low, location.high) == (2.0, None, None)
    assert fewest(0.01) == 7
    assert locate([1.0] * 6, 0.01, 0.01).low is None
    assert locate([1.0] * 7, 0.01, 0.01).low == 1.0


def test_the_interval_covers_the_truth_as_often_as_it_says():
    lots = random.Random(20)
    missed = 0
    for _ in range(2000):
        location = locate([lots.gauss(0, 1) for _ in range(15)], 0.05, 0.05)
        missed += not location.low <= 0 <= location.high
    # Exactly 9.5 % at the nearest critical value below 10 %; four standard deviations of 2,000 trials are 2.6 %.
    assert 0.069 <= missed / 2000 <= 0.121


def test_wild_values_hardly_move_the_location():
    calm = [0.01 * place for place in range(-10, 11)]
    wild = [*calm[:-3], 50.0, 60.0, 70.0]
    assert abs(locate(wild, 0.01, 0.01).estimate - locate(calm, 0.01, 0.01).estimate) < 0.03


def test_the_test_and_the_interval_say_the_same():
    lots = random.Random(3)
    for _ in range(200):
        values = [lots.gauss(0.02, 0.05) for _ in range(lots.randint(12, 40))]
        location = locate(values, 0.01, 0.01)
        if not location.correlation:
            assert lies_above(values, 0.0, 0.01) == (location.low > 0)


def test_values_that_equal_the_bound_do_not_lie_above_it():
    assert not lies_above([1.0] * 20, 1.0, 0.01)
    assert lies_above([1.0] * 20, 0.999, 0.01)


def test_values_that_hang_together_widen_the_interval():
    slow = [float(place // 10) for place in range(40)]
    shuffled = random.Random(1).sample(slow, len(slow))
    together, apart = locate(slow, 0.01, 0.01), locate(shuffled, 0.01, 0.01)
    assert together.correlation > 0.6
    assert apart.correlation == 0.0
    assert together.estimate == apart.estimate
    assert together.high - together.low > 1.8 * (apart.high - apart.low)


def test_independent_values_are_rarely_taken_for_correlated():
    lots = random.Random(8)
    found = sum(serial_correlation([lots.gauss(0, 1) for _ in range(40)]) > 0 for _ in range(1000))
    assert found <= 5
    few = sum(serial_correlation([lots.gauss(0, 1) for _ in range(10)]) > 0 for _ in range(1000))
    assert few <= 60


def test_a_correlation_that_is_not_striking_widens_nothing():
    lots, values = random.Random(3), [0.0]
    for _ in range(400):
        values.append(0.35 * values[-1] + lots.gauss(0, 1))
    assert serial_correlation(values) == 0.0


def test_alternating_values_do_not_narrow_the_interval():
    assert serial_correlation([0.0, 1.0] * 20) == 0.0


def test_equal_values_have_no_correlation():
    assert serial_correlation([2.0] * 20) == 0.0
