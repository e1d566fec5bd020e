"""What --vus, --duration and --scale make of each executor's profile."""

import pytest

from perfgate.errors import ExitCode, UsageError
from perfgate.scenario.concurrent_profiles import ConcurrentProfiles, ScheduledProfile
from perfgate.scenario.overrides import Overrides, with_overrides
from perfgate.scenario.profile import (
    ConstantArrivalRate,
    ConstantVUs,
    PerVUIterations,
    RampingArrivalRate,
    RampingVUs,
    SharedIterations,
    Stage,
)

STAGES = (Stage(10.0, 20), Stage(30.0, 5))


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (ConstantVUs(20, 20.0), ConstantVUs(4, 20.0)),
        (RampingVUs(STAGES, start_vus=10), RampingVUs((Stage(10.0, 4), Stage(30.0, 1)), start_vus=2)),
        (ConstantArrivalRate(50, 9.0, 2, 30), ConstantArrivalRate(50, 9.0, 2, 4)),
        (ConstantArrivalRate(50, 9.0, 10), ConstantArrivalRate(50, 9.0, 4, 4)),
        (RampingArrivalRate(STAGES, 10, 30), RampingArrivalRate(STAGES, 4, 4)),
        (SharedIterations(20, 100), SharedIterations(4, 100)),
        (SharedIterations(2, 3), SharedIterations(3, 3)),
        (PerVUIterations(20, 100), PerVUIterations(4, 100)),
    ],
)
def test_four_vus_instead_of_the_profiles_own(profile, expected):
    assert with_overrides(profile, vus=4) == expected


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (ConstantVUs(20, 20.0), ConstantVUs(20, 4.0)),
        (RampingVUs(STAGES, 10), RampingVUs((Stage(1.0, 20), Stage(3.0, 5)), 10)),
        (ConstantArrivalRate(50, 9.0, 2, 30), ConstantArrivalRate(50, 4.0, 2, 30)),
        (RampingArrivalRate(STAGES, 10, 30), RampingArrivalRate((Stage(1.0, 20), Stage(3.0, 5)), 10, 30)),
        (SharedIterations(20, 100), SharedIterations(20, 100, max_duration=4.0)),
        (PerVUIterations(20, 100), PerVUIterations(20, 100, max_duration=4.0)),
    ],
)
def test_four_seconds_instead_of_the_profiles_own(profile, expected):
    assert with_overrides(profile, duration=4.0) == expected


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (ConstantVUs(20, 20.0), ConstantVUs(60, 20.0)),
        (RampingVUs(STAGES, start_vus=0), RampingVUs((Stage(10.0, 60), Stage(30.0, 15)), start_vus=0)),
        (ConstantArrivalRate(50, 9.0, 2, 30), ConstantArrivalRate(150, 9.0, 6, 90)),
        (ConstantArrivalRate(50, 9.0, 10), ConstantArrivalRate(150, 9.0, 30)),
        (
            RampingArrivalRate(STAGES, 10, 30, start_rate=1),
            RampingArrivalRate((Stage(10.0, 60), Stage(30.0, 15)), 30, 90, start_rate=3),
        ),
        (SharedIterations(20, 100), SharedIterations(60, 300)),
        (PerVUIterations(20, 100), PerVUIterations(60, 100)),
    ],
)
def test_three_times_the_load(profile, expected):
    assert with_overrides(profile, scale=3.0) == expected
    beside = ConcurrentProfiles((ScheduledProfile("a", 1.0, profile),))
    assert with_overrides(beside, scale=3.0) == ConcurrentProfiles((ScheduledProfile("a", 1.0, expected),))


def test_less_load_keeps_at_least_one_user_and_the_scale_counts_after_the_vus():
    assert with_overrides(ConstantVUs(20, 20.0), scale=0.01) == ConstantVUs(1, 20.0)
    assert with_overrides(ConstantVUs(20, 20.0), vus=4, scale=2.5) == ConstantVUs(10, 20.0)


def test_a_scenario_that_is_not_named_has_the_scale_of_all_others():
    overrides = Overrides(scales={"": 2.0, "think": 5.0})
    assert (overrides.scale_of("think"), overrides.scale_of("other"), Overrides().scale_of("any")) == (5.0, 2.0, 1.0)


def test_a_stage_with_vus_keeps_at_least_one_and_a_stage_without_none():
    profile = RampingVUs((Stage(1.0, 100), Stage(1.0, 2), Stage(1.0, 0)), start_vus=0)
    assert with_overrides(profile, vus=10) == RampingVUs((Stage(1.0, 10), Stage(1.0, 1), Stage(1.0, 0)), start_vus=0)


def test_both_can_be_overridden_at_once():
    assert with_overrides(ConstantVUs(20, 20.0), vus=2, duration=1.0) == ConstantVUs(2, 1.0)


def test_none_leaves_a_profile_as_it_is():
    profile = RampingVUs(STAGES)
    assert with_overrides(profile) is profile


@pytest.mark.parametrize("wrong", [{"vus": 0}, {"vus": -3}, {"duration": 0.0}, {"duration": float("inf")}])
def test_overrides_without_load_are_refused(wrong):
    with pytest.raises(UsageError) as raised:
        Overrides(**wrong)
    assert raised.value.exit_code is ExitCode.USAGE
    assert f"--{next(iter(wrong))}" in raised.value.hint
