"""compare/foresight/instances: instances of one program as a random effect."""

import random

import pytest

from perfgate.compare.foresight.instances import estimate_instance_noise, instance_variance, instances_needed


def groups(noise, instances, pairs=40, seed=1):
    """The log ratios of base to base of so many pairs of instances, each of which is off by `noise`."""
    lots = random.Random(seed)
    off = [lots.gauss(0, noise) - lots.gauss(0, noise) for _ in range(instances)]
    return [[one + lots.gauss(0, 0.02) for _ in range(pairs)] for one in off]


def test_more_instances_leave_less_of_their_scatter():
    assert instance_variance(0.01, 1) == pytest.approx(0.0002)
    assert instance_variance(0.01, 4) == pytest.approx(0.00005)


def test_what_is_unknown_widens_nothing():
    assert instance_variance(None, 2) == instance_variance(0.01, None) == 0.0


def test_the_scatter_between_instances_is_found():
    found = [estimate_instance_noise([groups(0.03, 8, seed=seed)]) for seed in range(40)]
    assert sorted(found)[20] == pytest.approx(0.03, rel=0.15)


def test_noise_of_rounds_is_not_taken_for_noise_of_instances():
    found = [estimate_instance_noise([groups(0.0, 8, seed=seed)]) for seed in range(40)]
    assert sorted(found)[20] < 0.002


def test_few_instances_of_many_scenarios_tell_as_much_as_many_of_one():
    assert estimate_instance_noise([groups(0.03, 2, seed=seed) for seed in range(60)]) == pytest.approx(0.03, rel=0.2)


@pytest.mark.parametrize("scenarios", [[], [groups(0.03, 1)], [groups(0.03, 3)], [groups(0.03, 2), groups(0.03, 2)]])
def test_too_few_instances_tell_nothing(scenarios):
    assert estimate_instance_noise(scenarios) is None


def test_a_margin_near_what_instances_differ_by_asks_for_more_of_them():
    assert instances_needed(0.01, 0.10) == 2
    assert instances_needed(0.01, 0.02) == 5
