"""When the generator, and not the service, was measured."""

import pytest

from perfgate.load.health import judge
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.run import GeneratorRecord
from perfgate.metrics.tally import Tally


def record(**changes):
    calm = {
        "engine": "perfgate", "workers": 1, "clock": "kernel", "stamps_missing": 0, "reader_lag": 0.0001,
        "hub_lag": 0.001, "schedule_lag": 0.0, "cpu": 0.3, "offered": None,
    }  # fmt: skip
    return GeneratorRecord(**{**calm, **changes})


def tally(dropped=0, iterations=100):
    return Tally(seconds=1.0, iterations=Histogram.of([1000] * iterations), dropped_iterations=dropped)


def test_a_calm_round_is_valid_and_silent():
    assert judge(record(), tally(), {}) == judge(record(offered=100), tally(), {})
    assert judge(record(), tally(), {}).problems == judge(record(), tally(), {}).warnings == ()


def test_a_busy_generator_without_kernel_stamps_makes_a_round_invalid_and_says_what_to_do():
    (problem,) = judge(record(cpu=0.97, clock="process"), tally(), {}).problems
    assert "97%" in problem
    assert "--vus" in problem
    assert "--workers" in problem


def test_with_kernel_stamps_a_busy_generator_only_warns():
    health = judge(record(cpu=0.97, reader_lag=0.02), tally(), {})
    assert health.problems == ()
    assert "request rate" in health.warnings[0]


def test_a_busy_generator_that_is_late_makes_an_open_round_invalid():
    (problem,) = judge(record(cpu=0.97, offered=100, schedule_lag=0.5), tally(), {}).problems
    assert "500 ms late" in problem


def test_a_generator_that_others_keep_from_its_cpu_is_late_too():
    (problem,) = judge(record(cpu=0.4, offered=100, schedule_lag=0.5), tally(), {}).problems
    assert "kept from its CPU" in problem


def test_drops_of_a_busy_generator_are_its_fault():
    (problem,) = judge(record(cpu=0.97, offered=100), tally(dropped=50), {}).problems
    assert "50 of 100" in problem


def test_drops_of_an_idle_generator_are_the_services():
    health = judge(record(offered=100), tally(dropped=50), {})
    assert health.problems == ()
    assert "max_vus" in health.warnings[0]


def test_a_single_drop_in_a_hundred_is_forgiven():
    assert judge(record(offered=100), tally(dropped=1), {}).warnings == ()


def test_exceptions_of_a_scenario_are_told_with_their_count():
    (warning,) = judge(record(), tally(), {"KeyError: 'id' (a.py:3)": 2}).warnings
    assert "KeyError: 'id' (a.py:3), 2 times" in warning


def test_a_scenario_that_never_comes_to_its_end_is_invalid():
    (problem,) = judge(record(), tally(iterations=0), {"KeyError: 'id' (a.py:3)": 2}).problems
    assert "KeyError" in problem


def test_unless_the_service_gave_it_reason_to_raise():
    failing = tally(iterations=0)
    failing.request("GET /a").failed.record(1000)
    assert judge(record(), failing, {"KeyError: 'id' (a.py:3)": 2}).problems == ()


def test_a_generator_that_was_held_up_warns_where_the_kernel_keeps_no_time():
    (warning,) = judge(record(hub_lag=0.2, clock="process"), tally(), {}).warnings
    assert "200 ms" in warning
    assert judge(record(hub_lag=0.2, clock="kernel"), tally(), {}).warnings == ()


@pytest.mark.parametrize("clock", ["kernel", "process"])
def test_a_generator_with_cpu_to_spare_is_never_blamed(clock):
    assert judge(record(cpu=0.5, clock=clock, reader_lag=0.02), tally(), {}).problems == ()


def test_more_workers_mend_a_busy_generator_on_other_machines_whatever_its_engine():
    text = judge(record(engine="locust", here=False, clock="process", cpu=0.99), Tally(), {}).problems[0]
    assert "--workers" in text
    assert "--workers" not in judge(record(engine="locust", clock="process", cpu=0.99), Tally(), {}).problems[0]


def test_an_engine_that_cannot_tell_of_its_lags_is_judged_by_its_cpu():
    untold = {"engine": "k6", "clock": "process", "stamps_missing": None, "reader_lag": None, "hub_lag": None}
    assert judge(record(**untold, schedule_lag=None, offered=100), tally(), {}).problems == ()
    (problem,) = judge(record(**untold, schedule_lag=None, cpu=0.97), tally(), {}).problems
    assert "97%" in problem
    assert "--workers" not in problem


def worked(own_ms, awaited_ms, iterations=10):
    """A round of one second whose iterations spend so long on their own code, and on waiting for an answer."""
    made = Tally(seconds=1.0, iterations=Histogram.of([round((own_ms + awaited_ms) * 1e6)] * iterations))
    for _ in range(iterations):
        made.request("GET /a").ok.record(round(awaited_ms * 1e6))
    return made


def test_a_scenario_that_works_by_itself_is_named_as_what_limits_the_rate():
    (warning,) = judge(record(cpu=0.6), worked(own_ms=90, awaited_ms=1), {}).warnings
    assert "own code" in warning
    assert "request rate" in warning


def test_it_is_named_beside_others_that_keep_it_from_its_cpu():
    (warning,) = judge(record(cpu=0.3, cpu_waited=0.5), worked(own_ms=90, awaited_ms=1), {}).warnings
    assert "own code" in warning


@pytest.mark.parametrize(
    ("cpu", "own_ms", "awaited_ms"),
    [(0.05, 90, 1), (0.6, 5, 90), (0.2, 10, 5)],
    ids=["it thinks", "it waits for answers", "it works a little"],
)
def test_users_that_think_or_wait_limit_nothing(cpu, own_ms, awaited_ms):
    assert judge(record(cpu=cpu), worked(own_ms, awaited_ms), {}).warnings == ()


def test_an_open_load_is_judged_by_its_schedule_alone():
    assert judge(record(cpu=0.6, offered=10), worked(own_ms=90, awaited_ms=1), {}).warnings == ()
