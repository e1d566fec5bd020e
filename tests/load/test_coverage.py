"""Which parts of a profile a duet plays, and which of them has the most load."""

import pytest

from perfgate.load.coverage import all_over, busiest, evenness, in_a_row, place_of, varies
from perfgate.load.pacer import Slice
from perfgate.scenario.concurrent_profiles import ConcurrentProfiles, ScheduledProfile
from perfgate.scenario.profile import (
    ConstantArrivalRate,
    ConstantVUs,
    RampingArrivalRate,
    RampingVUs,
    SharedIterations,
    Stage,
)

PEAK = RampingVUs((Stage(30, 20), Stage(60, 20), Stage(20, 0)))


def quarters(places, parts):
    return {place * 4 // parts for place in places}


@pytest.mark.parametrize("parts", [12, 13, 220, 1_000_000])
@pytest.mark.parametrize("first", [0, 12, 31])
def test_a_dozen_pairs_in_turns_lie_in_every_quarter_of_a_profile(parts, first):
    assert quarters((place_of(number, parts) for number in range(first, first + 12)), parts) == {0, 1, 2, 3}


@pytest.mark.parametrize("parts", range(1, 30))
def test_pairs_enough_play_every_part_and_none_beyond(parts):
    assert {place_of(number, parts) for number in range(6 * parts)} == set(range(parts))


def test_pairs_next_to_each_other_play_parts_next_to_each_other():
    assert all(place_of(number + 1, 220) - place_of(number, 220) == 1 for number in range(0, 100, 2))


@pytest.mark.parametrize("parts", [1, 2, 7, 60, 220])
@pytest.mark.parametrize(("share", "instance"), [(60, 0), (60, 1), (5, 0), (1, 3)])
def test_blocks_hold_all_pairs_of_an_instance_and_lie_within_the_profile(parts, share, instance):
    numbers = range(share * instance, share * (instance + 1))
    blocks = all_over(numbers, parts, 6)
    assert [number for block in blocks for number in block.numbers] == list(numbers)
    assert all(0 <= block.place <= parts - len(block.numbers) for block in blocks)


@pytest.mark.parametrize("instance", [0, 1, 2])
def test_the_blocks_of_every_instance_lie_all_over_the_profile(instance):
    blocks = all_over(range(60 * instance, 60 * (instance + 1)), 220, 6)
    assert quarters((block.place + 5 for block in blocks), 220) == {0, 1, 2, 3}
    assert {len(block.numbers) for block in blocks} == {10}


def test_the_only_block_of_a_short_duet_is_none_of_the_beginning():
    (block,) = all_over(range(120), 840, 1)
    assert 200 < block.place < 600


def test_blocks_in_a_row_begin_anew_with_the_profile():
    assert [(block.numbers, block.place) for block in in_a_row(range(3, 12), 5)] == [
        (range(3, 5), 3),
        (range(5, 10), 0),
        (range(10, 12), 0),
    ]


@pytest.mark.parametrize(
    ("profile", "start"),
    [
        (ConstantVUs(20, 30), 0),
        (ConstantArrivalRate(20, 30, 5), 0),
        (PEAK, 30),
        (RampingVUs((Stage(100, 10),)), 98),
        (RampingVUs((Stage(100, 10), Stage(0, 50), Stage(10, 50))), 100),
        (RampingVUs((Stage(20, 5),), start_vus=40), 0),
        (RampingArrivalRate((Stage(20, 5), Stage(4, 50), Stage(20, 0)), 5, start_rate=5), 24),
        (RampingVUs((Stage(1, 5),)), 0),
        (
            ConcurrentProfiles(
                (ScheduledProfile("a", 0, ConstantVUs(5, 40)), ScheduledProfile("b", 20, ConstantVUs(5, 10)))
            ),
            20,
        ),
    ],
    ids=lambda value: getattr(value, "executor", value),
)
def test_the_busiest_part_is_the_first_with_the_most_load(profile, start):
    assert busiest(profile, 2).start == pytest.approx(start, abs=2)


def test_the_busiest_part_of_counted_iterations_is_their_first():
    assert busiest(SharedIterations(2, 20, 100), 2) == Slice(0, 10, 2)


def test_a_profile_varies_where_it_has_stages_or_several_parts():
    assert varies(PEAK)
    assert not varies(ConstantVUs(20, 30))


@pytest.mark.parametrize(
    ("profile", "share"),
    [
        (ConstantVUs(20, 30), 1.0),
        (RampingVUs((Stage(100, 10),), start_vus=0), 0.5),
        (RampingVUs((Stage(300, 10), Stage(0, 100), Stage(10, 100)), start_vus=10), 0.13),
        (RampingVUs((Stage(10, 0),), start_vus=0), 1.0),
    ],
)
def test_how_even_a_load_is(profile, share):
    assert evenness(profile) == pytest.approx(share, abs=0.05)
