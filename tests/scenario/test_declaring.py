"""What @scenario makes of a function."""

from pathlib import Path

import pytest

from perfgate.metrics.threshold import Threshold
from perfgate.scenario.profile import (
    ConstantArrivalRate,
    ConstantVUs,
    PerVUIterations,
    RampingArrivalRate,
    RampingVUs,
    SharedIterations,
    Stage,
)

FUNCTION = "def create_pet(user):\n    return user\n"


def declared(folder, decorator):
    return folder.one(f"from perfgate import scenario\n\n{decorator}\n{FUNCTION}")


def test_a_bare_scenario_is_one_vu_for_twenty_seconds(folder):
    found = declared(folder, "@scenario")
    assert found.name == "create_pet"
    assert found.profile == ConstantVUs(vus=1, duration=20.0)
    assert found.thresholds == ()
    assert (found.connections, found.transport, found.timeout) == ("keep-alive", "wire", 60.0)
    assert found.http_version == "1.1"
    assert (found.rows, found.rows_file) == ((), None)
    assert found.problems == []


def test_empty_brackets_are_as_good_as_none(folder):
    assert declared(folder, "@scenario()").profile == ConstantVUs(vus=1, duration=20.0)


def test_a_scenario_knows_the_line_of_its_function_and_its_file(folder):
    found = declared(folder, "@scenario(\n    vus=2,\n)")
    assert (found.file, found.line) == (Path("scenarios/only.py").absolute(), 6)


def test_a_scenario_can_be_called_like_its_function(folder):
    assert declared(folder, "@scenario(vus=2)")("a user") == "a user"


@pytest.mark.parametrize(
    ("options", "profile"),
    [
        ("vus=20, duration='1m30s'", ConstantVUs(20, 90.0)),
        ("vus=20, duration=5, graceful_stop='0s'", ConstantVUs(20, 5.0, graceful_stop=0.0)),
        ("stages=[('10s', 5), ('5s', 0)]", RampingVUs((Stage(10.0, 5), Stage(5.0, 0)))),
        (
            "stages=({'duration': '10s', 'target': 5},), start_vus=0, graceful_ramp_down='2s'",
            RampingVUs((Stage(10.0, 5),), start_vus=0, graceful_ramp_down=2.0),
        ),
        ("rate=50, duration='10s', pre_allocated_vus=5", ConstantArrivalRate(50, 10.0, 5)),
        (
            "rate=50, time_unit='1m', duration=10, pre_allocated_vus=5, max_vus=9, arrival='poisson'",
            ConstantArrivalRate(50, 10.0, 5, 9, time_unit=60.0, arrival="poisson"),
        ),
        (
            "executor='ramping-arrival-rate', stages=[(10, 50)], start_rate=5, pre_allocated_vus=7",
            RampingArrivalRate((Stage(10.0, 50),), 7, start_rate=5),
        ),
        ("iterations=100, vus=5", SharedIterations(5, 100)),
        (
            "executor='per-vu-iterations', iterations=3, vus=5, max_duration='1m'",
            PerVUIterations(5, 3, max_duration=60.0),
        ),
    ],
)
def test_options_become_the_profile_of_the_executor_they_ask_for(folder, options, profile):
    assert declared(folder, f"@scenario({options})").profile == profile


@pytest.mark.parametrize(
    "thresholds",
    [
        "{'http_req_failed': 'rate<1%'}",
        "{'http_req_failed': ['rate<1%']}",
        "{'http_req_failed': [{'threshold': 'rate<1%'}]}",
        "{'http_req_failed': {'threshold': 'rate<1%', 'abort_on_fail': False}}",
    ],
)
def test_a_threshold_can_be_written_in_four_ways(folder, thresholds):
    found = declared(folder, f"@scenario(thresholds={thresholds})")
    assert found.thresholds == (Threshold("http_req_failed", None, "rate", "<", 0.01, "rate<1%", False, 0.0),)


def test_thresholds_keep_their_order_and_their_abort(folder):
    found = declared(
        folder,
        "@scenario(thresholds={'http_req_duration{name:POST /pet}': ['p(95)<1s', 'max<2s'], "
        "'http_req_failed': {'threshold': 'rate<1%', 'abort_on_fail': True, 'delay_abort_eval': '10s'}})",
    )
    assert [(one.selector, one.expression, one.abort_on_fail, one.abort_delay) for one in found.thresholds] == [
        ("http_req_duration{name:POST /pet}", "p(95)<1s", False, 0.0),
        ("http_req_duration{name:POST /pet}", "max<2s", False, 0.0),
        ("http_req_failed", "rate<1%", True, 10.0),
    ]


def test_the_other_options_are_taken_over(folder):
    found = declared(folder, "@scenario(name='pets-1', connections='per-request', transport='requests', timeout='5s')")
    assert (found.name, found.connections, found.transport, found.timeout) == ("pets-1", "per-request", "requests", 5.0)


def test_hooks_are_kept_and_stay_plain_functions(folder):
    found = folder.one("""
        from perfgate import scenario

        @scenario
        def create_pet(user): ...

        @create_pet.setup
        def seed(user):
            return [user]

        @create_pet.teardown
        def clean(user): ...

        @create_pet.on_start
        def log_in(user): ...

        assert seed("a user") == ["a user"]
    """)
    hooks = (found.setup_function, found.teardown_function, found.on_start_function)
    assert [hook.__name__ for hook in hooks] == ["seed", "clean", "log_in"]


def test_a_scenario_without_hooks_has_none(folder):
    found = declared(folder, "@scenario")
    assert (found.setup_function, found.teardown_function, found.on_start_function) == (None, None, None)


def test_other_decorators_may_stand_above_and_below(folder):
    found = folder.one("""
        from functools import wraps
        from perfgate import scenario

        def twice(function):
            @wraps(function)
            def both(user):
                return function(user) + function(user)
            return both

        @scenario(vus=3)
        @twice
        def create_pet(user):
            return [user]
    """)
    assert found(1) == [1, 1]
    assert (found.name, found.profile.vus_max, found.line) == ("create_pet", 3, 12)


def test_one_function_can_make_several_scenarios(folder):
    folder.write(
        "only.py",
        """
        from perfgate import scenario

        def create_pet(user): ...

        for vus in (10, 20):
            scenario(vus=vus, name=f"create_pet_{vus}")(create_pet)
        """,
    )
    assert [(found.name, found.profile.vus) for found in folder.load()] == [
        ("create_pet_10", 10),
        ("create_pet_20", 20),
    ]
