"""The scenario files of the pet store, on the embedded one and on any that PERFGATE_TEST_PETSTORE names."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from perfgate.load.generator.engine import PerfgateEngine
from perfgate.load.generator.messages import WorkerConfig
from perfgate.load.runner import Runner, Timing
from perfgate.load.warm_up_timing import WarmUpTiming
from perfgate.metrics.tally import Tally, merged
from perfgate.scenario import Scenario
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.service.opening import open_target
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target
from tests.support.load_target import LoadTarget

FOLDER = Path(__file__).parents[2] / "scenarios"
NAMES = ("create_pet", "order_pet", "create_user", "login_user")
NAMED = os.environ.get("PERFGATE_TEST_PETSTORE")
# Other ids in every run, and in every call: a real service remembers.
FRESH_NONCES = itertools.count(os.getpid())

# The embedded one, and the real one where there is one: a case that is not there needs no skipping.
TARGETS = ["petstore", *([pytest.param(NAMED, marks=pytest.mark.real_petstore)] if NAMED else [])]


@pytest.fixture(scope="module", params=TARGETS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with open_target(parse_target(request.param), LaunchContext()) as service:
        yield service.instance.url


def play(name: str, url: str, vus: int, seconds: float) -> Tally:
    """What `perfgate run` would count: setup, warm-up, rounds, teardown."""
    (scenario,) = load_scenarios(FOLDER, (name,), Overrides(vus, seconds))
    config = WorkerConfig(str(FOLDER), (name,), vus, seconds, workers=2, nonce=next(FRESH_NONCES), seed=1, cpus=())
    engine = PerfgateEngine(config)
    try:
        runner = Runner(engine, Timing(round=seconds, warm_up=WarmUpTiming(0.1, 0.1)), seed=1, announce=lambda *_: None)
        target = LoadTarget("head", url)
        return merged([round_.tally for round_ in runner.run(scenario, target)])
    finally:
        engine.stop()


def test_the_files_hold_the_four_scenarios_with_their_load() -> None:
    scenarios = {scenario.name: scenario for scenario in load_scenarios(FOLDER, (), Overrides(None, None))}
    loads = {name: (scenario.profile.vus_max, scenario.profile.duration) for name, scenario in scenarios.items()}
    assert loads == {"create_pet": (20, 20), "order_pet": (30, 20), "create_user": (30, 20), "login_user": (30, 20)}
    for scenario in scenarios.values():
        assert [threshold.expression for threshold in scenario.thresholds] == ["p(95)<500ms", "rate<1%"]


@pytest.mark.parametrize(
    ("name", "requests", "checks"),
    [
        ("create_pet", {"POST /pet"}, {"pet created"}),
        ("order_pet", {"POST /store/order", "GET /store/order/{id}"}, {"order placed", "order read back"}),
        ("create_user", {"POST /user"}, {"user created"}),
        ("login_user", {"GET /user/login"}, {"logged in"}),
    ],
)
def test_each_scenario_measures_its_requests_without_failures(
    url: str, name: str, requests: set[str], checks: set[str]
) -> None:
    tally = play(name, url, vus=4, seconds=1.0)
    assert set(tally.requests) == requests
    assert set(tally.checks) == checks
    assert tally.iterations.count > 0
    # A service that races may fail one in a hundred after its retries; the embedded one none at all.
    allowed = 0 if name_of_service(url) else tally.request_count // 100
    assert tally.failed_count <= allowed
    assert sum(check.fails for check in tally.checks.values()) <= allowed


def name_of_service(url: str) -> str:
    """What the embedded petstore says of itself; "" elsewhere."""
    answer = requests.get(url, timeout=10)
    return str(answer.json()["name"]) if answer.ok else ""


def test_no_order_takes_the_id_of_another() -> None:
    with open_target(parse_target("petstore"), LaunchContext()) as service:
        tallies = [play("order_pet", service.instance.url, vus=4, seconds=0.3) for _ in range(2)]
        placed = requests.get(f"{service.instance.url}/store/inventory", timeout=10).json()["placed"]
    ordered = sum(tally.requests["POST /store/order"].count for tally in tallies)
    # One piece an order, beside the 100 that were there; those of the warm-up are not counted.
    assert placed >= 100 + ordered


class PlainUser:
    """As much of a user as setup and teardown take, with nothing measured."""

    def __init__(self, url: str) -> None:
        self.data: Any = None
        self._url = url
        self._ids = itertools.count(1)

    def unique_id(self) -> int:
        return next(self._ids)

    def post(self, path: str, json: object, retries: int) -> requests.Response:
        return requests.post(self._url + path, json=json, timeout=10)

    def delete(self, path: str, name: str) -> requests.Response:
        return requests.delete(self._url + path, timeout=10)


def test_users_that_were_signed_up_to_log_in_are_gone_afterwards() -> None:
    (scenario,) = load_scenarios(FOLDER, ("login_user",), Overrides(None, None))
    assert isinstance(scenario, Scenario)
    assert scenario.setup_function is not None
    assert scenario.teardown_function is not None
    with open_target(parse_target("petstore"), LaunchContext()) as service:

        def statuses() -> list[int]:
            return [requests.get(f"{service.instance.url}/user/{name}", timeout=10).status_code for name in user.data]

        user: Any = PlainUser(service.instance.url)
        user.data = scenario.setup_function(user)
        assert statuses() == [200] * 30
        scenario.teardown_function(user)
        assert statuses() == [404] * 30
