"""A k6 script's options, as `k6 inspect --execution-requirements` writes them."""

import pytest

from perfgate.errors import MistakeError
from perfgate.load.k6.options import read_profile, read_settings, read_thresholds, split_selector
from perfgate.scenario.concurrent_profiles import ConcurrentProfiles, ScheduledProfile
from perfgate.scenario.profile import (
    ConstantArrivalRate,
    ConstantVUs,
    PerVUIterations,
    RampingVUs,
    Stage,
)


def one(**plain):
    return {"scenarios": {"default": {"startTime": None, "exec": None, "env": None, "tags": None, **plain}}}


@pytest.mark.parametrize(
    ("plain", "profile"),
    [
        ({"executor": "constant-vus", "vus": 3, "duration": "1m30s", "gracefulStop": None}, ConstantVUs(3, 90.0)),
        ({"executor": "constant-vus", "vus": None, "duration": "2s", "gracefulStop": "0s"}, ConstantVUs(1, 2.0, 0.0)),
        (
            {"executor": "ramping-vus", "startVUs": None, "stages": [{"duration": "500ms", "target": 5}]},
            RampingVUs((Stage(0.5, 5),)),
        ),
        (
            {
                "executor": "constant-arrival-rate", "rate": 30, "timeUnit": "1m0s", "duration": "1h0m0s",
                "preAllocatedVUs": 2, "maxVUs": None,
            },
            ConstantArrivalRate(30, 3600.0, 2, time_unit=60.0),
        ),
        ({"executor": "per-vu-iterations", "vus": 2, "iterations": 5, "maxDuration": None}, PerVUIterations(2, 5)),
    ],
)  # fmt: skip
def test_a_scenario_is_the_load_profile_of_the_same_name(plain, profile):
    assert read_profile(one(**plain)) == profile


def test_several_scenarios_stand_side_by_side():
    plain = one(executor="constant-vus", vus=3, duration="2s")
    plain["scenarios"]["later"] = {**plain["scenarios"]["default"], "startTime": "1s", "exec": "buy", "env": {"A": "b"}}
    assert read_profile(plain) == ConcurrentProfiles(
        (ScheduledProfile("default", 0.0, ConstantVUs(3, 2.0)), ScheduledProfile("later", 1.0, ConstantVUs(3, 2.0)))
    )
    assert read_settings(plain) == {"default": {}, "later": {"exec": "buy", "env": {"A": "b"}}}


def test_nothing_is_measured_before_the_first_of_them_begins():
    plain = one(executor="constant-vus", vus=3, duration="2s", startTime="30s")
    assert read_profile(plain) == ConstantVUs(3, 2.0)
    plain["scenarios"]["later"] = {**plain["scenarios"]["default"], "startTime": "31s"}
    profile = read_profile(plain)
    assert isinstance(profile, ConcurrentProfiles)
    assert [part.start for part in profile.parts] == [0.0, 1.0]


def test_what_cannot_be_cut_into_rounds_is_refused():
    with pytest.raises(MistakeError) as raised:
        read_profile(one(executor="externally-controlled", vus=3, duration="2s"))
    assert "constant-vus" in raised.value.hint


def test_thresholds_keep_their_metrics_tags_and_bounds():
    options = {
        "thresholds": {
            "http_req_duration": [
                "p(95)<500",
                {"threshold": "avg<=100.5", "abortOnFail": True, "delayAbortEval": "1s"},
            ],
            "http_req_duration{name:GET /pet}": ["max<900"],
            "waiting_time{tier:1,name:a}": ["p(99.9)<5"],
        }
    }
    found = read_thresholds(options)
    assert [(one.selector, one.request, one.stat, one.comparison, one.bound, one.abort_on_fail) for one in found] == [
        ("http_req_duration", None, "p(95)", "<", 500.0, False),
        ("http_req_duration", None, "avg", "<=", 100.5, True),
        ("http_req_duration{name:GET /pet}", "GET /pet", "max", "<", 900.0, False),
        ("waiting_time{tier:1,name:a}", None, "p(99.9)", "<", 5.0, False),
    ]
    assert [one.abort_delay for one in found] == [0.0, 1.0, 0.0, 0.0]
    assert read_thresholds({"thresholds": None}) == ()


@pytest.mark.parametrize("expression", ["p95<3", "p(195)<3", "avg", "avg<fast", "median<3"])
def test_a_threshold_that_cannot_be_read_is_refused(expression):
    with pytest.raises(MistakeError):
        read_thresholds({"thresholds": {"http_req_duration": [expression]}})


def test_tags_may_hold_colons():
    assert split_selector("a{group:::login, url:http://b/c}") == ("a", {"group": "::login", "url": "http://b/c"})
