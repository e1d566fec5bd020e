"""When work is due, as a table: no clock, no waiting."""

import random
from itertools import pairwise

import pytest

from perfgate.load.pacer import Share, ShortTurns, Slice, arrivals, least_spread, place_in_turn, slices
from perfgate.scenario.profile import (
    ConstantArrivalRate,
    ConstantVUs,
    PerVUIterations,
    RampingArrivalRate,
    SharedIterations,
    Stage,
)


def due(profile, start, length):
    return list(arrivals(profile, Slice(start, length, None), random.Random(1)))


def test_a_profile_is_cut_into_equal_rounds():
    assert [(part.start, part.length) for part in slices(ConstantVUs(5, duration=3), 1.0)] == [(0, 1), (1, 1), (2, 1)]


def test_a_profile_that_rounds_do_not_divide_still_has_rounds_of_one_length():
    parts = slices(ConstantVUs(5, duration=2.4), 1.0)
    assert [part.length for part in parts] == [1.2, 1.2]


def test_a_profile_shorter_than_a_round_is_one_round():
    assert tuple(slices(ConstantVUs(5, duration=0.3), 1.0)) == (Slice(0.0, 0.3, None),)


def test_shared_iterations_are_dealt_out_whole_over_the_rounds():
    parts = slices(SharedIterations(vus=4, iterations=95), 1.0)
    assert len(parts) == 10
    assert sum(part.iterations for part in parts) == 95


def test_no_round_of_shared_iterations_leaves_a_vu_without_one():
    parts = slices(SharedIterations(vus=30, iterations=95), 1.0)
    assert len(parts) == 3
    assert min(part.iterations for part in parts) >= 30


def test_iterations_per_vu_are_dealt_out_per_vu():
    assert [part.iterations for part in slices(PerVUIterations(vus=7, iterations=25), 1.0)].count(2) == 5


def test_a_constant_rate_is_evenly_spaced():
    assert due(ConstantArrivalRate(rate=4, duration=10, pre_allocated_vus=1), 0, 1) == [0, 0.25, 0.5, 0.75]


def test_the_schedules_of_two_sides_lie_in_between():
    profile, part = ConstantArrivalRate(rate=4, duration=10, pre_allocated_vus=1), Slice(0, 1, None)
    base, head = (list(arrivals(profile, part, random.Random(1), stagger)) for stagger in (0.25, 0.75))
    assert base == pytest.approx([0.0625, 0.3125, 0.5625, 0.8125])
    assert head == pytest.approx([0.1875, 0.4375, 0.6875, 0.9375])


def test_every_other_user_is_first_on_either_side():
    base, head = ([place_in_turn(number, stagger) for number in range(4)] for stagger in (0.25, 0.75))
    assert base == [0.25, 0.75, 0.25, 0.75]
    assert head == [0.75, 0.25, 0.75, 0.25]


def test_a_rate_below_one_a_round_skips_rounds_instead_of_starting_one_in_each():
    profile = ConstantArrivalRate(rate=1, time_unit=2, duration=10, pre_allocated_vus=1)
    assert [due(profile, start, 1) for start in (0, 1, 2, 3)] == [[0], [], [0], []]


def test_slices_together_start_what_the_whole_profile_starts():
    profile = RampingArrivalRate(stages=(Stage(3, 30), Stage(2, 0)), pre_allocated_vus=1, start_rate=5)
    whole = due(profile, 0, 5)
    pieces = [start + offset for start in range(5) for offset in due(profile, start, 1)]
    assert pieces == pytest.approx(whole)


def test_a_ramp_starts_as_many_iterations_as_its_area():
    profile = RampingArrivalRate(stages=(Stage(10, 100),), pre_allocated_vus=1, start_rate=0)
    assert len(due(profile, 0, 10)) == 500


def test_a_ramp_starts_them_ever_closer_together():
    gaps = [late - early for early, late in pairwise(due(RampingArrivalRate((Stage(2, 50),), 1), 0, 2))]
    assert all(late < early for early, late in pairwise(gaps))


def test_a_stage_of_no_length_jumps():
    profile = RampingArrivalRate(stages=(Stage(0, 10), Stage(1, 10)), pre_allocated_vus=1)
    assert due(profile, 0, 1) == pytest.approx([n / 10 for n in range(10)])


def test_poisson_arrivals_have_the_rate_on_average_and_gaps_that_vary():
    profile = ConstantArrivalRate(rate=100, duration=100, pre_allocated_vus=1, arrival="poisson")
    offsets = due(profile, 0, 100)
    gaps = [late - early for early, late in pairwise(offsets)]
    assert 9_600 < len(offsets) < 10_400
    # An exponential gap exceeds three times its mean with a chance of exp(-3), about 5 %.
    assert 0.03 < sum(gap > 0.03 for gap in gaps) / len(gaps) < 0.07


def test_workers_share_every_number_and_share_none_twice():
    shares = [Share(worker, 3) for worker in range(3)]
    assert sorted(number for share in shares for number in share.numbers(10)) == list(range(10))
    assert all(sum(share.takes(number) for share in shares) == 1 for number in range(10))


def test_a_load_until_stopped_is_cut_without_making_its_slices():
    parts = slices(ConstantVUs(2, duration=9999 * 3600.0), 1.0)
    assert len(parts) == 35_996_400
    assert parts[-1] == Slice(35_996_399.0, 1.0, None)
    assert [part.start for part in parts[10:12]] == [10.0, 11.0]


@pytest.mark.parametrize(("vus", "seconds"), [(1, 0.0), (100, 0.0), (200, 0.1), (10_000, 5.0)])
def test_many_users_begin_no_faster_than_a_service_accepts_connections(vus, seconds):
    assert least_spread(vus) == seconds


def test_turns_are_in_random_order_in_each_two_and_the_same_for_every_worker():
    orders = set()
    for seed in "abc":
        whose = ShortTurns(0.1, seed).over(4.0)
        sides = [whose(0.1 * turn + 0.05) for turn in range(40)]
        assert all(sorted(both) == [0, 1] for both in zip(sides[::2], sides[1::2], strict=True))
        assert 5 <= sum(sides[::2]) <= 15
        assert sides == [ShortTurns(0.1, seed).over(4.0)(0.1 * turn + 0.05) for turn in range(40)]
        orders.add(tuple(sides))
    assert len(orders) == 3


def test_before_and_after_its_time_a_turn_is_somebodys():
    whose = ShortTurns(0.1, "a").over(1.0)
    assert whose(-3.0) == whose(0.0)
    assert {whose(1.05), whose(1.15)} == {0, 1}
