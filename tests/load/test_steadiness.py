"""load/steadiness: when a warm-up may end."""

import math
import random

import pytest

from perfgate.load.steadiness import fallen, got_faster, is_steady, still_falls


def warm_up(level, noise, seed=1, steps=120, turn=1):
    """After how many steps a warm-up ends whose level at each step is known; `steps` if it does not.

    turn: the steps of each turn.
    """
    chance, levels = random.Random(seed), []
    while len(levels) < steps and not is_steady(levels, [place // turn for place in range(len(levels))]):
        levels.append(level(len(levels)) * math.exp(chance.gauss(0, noise)))
    return len(levels)


def test_a_level_without_noise_is_steady_as_soon_as_it_can_be_told():
    assert warm_up(lambda step: 5.0, 0.0) == 6


def test_a_few_levels_say_nothing():
    assert not is_steady([], [])
    assert not is_steady([1.0] * 5, range(5))


def test_one_turn_says_nothing():
    assert not is_steady([1.0] * 12, [0] * 12)


@pytest.mark.parametrize("noise", [0.01, 0.05, 0.2])
def test_noise_alone_ends_within_a_dozen_seconds(noise):
    taken = [warm_up(lambda step: 1.0, noise, seed) for seed in range(50)]
    assert sorted(taken)[25] <= 14
    assert max(taken) < 60


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
def test_a_level_that_falls_for_forty_steps_is_waited_for(noise):
    falling = lambda step: 1 + 2 * max(0.0, 1 - step / 40)  # noqa: E731
    taken = sorted(warm_up(falling, noise, seed) for seed in range(20))
    assert taken[2] >= 40
    assert taken[-1] <= 80


def test_a_level_that_never_settles_is_never_steady():
    assert warm_up(lambda step: 0.97**step, 0.01) == 120


def test_a_level_that_rises_is_not_waited_for():
    assert warm_up(lambda step: 1.05**step, 0.0) == 6


def test_one_wild_step_does_not_make_a_fall():
    assert is_steady([1.0, 9.0, 1.0, 1.01, 1.0, 0.99, 1.0, 1.01, 1.0, 0.99, 1.0, 1.0], range(12))


def falls(level, noise, turn):
    """How many of 200 warm-ups of 60 steps are seen to fall at their end."""
    turns = [place // turn for place in range(60)]
    seen = 0
    for seed in range(200):
        chance = random.Random(seed)
        seen += still_falls([level(step) * math.exp(chance.gauss(0, noise)) for step in range(60)], turns)
    return seen


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.5])
def test_noise_alone_is_seldom_a_fall(noise):
    assert falls(lambda step: 1.0, noise, 1) <= 15


def test_a_level_that_falls_within_each_turn_does_not_fall():
    """Each turn begins with connections that open."""
    course = lambda step: 1.6 - 0.06 * (step % 10)  # noqa: E731
    assert falls(course, 0.05, 1) > 100
    assert falls(course, 0.05, 10) <= 5


@pytest.mark.parametrize("turn", [1, 4])
def test_a_level_that_falls_from_turn_to_turn_is_seen(turn):
    assert falls(lambda step: 0.98**step, 0.03, turn) > 180


def test_how_far_a_level_fell():
    assert fallen([2.0] * 4 + [1.0] * 12) == pytest.approx(math.log(2))
    assert fallen([1.0] * 4 + [2.0] * 12) == 0
    assert fallen([2.0, 1.0]) == 0


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.1])
def test_noise_alone_is_seldom_taken_for_getting_faster(noise):
    chance = random.Random(1)
    seen = [got_faster([math.exp(chance.gauss(0, noise)) for _ in range(14)]) for _ in range(200)]
    assert sum(seen) <= 25


@pytest.mark.parametrize("first", [[1.1, 1.1, 1.1, 1.1], [3.0, 1.5, 1.2, 1.1]])
def test_first_levels_above_the_others_are_a_warm_up(first):
    chance = random.Random(1)
    after = [math.exp(chance.gauss(0, 0.02)) for _ in range(14)]
    assert got_faster(first + after)
    assert not got_faster(after + first)


def test_one_cold_request_is_no_warm_up():
    assert not got_faster([9.0, 1.0, 1.0, 1.0, 1.0, 1.0])


def test_a_few_levels_do_not_show_a_warm_up():
    assert not got_faster([5.0, 4.0, 3.0, 2.0, 1.0])
