"""Slices of load that users of a locustfile live through: Locust itself against real services."""

import textwrap
import time
from importlib.util import find_spec
from itertools import pairwise

import pytest

from perfgate.load.locustfile.engine import LocustfileEngine
from perfgate.load.locustfile.reader import LocustfileReader
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.support.slices import plan, stopping, two_services, who_is_first

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed: make engines"),
]

BOTH = ("base", "head")


@pytest.fixture
def services():
    with two_services("/a", *(f"/{number}" for number in range(10))) as both:
        yield both


@pytest.fixture
def stage(tmp_path, services):
    """Write a locustfile; get an engine that has it open on both services, and the scenario that it is."""
    with stopping(services) as opened:

        def make(text, users=4):
            file = tmp_path / "file.py"
            file.write_text("import random\nimport time\nfrom locust import *\n" + textwrap.dedent(text))
            (scenario,) = load_scenarios(tmp_path, (str(file),), Overrides(users, 30.0), (LocustfileReader(),))
            engine = LocustfileEngine()
            return opened(engine, scenario)

        yield make


def visitor(wait, body='self.client.get("/a")'):
    return f"""
        class Visitor(FastHttpUser):
            wait_time = {wait}

            @task
            def look(self):
                {body}
        """


@pytest.mark.parametrize("sides", [("base",), BOTH])
def test_every_slice_has_the_requests_of_its_time_on_each_side(stage, sides):
    engine, scenario = stage(visitor("constant(0.05)"))
    calls = []
    slices = plan(2.0, 4, 0.1, boundary=lambda _: calls.append(time.monotonic()))
    found = list(engine.play_slices(scenario, sides, slices))
    assert [tuple(slice_) for slice_ in found] == [sides] * 4
    for side in sides:
        assert all(slice_[side].problems == () and slice_[side].tally.vus == 4 for slice_ in found)
        assert all(15 < slice_[side].tally.request_count <= 48 for slice_ in found)  # 4 users, 50 ms and some
    assert [late - early for early, late in pairwise(calls)] == pytest.approx([0.5] * 4, abs=0.1)


def test_each_side_is_first_in_turn(stage, services):
    engine, scenario = stage(visitor("constant(30)", 'self.client.get("/a", headers={"at": str(time.monotonic())})'))
    list(engine.play_slices(scenario, BOTH, plan(0.2, 1, spread=1.6)))
    assert who_is_first(services) == ["base", "head", "base", "head"]


def test_what_users_do_as_they_begin_is_in_no_slice(stage, services):
    engine, scenario = stage(visitor("constant(0.7)"))
    (only,) = engine.play_slices(scenario, BOTH, plan(0.2, 1, spread=0.6))
    assert all(len(service.requests) >= 4 for service in services.values())
    assert only["base"].tally.request_count <= 2


def test_users_that_think_longer_than_the_spread_are_spread_over_their_cycle(stage, services):
    engine, scenario = stage(visitor("constant(4)"), users=20)
    list(engine.play_slices(scenario, ("base",), plan(0.3, 1, phase=Phase.WARM_UP)))
    (only,) = engine.play_slices(scenario, ("base",), plan(2.0, 1, spread=0.5))
    assert only["base"].tally.request_count == pytest.approx(10, abs=3)  # 20 users / 4 s, for 2 s


def test_a_cycle_that_is_longer_than_the_warm_up_is_known_all_the_same(stage):
    engine, scenario = stage(visitor("constant(7)"))
    found = list(engine.play_slices(scenario, ("base",), plan(1.0, 2, phase=Phase.WARM_UP)))
    cycles = found[-1]["base"].tally.iterations
    assert cycles.count == 4
    assert cycles.total / cycles.count == pytest.approx(7e9, rel=0.1)


def test_both_sides_draw_the_same_numbers_and_another_round_draws_others(stage, services):
    engine, scenario = stage(
        visitor("between(0.05, 0.1)", 'self.client.get(f"/{random.randrange(10)}")'),
        users=1,
    )

    def asked(number):
        for service in services.values():
            service.requests.clear()
        list(engine.play_slices(scenario, BOTH, plan(1.0, 1, number=number)))
        paths = [[one.partition(b"\r")[0] for one in service.requests] for service in services.values()]
        return [one[:8] for one in paths]

    base, head = asked(0)
    assert len(base) == 8
    assert base == head
    assert asked(1)[0] != base


def test_what_a_file_and_its_listeners_draw_is_the_same_on_both_sides(stage, services):
    engine, scenario = stage(
        """
        DRAWN = [random.random()]

        @events.init.add_listener
        @events.test_start.add_listener
        def prepare(**_):
            DRAWN.append(random.random())

        class Visitor(FastHttpUser):
            wait_time = constant(0.05)

            def __init__(self, *given):
                super().__init__(*given)
                DRAWN.append(random.random())

            @task
            def look(self):
                self.client.get("/a?" + "-".join(map(str, DRAWN)))
        """,
        users=1,
    )
    list(engine.play_slices(scenario, BOTH, plan(0.5, 1)))
    base, head = ({one.split()[1] for one in service.requests} for service in services.values())
    assert len(base) == 1
    assert base == head


def test_closing_the_results_ends_the_load_and_leaves_an_engine_that_plays_on(stage, services):
    engine, scenario = stage(visitor("constant(0.05)"))
    slices = engine.play_slices(scenario, BOTH, plan(25.0, 50))
    next(slices)
    slices.close()
    before = len(services["base"].requests)
    again = engine.play(scenario, "head", Slice(0.0, 0.5, None, 0.1), Phase.MEASURING, 1)
    assert again.tally.request_count > 0
    assert len(services["base"].requests) == before


def test_a_locustfile_that_ends_the_test_makes_its_round_invalid(stage):
    engine, scenario = stage(visitor("constant(0.05)", 'self.client.get("/a"); self.environment.runner.quit()'))
    (only,) = engine.play_slices(scenario, ("base",), plan(0.5, 1))
    assert only["base"].problems == ("the locustfile called runner.quit(), so its users are gone",)


@pytest.mark.parametrize(
    ("listener", "named"),
    [
        ("@events.quitting.add_listener\n        def judge(environment, **_):\n            pass", "events.quitting"),
        (
            "@events.test_stop.add_listener\n        def judge(environment, **_):\n"
            "            environment.process_exit_code = 1",
            "process_exit_code",
        ),
    ],
)
def test_a_verdict_of_the_locustfiles_own_is_not_lost_without_a_word(stage, listener, named):
    engine, scenario = stage(visitor("constant(0.05)") + f"\n        {listener}\n")
    for number in range(2):
        played = engine.play(scenario, "base", Slice(0.0, 0.3, None), Phase.MEASURING, number)
    assert any(named in warning for warning in played.warnings)
