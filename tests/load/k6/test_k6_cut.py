"""What k6 is told to play in a slice: together, the slices are the whole load and nothing more."""

from pathlib import Path
from typing import Any

import pytest

from perfgate.load.k6.script import K6Script
from perfgate.load.k6.slicing import cut
from perfgate.load.pacer import Slice, slices
from perfgate.scenario.concurrent_profiles import ConcurrentProfiles, ScheduledProfile
from perfgate.scenario.overrides import with_overrides
from perfgate.scenario.profile import (
    ConstantArrivalRate,
    ConstantVUs,
    PerVUIterations,
    RampingArrivalRate,
    RampingVUs,
    SharedIterations,
    Stage,
)
from perfgate.units import parse_duration


def script(profile, **settings):
    names = [part.name for part in profile.parts] if isinstance(profile, ConcurrentProfiles) else ["default"]
    told: Any = settings
    each = {name: told.copy() for name in names}
    return K6Script("a", "k6", profile, (), Path("a.js"), 1, each, frozenset({"default"}), {}, True)


def starts(plain):
    """When k6's ramping-arrival-rate starts iterations: whenever the rate has added up to another one."""
    unit = parse_duration(plain["timeUnit"])
    at, rate, added, found = 0.0, plain["startRate"] / unit, 0.0, []
    for stage in plain["stages"]:
        length, target = parse_duration(stage["duration"]), stage["target"] / unit
        steps = round(length * 10_000)
        for step in range(steps):
            added += (rate + (target - rate) * (step + 0.5) / steps) * length / steps
            if added >= 1 - 1e-6:
                added -= 1
                found.append(at + length * (step + 1) / steps)
        at, rate = at + length, target
    return found


def test_a_constant_load_is_told_as_a_ramp_that_stays_where_it_is():
    load = cut(script(ConstantVUs(20, 20.0, graceful_stop=3.0)), Slice(4.0, 0.5, None))
    assert load.scenarios["default"] == {
        "executor": "ramping-vus",
        "startVUs": 20,
        "stages": [{"duration": "500000us", "target": 20}],
        "gracefulRampDown": "0us",
        "gracefulStop": "3000000us",
    }
    assert (load.vus, load.is_timed) == (20, True)


def test_a_scaled_script_has_so_many_times_the_users_and_the_rate():
    three_times = with_overrides(ConstantVUs(20, 20.0), scale=3.0)
    assert cut(script(three_times), Slice(4.0, 0.5, None)).scenarios["default"]["startVUs"] == 60
    faster = with_overrides(ConstantArrivalRate(50, 9.0, 10), scale=3.0)
    assert len(starts(cut(script(faster), Slice(0.0, 1.0, None)).scenarios["default"])) == 150


def test_a_ramp_is_cut_where_the_slice_begins_and_ends_and_keeps_its_corners_and_jumps():
    profile = RampingVUs((Stage(10.0, 20), Stage(0.0, 40), Stage(10.0, 0)), start_vus=0)
    load = cut(script(profile), Slice(5.0, 10.0, None))
    plain = load.scenarios["default"]
    assert plain["startVUs"] == 10
    assert [(stage["duration"], stage["target"]) for stage in plain["stages"]] == [
        ("5000000us", 20),
        ("0us", 40),
        ("5000000us", 20),
    ]
    assert load.vus == 40


def test_a_slice_without_vus_is_no_load():
    profile = RampingVUs((Stage(10.0, 0), Stage(10.0, 5)), start_vus=0)
    assert cut(script(profile), Slice(2.0, 1.0, None)).scenarios == {}
    assert cut(script(profile), Slice(15.0, 1.0, None)).scenarios != {}


@pytest.mark.parametrize("round_seconds", [0.25, 1.0, 3.0])
@pytest.mark.parametrize(
    ("profile", "due"),
    [
        (ConstantArrivalRate(7, 12.0, 5), 84),
        (ConstantArrivalRate(30, 12.0, 5, time_unit=60.0), 6),
        (RampingArrivalRate((Stage(6.0, 10), Stage(6.0, 0)), 5), 60),
    ],
    ids=["fast", "one in two seconds", "ramp"],
)
def test_the_slices_of_an_arrival_rate_start_as_many_iterations_as_the_whole(profile, due, round_seconds):
    parts = slices(profile, round_seconds)
    found = [
        part.start + offset
        for part in parts
        for plain in cut(script(profile), part).scenarios.values()
        for offset in starts(plain)
    ]
    assert abs(len(found) - due) <= 1
    if isinstance(profile, ConstantArrivalRate):
        gap = profile.time_unit / profile.rate
        assert all(abs(at - number * gap) < 0.02 for number, at in enumerate(found))


@pytest.mark.parametrize("begin", [0.0, 4.03])
def test_a_staggered_arrival_rate_starts_in_between(begin):
    profile = script(ConstantArrivalRate(10, 12.0, 5))
    base, head = (
        starts(cut(profile, Slice(begin, 2.0, None), stagger=stagger).scenarios["default"]) for stagger in (0.25, 0.75)
    )
    assert len(base) == pytest.approx(20, abs=1)
    assert all(abs((begin + at) * 10 % 1 - 0.25) < 0.05 for at in base)
    assert all(abs((begin + at) * 10 % 1 - 0.75) < 0.05 for at in head)


def test_arrival_rates_keep_their_vus():
    plain = cut(script(ConstantArrivalRate(50, 5.0, 10, max_vus=30)), Slice(0.0, 1.0, None)).scenarios["default"]
    assert (plain["preAllocatedVUs"], plain["maxVUs"]) == (10, 30)


def test_iterations_are_those_of_the_slice():
    profile = SharedIterations(vus=10, iterations=25, max_duration=60.0)
    parts = slices(profile, 1.0)
    cuts = [cut(script(profile), part) for part in parts]
    loads = [load.scenarios["default"] for load in cuts]
    assert sum(plain["iterations"] for plain in loads) == 25
    assert all(plain["vus"] <= plain["iterations"] for plain in loads)
    assert not cuts[0].is_timed
    each = cut(script(PerVUIterations(vus=3, iterations=4)), slices(PerVUIterations(vus=3, iterations=4), 1.0)[0])
    assert each.scenarios["default"]["executor"] == "per-vu-iterations"


def test_scenarios_side_by_side_play_what_falls_into_the_slice():
    profile = ConcurrentProfiles(
        (
            ScheduledProfile("browse", 0.0, ConstantVUs(3, 10.0)),
            ScheduledProfile("buy", 4.5, ConstantVUs(2, 10.0)),
            ScheduledProfile("count", 0.0, SharedIterations(vus=2, iterations=29)),
        )
    )
    first, fifth, last = (cut(script(profile), Slice(at, 1.0, None)).scenarios for at in (0.0, 4.0, 13.5))
    assert set(first) == {"browse", "count"}
    assert fifth["buy"]["startTime"] == "500000us"
    assert fifth["buy"]["stages"] == [{"duration": "500000us", "target": 2}]
    assert set(last) == {"buy", "count"}
    counted = [cut(script(profile), part).scenarios.get("count") for part in slices(profile, 1.0)]
    assert sum(plain["iterations"] for plain in counted if plain) == 29


def test_what_a_scenario_says_besides_its_load_is_told_again():
    told = {"exec": "buy", "env": {"A": "b"}, "tags": {"tier": "1"}}
    assert cut(script(ConstantVUs(1, 2.0), **told), Slice(0.0, 1.0, None)).scenarios["default"].items() >= told.items()


def test_vus_are_there_before_what_is_counted_and_after_it():
    load = cut(script(ConstantVUs(20, 20.0, graceful_stop=3.0)), Slice(4.0, 0.5, None, spread=1.5), 0.25, 0.0)
    plain = load.scenarios["default"]
    assert [(stage["duration"], stage["target"]) for stage in plain["stages"]] == [
        ("1500000us", 20),
        ("500000us", 20),
        ("250000us", 20),
    ]
    assert plain["gracefulStop"] == "0us"
    assert load.beginners == {"default": 20}


def test_a_schedule_begins_with_what_is_counted():
    load = cut(script(ConstantArrivalRate(10, 20.0, pre_allocated_vus=5)), Slice(4.0, 0.5, None, spread=1.5))
    assert load.scenarios["default"]["startTime"] == "1500000us"
    assert load.beginners == {}


def test_a_scenario_that_begins_within_the_slice_keeps_its_distance_to_it():
    both = ConcurrentProfiles(
        (ScheduledProfile("a", 0.0, ConstantVUs(2, 9.0)), ScheduledProfile("b", 3.0, ConstantVUs(4, 6.0)))
    )
    load = cut(script(both), Slice(2.0, 4.0, None, spread=1.0))
    assert load.scenarios["b"]["startTime"] == "2000000us"
    assert "startTime" not in load.scenarios["a"]
    assert load.beginners == {"a": 2, "b": 4}
