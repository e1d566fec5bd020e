"""Load profiles against k6's documentation: defaults, whole durations, and the lines between stages."""

import pytest

from perfgate.scenario.concurrent_profiles import AnyProfile, ConcurrentProfiles, ScheduledProfile
from perfgate.scenario.profile import (
    EXECUTORS,
    ConstantArrivalRate,
    ConstantVUs,
    LoadProfile,
    PerVUIterations,
    RampingArrivalRate,
    RampingVUs,
    SharedIterations,
    Stage,
)

UP_AND_DOWN = (Stage(10.0, 10), Stage(10.0, 0))


def test_there_is_one_profile_for_each_executor_of_k6():
    assert list(EXECUTORS) == [
        "constant-vus",
        "ramping-vus",
        "constant-arrival-rate",
        "ramping-arrival-rate",
        "shared-iterations",
        "per-vu-iterations",
    ]


def test_defaults_are_those_of_k6():
    assert ConstantVUs(duration=5.0) == ConstantVUs(vus=1, duration=5.0, graceful_stop=30.0)
    assert RampingVUs(UP_AND_DOWN) == RampingVUs(UP_AND_DOWN, 1, graceful_ramp_down=30.0, graceful_stop=30.0)
    constant = ConstantArrivalRate(50, 10.0, 5)
    assert (constant.time_unit, constant.arrival, constant.graceful_stop) == (1.0, "constant", 30.0)
    ramping = RampingArrivalRate(UP_AND_DOWN, 5)
    assert (ramping.start_rate, ramping.time_unit, ramping.arrival, ramping.graceful_stop) == (0, 1.0, "constant", 30.0)
    for iterations in (SharedIterations(), PerVUIterations()):
        assert (iterations.vus, iterations.iterations) == (1, 1)
        assert (iterations.max_duration, iterations.graceful_stop) == (600.0, 30.0)


def test_only_arrival_rates_are_open():
    assert [name for name, kind in EXECUTORS.items() if kind.is_open] == [
        "constant-arrival-rate",
        "ramping-arrival-rate",
    ]


@pytest.mark.parametrize(
    ("profile", "vus_max", "duration"),
    [
        (ConstantVUs(7, 12.0), 7, 12.0),
        (RampingVUs(UP_AND_DOWN, start_vus=0), 10, 20.0),
        (RampingVUs(UP_AND_DOWN, start_vus=30), 30, 20.0),
        (ConstantArrivalRate(50, 12.0, 5), 5, 12.0),
        (ConstantArrivalRate(50, 12.0, 5, max_vus=40), 40, 12.0),
        (RampingArrivalRate(UP_AND_DOWN, 5), 5, 20.0),
        (RampingArrivalRate(UP_AND_DOWN, 5, max_vus=40), 40, 20.0),
        (SharedIterations(3, 100, 60.0), 3, 60.0),
        (PerVUIterations(4, 100, 60.0), 4, 60.0),
    ],
)
def test_a_profile_knows_its_most_vus_and_its_length(profile, vus_max, duration):
    assert profile.vus_max == vus_max
    assert profile.duration == duration


@pytest.mark.parametrize(
    ("t", "vus"),
    [
        (-0.1, 0),
        (0.0, 0),
        (0.9, 0),
        (1.0, 1),  # the first VU joins when the line reaches 1
        (1.9, 1),
        (9.99, 9),
        (10.0, 10),
        (10.9, 10),  # on the way down a VU stays until the line has left it
        (11.0, 9),
        (19.5, 1),
        (20.0, 0),
        (99.0, 0),
    ],
)
def test_vus_follow_the_line_through_the_stages(t, vus):
    assert RampingVUs(UP_AND_DOWN, start_vus=0).vus_at(t) == vus


def test_no_vu_is_lost_to_the_rounding_of_a_float():
    up = RampingVUs((Stage(1.0, 22),), start_vus=0)
    assert [up.vus_at(number / 22) for number in range(22)] == list(range(22))
    down = RampingVUs((Stage(1.0, 0),), start_vus=22)
    assert [down.vus_at(number / 22) for number in range(22)] == list(range(22, 0, -1))


def test_a_stage_of_no_length_jumps():
    jump = RampingVUs((Stage(5.0, 2), Stage(0.0, 8), Stage(5.0, 8)), start_vus=2)
    assert [jump.vus_at(t) for t in (0.0, 4.99, 5.0, 9.99, 10.0)] == [2, 2, 8, 8, 0]


def test_a_jump_at_the_start_replaces_the_start_vus():
    assert RampingVUs((Stage(0.0, 5), Stage(1.0, 5)), start_vus=1).vus_at(0.0) == 5


@pytest.mark.parametrize(
    ("t", "rate"), [(-1.0, 0.0), (0.0, 100.0), (2.5, 125.0), (5.0, 150.0), (7.5, 75.0), (10.0, 0.0)]
)
def test_rates_follow_the_line_through_the_stages(t, rate):
    profile = RampingArrivalRate((Stage(5.0, 150), Stage(5.0, 0)), 10, start_rate=100)
    assert profile.rate_at(t) == pytest.approx(rate)


def test_a_rate_per_minute_is_a_sixtieth_per_second():
    constant = ConstantArrivalRate(90, 10.0, 5, time_unit=60.0)
    assert [constant.rate_at(t) for t in (-0.1, 0.0, 9.9, 10.0)] == [0.0, 1.5, 1.5, 0.0]
    ramping = RampingArrivalRate((Stage(10.0, 120),), 5, time_unit=60.0)
    assert ramping.rate_at(5.0) == pytest.approx(1.0)


@pytest.mark.parametrize("profile", [ConstantVUs(3, 10.0), SharedIterations(3, 9, 10.0), PerVUIterations(3, 9, 10.0)])
def test_constant_vus_are_there_from_start_to_end(profile):
    assert [profile.vus_at(t) for t in (-0.1, 0.0, 9.9, 10.0)] == [0, 3, 3, 0]


def test_every_profile_is_a_load_profile_several_at_once_included() -> None:
    one = ConstantVUs(3, 10.0)
    profiles: tuple[AnyProfile, ...] = (one, ConcurrentProfiles((ScheduledProfile("browse", 0.0, one),)))
    shared: tuple[LoadProfile, ...] = profiles  # for mypy
    seen = {(p.executor, p.is_open, p.vus_max, p.duration, p.graceful_stop) for p in shared}
    assert seen == {("constant-vus", False, 3, 10.0, 30.0)}
