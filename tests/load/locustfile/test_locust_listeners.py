"""What the code of a locustfile raises outside of its tasks: in listeners of events, and as users are made."""

import textwrap
from importlib.util import find_spec

import pytest

from perfgate.errors import NoVerdictError, ProblemsError
from perfgate.load.locustfile.engine import LocustfileEngine
from perfgate.load.locustfile.reader import LocustfileReader
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.support.slices import plan, stopping, two_services

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed: make engines"),
]

VISITOR = """\
import os

import requests
from locust import *
from locust.exception import RescheduleTask, StopTest


class Visitor(HttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("/a")


"""


@pytest.fixture
def services():
    with two_services("/a") as both:
        yield both


@pytest.fixture
def stage(tmp_path, services):
    """Write a locustfile, of a user and this; get an engine that has it open on both services, and the scenario."""
    with stopping(services) as opened:

        def make(text, visitor=VISITOR):
            file = tmp_path / "file.py"
            file.write_text(visitor + textwrap.dedent(text))
            (scenario,) = load_scenarios(tmp_path, (str(file),), Overrides(2, 30.0), (LocustfileReader(),))
            return opened(LocustfileEngine(), scenario)

        yield make


def warm_up(engine, scenario):
    return engine.play(scenario, "base", Slice(0.0, 0.3, None, 0.0), Phase.WARM_UP, 0)


SEED = """
    @events.{event}.add_listener
    def seed(environment, **_):
        environment.seeds = requests.post(environment.host + "/a").json()
    """


@pytest.mark.parametrize("event", ["init", "test_start"])
def test_a_service_that_a_listener_could_not_prepare_is_not_measured(stage, event):
    engine, scenario = stage(SEED.format(event=event))
    with pytest.raises(NoVerdictError, match=rf"a listener of events.{event} raised JSONDecodeError: .*file.py:19\)"):
        warm_up(engine, scenario)
    slices = list(engine.play_slices(scenario, ("base",), plan(0.4, 2)))
    assert len(slices) == 2
    for slice_ in slices:
        (problem,) = slice_["base"].problems
        assert f"events.{event} raised JSONDecodeError: " in problem


def test_an_exception_of_a_listener_makes_the_round_invalid_in_which_it_was(stage):
    engine, scenario = stage(
        """
        @events.request.add_listener
        def judge(context, **_):
            context["no such"]
        """
    )
    played = engine.play(scenario, "base", Slice(0.0, 0.4, None), Phase.MEASURING, 0)
    (problem,) = played.problems
    assert problem.startswith("a listener of events.request raised KeyError: 'no such' (")
    assert problem.endswith("file.py:19)")
    assert played.tally.request_count > 0


def test_what_listeners_raise_to_steer_users_is_no_problem_and_hides_no_request(stage):
    engine, scenario = stage(
        """
        @events.request.add_listener
        def again(**_):
            raise RescheduleTask
        """
    )
    played = engine.play(scenario, "base", Slice(0.0, 0.4, None), Phase.MEASURING, 0)
    assert played.problems == ()
    assert played.tally.request_count > 0


def test_an_exception_as_a_test_ends_is_a_warning(stage):
    engine, scenario = stage(
        """
        @events.test_stop.add_listener
        def tidy(**_):
            raise OSError("no dashboard")
        """
    )
    warm_up(engine, scenario)
    played = engine.play(scenario, "base", Slice(0.0, 0.3, None), Phase.MEASURING, 0)
    assert played.problems == ()
    assert any("a listener of events.test_stop raised OSError: no dashboard (" in one for one in played.warnings)


def test_what_listeners_raise_of_users_that_end_is_a_warning_and_spoils_no_later_round(stage):
    leave = """
    def on_stop(self):
        self.client.get("/a", name="log out")
"""
    engine, scenario = stage(
        """
        @events.request.add_listener
        def judge(name, **_):
            if name == "log out":
                raise KeyError("no such")
        """,
        VISITOR.rstrip() + "\n" + leave,
    )
    warm_up(engine, scenario)
    played = engine.play(scenario, "base", Slice(0.0, 0.3, None), Phase.MEASURING, 0)
    assert played.problems == ()
    assert any(
        "a listener of events.request raised KeyError: 'no such' (" in one and one.endswith("when all was counted")
        for one in played.warnings
    )


def test_options_that_a_listener_could_not_declare_are_a_mistake_in_the_file(stage):
    with pytest.raises(ProblemsError, match=r"events\.init_command_line_parser raised KeyError: 'no such' \(.*:19\)"):
        stage(
            """
            @events.init_command_line_parser.add_listener
            def declare(parser, **_):
                parser.add_argument("--depth", default={}["no such"])
            """
        )


TOKEN = """
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.token = os.environ["NO_SUCH_TOKEN"]
"""
STOPPED = """
    @events.test_start.add_listener
    def seed(environment, **_):
        {stops}
    """


@pytest.mark.parametrize(
    ("visitor", "text", "told"),
    [
        (VISITOR.rstrip() + "\n" + TOKEN, "", r"could not start its users: KeyError: 'NO_SUCH_TOKEN' \(.*file.py:17\)"),
        (VISITOR, STOPPED.format(stops='raise StopTest("no seed")'), "its users: StopTest: no seed"),
        (VISITOR, STOPPED.format(stops="environment.runner.quit()"), r"the locustfile called runner.quit\(\)"),
    ],
)
def test_users_that_are_never_made_are_refused_at_once_with_the_reason(stage, visitor, text, told):
    engine, scenario = stage(text, visitor)
    with pytest.raises(NoVerdictError, match=told):
        warm_up(engine, scenario)
    played = engine.play(scenario, "base", Slice(0.0, 0.3, None), Phase.MEASURING, 0)
    assert "on_start" not in "".join(played.problems)


def test_users_that_end_the_program_as_they_begin_are_refused_with_the_line(stage):
    begin = "    def on_start(self):\n        raise SystemExit('no login')\n"
    engine, scenario = stage("", VISITOR.rstrip() + "\n\n" + begin)
    with pytest.raises(NoVerdictError, match=r"on_start: it raised SystemExit: no login \(.*file.py:16\)"):
        warm_up(engine, scenario)
