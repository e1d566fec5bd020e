"""load/warm_up_timing: the steps of a warm-up, and the most that it takes."""

import pytest

from perfgate.load.warm_up_timing import WarmUpTiming


@pytest.mark.parametrize(("least", "step"), [(0.1, 0.05), (1.0, 0.25), (2.0, 0.5), (60.0, 0.5)])
def test_a_step_is_a_quarter_of_the_least_within_limits(least, step):
    assert WarmUpTiming(least, 60.0).step == step


@pytest.mark.parametrize(("most", "step"), [(60.0, 0.5), (36.0, 0.375), (24.0, 0.25), (4.0, 0.25)])
def test_a_short_warm_up_is_looked_at_oftener_and_no_more_than_twice_as_often(most, step):
    assert WarmUpTiming(2.0, most).step == step


def test_the_longest_is_the_most_and_the_turn_that_it_ends_in():
    assert WarmUpTiming(2.0, 60.0).longest == 62.0
    assert WarmUpTiming(5.0, 0.0).longest == 6.0
