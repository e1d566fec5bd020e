"""Locustfiles played by Locust itself, against a real service."""

import textwrap
import time
from importlib.util import find_spec

import pytest

from perfgate.errors import NoVerdictError, ProblemsError
from perfgate.load.locustfile.engine import LocustfileEngine
from perfgate.load.locustfile.messages import (
    BeginLoad,
    Inspection,
    LoadFile,
    PlayerReady,
    PlayerSlice,
    PlayRound,
)
from perfgate.load.locustfile.reader import PLAYER, LocustfileReader
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.load.processes.child import Child
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.tally import Tally
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.scenario.profile import ConstantVUs, RampingVUs, Stage
from perfgate.service.opening import open_target
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target
from perfgate.testing import ScriptedServer

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed: make engines"),
]

AS_WRITTEN = Overrides()
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
LOST = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(scope="module")
def petstore():
    with open_target(parse_target("petstore?errors=10%"), LaunchContext()) as service:
        yield service.instance


@pytest.fixture
def stage(tmp_path):
    """Write a locustfile; the engine and the scenario that it is."""
    engines = []

    def make(text, overrides=AS_WRITTEN):
        file = tmp_path / "file.py"
        file.write_text("from locust import *\n" + textwrap.dedent(text))
        (scenario,) = load_scenarios(tmp_path, (str(file),), overrides, (LocustfileReader(),))
        engine = LocustfileEngine()
        engines.append(engine)
        return engine, scenario

    yield make
    for engine in engines:
        engine.stop()


def play(engine, scenario, url, seconds=1.0, start=0.0):
    engine.open(scenario, "head", url)
    return engine.play(scenario, "head", Slice(start, seconds, None), Phase.MEASURING, 0)


@pytest.mark.parametrize("kind", ["HttpUser", "FastHttpUser"])
def test_what_is_counted_is_what_locust_counts_in_the_same_process(tmp_path, petstore, kind):
    file = tmp_path / "file.py"
    file.write_text(
        textwrap.dedent(
            f"""
            import locust.stats
            from locust import {kind}, constant, task

            locust.stats.bucket_response_time = lambda time: round(time, 3)  # percentiles as exact as averages

            class Visitor({kind}):
                wait_time = constant(0.01)

                @task
                def look(self):
                    self.client.get("/store/inventory")

                @task
                def find(self):
                    self.client.get("/pet/1", name="/pet/[id]")

                @task
                def follow(self):
                    self.client.get(f"{{self.host}}/user/3")
            """
        )
    )
    player = Child(PLAYER, "Locust")
    try:
        player.send(LoadFile(str(file), petstore.url))
        player.receive(Inspection, 30)
        player.send(PlayRound(2.0, ((0.0, 4),), 1, 0.0, 0.5, 1, False))
        player.receive(PlayerReady, 30)
        player.send(BeginLoad(time.monotonic()))
        answer = player.receive(PlayerSlice, 30).report
        assert answer is not None
    finally:
        player.stop()
    tally, own = Tally.from_plain(answer.report.tally), answer.own
    everything = Histogram()
    for requests in tally.requests.values():
        everything.merge(requests.ok)
        everything.merge(requests.failed)
    assert sorted(tally.requests) == ["GET /pet/[id]", "GET /store/inventory", "GET /user/{id}"]
    assert tally.request_count == own.requests > 50
    assert tally.failed_count == own.failures > 0
    assert everything.mean / 1e6 == pytest.approx(own.avg, rel=0.01)
    # Locust takes the value of that rank, and does not interpolate between two of a few hundred.
    rank = int(everything.count * 0.95)
    assert everything.quantile(rank / (everything.count - 1)) / 1e6 == pytest.approx(own.p95, rel=0.01)


def test_users_and_time_are_those_of_locusts_own_settings_or_of_the_command_line(stage, monkeypatch):
    monkeypatch.setenv("LOCUST_USERS", "7")
    monkeypatch.setenv("LOCUST_RUN_TIME", "90s")
    text = """
        class Visitor(HttpUser):
            @task
            def look(self):
                self.client.get("/")
        """
    _, own = stage(text)
    _, other = stage(text, Overrides(3, 5.0))
    assert (own.name, own.engine, own.line) == ("file", "locust", 3)
    assert own.profile == ConstantVUs(7, 90.0, graceful_stop=0.0)
    assert other.profile == ConstantVUs(3, 5.0, graceful_stop=0.0)
    _, scaled = stage(text, Overrides(scales={"": 4.0}))
    assert scaled.profile == ConstantVUs(28, 90.0, graceful_stop=0.0)


TWO_KINDS = """
    class Browser(HttpUser):
        @task
        def look(self):
            self.client.get("/look")

        @task
        def search(self):
            self.client.get("/search")

    class Buyer(HttpUser):
        @task
        def buy(self):
            self.client.get("/buy")
    """
ONLY_SEARCH = '[{"user_class_name": "Buyer", "weight": 0}, {"user_class_name": "Browser", "tasks": ["search"]}]'


@pytest.mark.parametrize(
    ("variable", "value", "played"),
    [
        ("LOCUST_USER_CLASSES", "Buyer", {"GET /buy"}),
        ("LOCUST_CONFIG_USERS", "users.json", {"GET /search"}),
    ],
)
def test_users_are_those_that_locusts_own_settings_choose(stage, tmp_path, monkeypatch, variable, value, played):
    (tmp_path / "users.json").write_text(ONLY_SEARCH)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, value)
    engine, scenario = stage(TWO_KINDS, Overrides(4, 5.0))
    with ScriptedServer({path: [OK] for path in ("/look", "/search", "/buy")}) as server:
        assert set(play(engine, scenario, server.url, 0.5).tally.requests) == played


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LOCUST_USER_CLASSES", "Bayer"), ("LOCUST_CONFIG_USERS", '{"user_class_name": "Bayer", "weight": 2}')],
)
def test_a_user_that_the_settings_name_and_nobody_wrote_is_told(stage, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ProblemsError, match="there is no user Bayer in it") as raised:
        stage(TWO_KINDS)
    assert variable in str(raised.value)


def test_a_shape_says_how_many_users_a_round_has(stage):
    engine, scenario = stage(
        """
        class Visitor(HttpUser):
            wait_time = constant(0.02)

            @task
            def look(self):
                self.client.get("/a")

        class Steps(LoadTestShape):
            def tick(self):
                time = self.get_run_time()
                return None if time >= 4 else (2, 2) if time < 2 else (5, 5)
        """
    )
    assert isinstance(scenario.profile, RampingVUs)
    assert (scenario.profile.duration, scenario.profile.vus_max) == (4.0, 5)
    with ScriptedServer({"/a": [OK]}) as server:
        first = play(engine, scenario, server.url, 0.5, start=0.0)
        middle = play(engine, scenario, server.url, 1.0, start=1.5)
        last = play(engine, scenario, server.url, 0.5, start=3.0)
    assert [(tally.vus, tally.vus_max) for tally in (first.tally, middle.tally, last.tally)] == [(2, 2), (5, 5), (5, 5)]


def test_on_start_is_done_before_a_round_counts_and_connections_are_new_in_each(stage):
    engine, scenario = stage(
        """
        class Visitor(HttpUser):
            wait_time = constant(0.05)

            def on_start(self):
                self.client.get("/login")

            @task
            def look(self):
                self.client.get("/a")

        class Regular(Visitor):
            def on_start(self):
                super().on_start()
        """,
        Overrides(3, 1.0),
    )
    with ScriptedServer({"/a": [OK], "/login": [0.2, OK]}) as server:
        rounds = [play(engine, scenario, server.url, 0.5) for _ in range(2)]
        assert server.connections == 6
    assert [sorted(round_.tally.requests) for round_ in rounds] == [["GET /a"], ["GET /a"]]
    assert rounds[0].tally.iterations.count > 0
    assert rounds[0].generator.clock == "process"


PARENTS_START = """
class Shopper(HttpUser):
    wait_time = constant(0.05)

    def on_start(self):
        self.client.get("/login")

    @task
    def look(self):
        self.client.get("/a")

class Guest(Shopper):
    pass

class Admin(Shopper):
    def on_start(self):
        super().on_start()
        self.client.get("/admin")
"""


def test_an_on_start_that_calls_its_parents_is_done_as_a_whole_before_a_round_counts(stage):
    engine, scenario = stage(PARENTS_START, Overrides(3, 1.0))
    with ScriptedServer({"/a": [OK], "/login": [OK], "/admin": [0.3, OK]}) as server:
        played = play(engine, scenario, server.url, 0.5)
        asked = [one.split(b" ")[1] for one in server.requests]
    assert (list(played.tally.requests), played.problems) == (["GET /a"], ())
    assert sorted(asked[:4]) == [b"/admin", b"/login", b"/login", b"/login"]
    assert set(asked[4:]) == {b"/a"}


def test_an_on_start_that_raises_after_its_parents_is_told_and_no_load_of_its_user_is_counted(stage):
    text = PARENTS_START + "        raise ValueError('not an admin')\n"
    engine, scenario = stage(text, Overrides(3, 1.0))
    with ScriptedServer({"/a": [OK], "/login": [OK], "/admin": [OK]}) as server:
        (problem,) = play(engine, scenario, server.url, 0.5).problems
    assert "2 of 3 users got through on_start: it raised ValueError: not an admin" in problem


FAILING_START = """
class Visitor(HttpUser):
    wait_time = constant(0.05)

    def on_start(self):
        self.token = self.client.get("/login").json()["token"]

    @task
    def look(self):
        self.client.get("/a")
"""


def test_users_that_cannot_begin_are_refused_at_once_with_what_on_start_raised(stage):
    engine, scenario = stage(FAILING_START, Overrides(3, 1.0))
    with ScriptedServer({"/a": [OK], "/login": [OK]}) as server:
        engine.open(scenario, "", server.url)
        with pytest.raises(NoVerdictError, match="none of its users got through on_start: it raised JSON") as caught:
            engine.play(scenario, "", Slice(0.0, 0.5, None, 0.0), Phase.WARM_UP, 0)
        (problem,) = engine.play(scenario, "", Slice(0.0, 0.5, None, 0.0), Phase.MEASURING, 0).problems
    assert "see whether the service answers" in caught.value.hint
    assert "0 of 3 users got through on_start: it raised JSONDecode" in problem


USERS_TAKEN_AWAY = """
NAMES = ["ann", "bob", "eve"]

class Visitor(HttpUser):
    def on_start(self):
        self.name = NAMES.pop()

    @task
    def look(self):
        self.client.get("/a")
"""


def test_data_that_on_start_takes_away_runs_out_and_that_is_said(stage):
    engine, scenario = stage(USERS_TAKEN_AWAY, Overrides(3, 1.0))
    with ScriptedServer({"/a": [OK]}) as server:
        engine.open(scenario, "", server.url)
        engine.play(scenario, "", Slice(0.0, 0.5, None, 0.0), Phase.WARM_UP, 0)
        (problem,) = engine.play(scenario, "", Slice(0.0, 0.5, None, 0.0), Phase.MEASURING, 0).problems
    assert "0 of 3 users got through on_start: it raised IndexError: pop from empty list (" in problem
    assert problem.endswith("let the data go round, as itertools.cycle does")


def test_failures_are_grouped_by_what_they_are(stage):
    engine, scenario = stage(
        """
        class Visitor(HttpUser):
            wait_time = constant(0.02)

            @task
            def lost_round(self):
                self.client.get("/lost")

            @task
            def bad(self):
                with self.client.get("/a", catch_response=True) as response:
                    response.failure("not what it should be")

            @task
            def broken(self):
                raise RuntimeError("no data")
        """
    )
    with ScriptedServer({"/a": [OK], "/lost": [LOST]}) as server:
        played = play(engine, scenario, server.url)
    assert set(played.tally.requests["GET /lost"].errors) == {"status 404"}
    assert set(played.tally.requests["GET /a"].errors) == {"marked as failed"}
    assert any("RuntimeError: no data" in warning for warning in played.warnings)


GOES_TO = """
class Visitor({kind}):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("{url}/a")
"""


def test_requests_that_go_elsewhere_make_the_round_invalid(stage):
    with ScriptedServer({"/a": [OK]}) as server, ScriptedServer({"/a": [OK]}) as other:
        engine, scenario = stage(GOES_TO.format(kind="HttpUser", url=other.url))
        played = play(engine, scenario, server.url)
    assert f"requests went to {other.url} rather than to the target" in played.problems[0]


def test_the_target_under_another_name_is_not_elsewhere(stage):
    with ScriptedServer({"/a": [OK]}) as server:
        url = server.url.replace("127.0.0.1", "127.1")
        engine, scenario = stage(GOES_TO.format(kind="HttpUser", url=url))
        played = play(engine, scenario, server.url)
    assert played.problems == ()
    assert played.tally.request_count > 0


def test_what_a_client_of_its_own_calls_a_url_and_is_none_went_elsewhere(stage):
    engine, scenario = stage(
        """
        class Visitor(User):
            wait_time = constant(0.05)

            @task
            def look(self):
                say = self.environment.events.request.fire
                say(request_type="GET", name="a", response_time=1.0, response_length=2, url="http://shop:port/a")
        """
    )
    with ScriptedServer({"/a": [OK]}) as server:
        played = play(engine, scenario, server.url, 0.4)
    assert "requests went to an unknown host rather than to the target" in played.problems[0]
    assert played.tally.request_count > 0


@pytest.mark.parametrize(
    ("kind", "host", "written"),
    [("HttpUser", "LocalHost", ""), ("FastHttpUser", "localhost", "http://LOCALHOST:{port}")],
)
def test_a_host_is_the_same_in_capitals(stage, kind, host, written):
    with ScriptedServer({"/a": [OK]}) as server:
        _, _, port = server.url.rpartition(":")
        engine, scenario = stage(GOES_TO.format(kind=kind, url=written.format(port=port)))
        played = play(engine, scenario, f"http://{host}:{port}", 0.4)
    assert played.problems == ()
    assert played.tally.request_count > played.tally.failed_count == 0


@pytest.mark.parametrize("kind", ["HttpUser", "FastHttpUser"])
def test_another_name_of_the_target_is_the_target(stage, kind):
    with ScriptedServer({"/a/7": [OK]}) as server:
        engine, scenario = stage(
            f"""
            class Visitor({kind}):
                wait_time = constant(0.05)

                @task
                def look(self):
                    self.client.get("{server.url.replace("127.0.0.1", "localhost")}/a/7")
            """
        )
        played = play(engine, scenario, server.url)
    assert not [problem for problem in played.problems if "target" in problem]
    assert list(played.tally.requests) == ["GET /a/{id}"]


def test_a_task_that_never_lets_go_costs_its_round_and_not_the_run(stage, monkeypatch):
    monkeypatch.setattr("perfgate.load.locustfile.engine._GRACE", 3.0)
    engine, scenario = stage(
        """
        class Visitor(HttpUser):
            @task
            def spin(self):
                while True:
                    pass
        """
    )
    with ScriptedServer({"/a": [OK]}) as server:
        first = play(engine, scenario, server.url)
        again = play(engine, scenario, server.url)
    for played in (first, again):
        assert "did not answer" in played.problems[0]
        assert "a task that never waits" in played.problems[0]


def test_a_task_without_an_end_that_asks_all_the_time_is_measured(stage):
    engine, scenario = stage(
        """
        class Visitor(HttpUser):
            @task
            def look(self):
                while True:
                    self.client.get("/a")
        """
    )
    with ScriptedServer({"/a": [OK]}) as server:
        assert play(engine, scenario, server.url).tally.request_count > 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "there is no user in it"),
        ("class A(HttpUser):\n    abstract = True\n", "there is no user in it"),
        ("class A(HttpUser):\n    pass\n", "the user A has no tasks"),
        ("import nothing_like_this\n", "file.py:2: No module named 'nothing_like_this'"),
        ("1 / 0\n", "file.py:2: ZeroDivisionError"),
        ("raise SystemExit\n", "file.py:2: it ends the program"),
        ("class A(HttpUser)\n", "file.py:2: Python cannot read it"),
        (
            "class A(HttpUser):\n    @task\n    def a(self): pass\n"
            "class S(LoadTestShape):\n    def tick(self): return (1, 1)\n",
            "its shape does not end",
        ),
        (
            "class A(HttpUser):\n    @task\n    def a(self): pass\n"
            "class S(LoadTestShape):\n    def tick(self): return self.users, 1\n",
            "file.py:6: AttributeError",
        ),
        (
            "class A(HttpUser):\n    @task\n    def a(self): pass\n"
            "class S(LoadTestShape):\n    def tick(self): return 1, 1, [A]\n",
            "its shape picks classes of users",
        ),
    ],
)
def test_a_locustfile_that_cannot_be_played_is_told_with_its_line(stage, text, message):
    with pytest.raises(ProblemsError) as caught:
        stage(text)
    assert message in caught.value.message


def test_a_locustfile_that_never_ends_being_imported_is_a_mistake_in_it(stage, monkeypatch):
    monkeypatch.setattr("perfgate.load.locustfile.reader._PATIENCE", 3.0)
    with pytest.raises(ProblemsError, match="Locust could not import it"):
        stage("while True: pass\n")


@pytest.mark.parametrize(
    "tick",
    [
        "return (self.runner.environment.parsed_options.num_users or 2, 2) if self.get_run_time() < 4 else None",
        "return (2, 2) if self.get_run_time() < 4 or self.get_current_user_count() < 2 else None",
    ],
)
def test_a_shape_finds_its_options_and_its_users_of_a_second_ago(stage, tick):
    _, scenario = stage(
        f"""
        class Visitor(HttpUser):
            @task
            def look(self):
                self.client.get("/a")

        class Shape(LoadTestShape):
            def tick(self):
                {tick}
        """
    )
    assert scenario.profile == RampingVUs((Stage(0.0, 2), Stage(4.0, 2)), start_vus=2, graceful_stop=0.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "class Shape(LoadTestShape):\n    def tick(self):\n        return self.runner.stats.total",
            "asked beforehand",
        ),
        ("", "begin the file's name with _"),
    ],
)
def test_a_shape_that_cannot_be_asked_and_a_helper_are_told_what_to_do(stage, text, said):
    user = "class Visitor(HttpUser):\n    @task\n    def look(self):\n        pass\n\n" if text else ""
    with pytest.raises(ProblemsError) as raised:
        stage(user + text)
    assert said in str(raised.value)
