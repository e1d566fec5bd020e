"""Small steps that add up since a release."""

import math
import random

from perfgate.compare.stored.creep import creep_since


def staircase(step, seed=3, noise=0.01):
    """Ten steps, three runs each, after five runs of the release."""
    lots = random.Random(seed)
    levels = [0] * 5 + [rise for rise in range(1, 11) for _ in range(3)]
    return [100 * math.exp(step * level + lots.gauss(0, noise)) for level in levels]


def test_ten_steps_of_one_percent_are_seen_against_the_release():
    for seed in range(20):
        creep = creep_since(staircase(0.01, seed), 2, 0.01)
        assert creep.interval.low > 0.05
        assert 0.07 < creep.change < 0.13


def test_no_steps_are_no_creep():
    for seed in range(20):
        creep = creep_since(staircase(0.0, seed), 2, 0.001)
        assert creep.interval.low < 0 < creep.interval.high


def test_an_odd_run_at_either_end_is_no_creep():
    series = staircase(0.0)
    series[2] *= 3
    series[-1] *= 3
    creep = creep_since(series, 2, 0.01)
    assert creep.interval.low < 0 < creep.interval.high


def test_too_few_runs_since_the_release_say_nothing():
    assert creep_since([1.0] * 10, 5, 0.01) is None
    assert creep_since([1.0] * 10, -1, 0.01) is None
    assert creep_since([0.0] + [1.0] * 10, 2, 0.01) is None
