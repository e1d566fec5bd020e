"""Our engine: real worker processes against a real service."""

import os
import signal
import textwrap
import threading

import psutil
import pytest

from perfgate.errors import NoVerdictError
from perfgate.load.engine import SlicePlan
from perfgate.load.generator.engine import PerfgateEngine, default_workers
from perfgate.load.generator.messages import WorkerConfig
from perfgate.load.pacer import Slice, slices
from perfgate.load.phase import Phase
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.service.opening import open_target
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target
from perfgate.testing import ScriptedServer
from tests.support.asking import faults, nobody

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
THINKING = """
@scenario(vus=3, duration="10s")
def ask(user):
    user.get("/a")
    user.think(0.02)
"""


@pytest.fixture(scope="module")
def petstore():
    with open_target(parse_target("petstore"), LaunchContext()) as service:
        yield service.instance


@pytest.fixture
def stage(tmp_path):
    """Write a scenario file and get its scenarios and an engine for them."""
    engines = []

    def make(text, workers=1, seed=1):
        (tmp_path / "file.py").write_text("from perfgate import scenario\n" + textwrap.dedent(text))
        scenarios = load_scenarios(tmp_path, (), Overrides(None, None))
        engine = PerfgateEngine(WorkerConfig(str(tmp_path), (), None, None, workers, 5, seed, ()))
        engines.append(engine)
        return engine, *scenarios

    yield make
    for engine in engines:
        engine.stop()


def play(engine, scenario, url, seconds=0.3, pair=0):
    engine.open(scenario, "head", url)
    part = slices(scenario.profile, scenario.profile.duration)[0]
    return engine.play(scenario, "head", Slice(part.start, seconds, part.iterations), Phase.MEASURING, pair)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    "options",
    [
        "vus=4, duration='1s'",
        "stages=[('1s', 4)], start_vus=2",
        "rate=40, duration='1s', pre_allocated_vus=4",
        "executor='ramping-arrival-rate', stages=[('1s', 80)], start_rate=20, pre_allocated_vus=4, max_vus=8",
        "rate=40, duration='1s', pre_allocated_vus=4, arrival='poisson'",
    ],
)
def test_every_timed_executor_makes_load(stage, petstore, options, workers):
    engine, scenario = stage(
        f"""
        @scenario({options})
        def ask(user):
            user.check("answered", user.get("/store/inventory").ok)
        """,
        workers,
    )
    # A machine that stands still for the whole of a short round starts nothing in it.
    rounds = (play(engine, scenario, petstore.url, pair=number) for number in range(10))
    played = next(played for played in rounds if played.tally.request_count)
    tally = played.tally
    assert faults(played) == []
    assert tally.request_count == tally.iterations.count == tally.checks["answered"].passes > 0
    assert tally.failed_count == 0
    assert tally.data_sent > 0 < tally.data_received
    assert played.generator.workers == workers
    assert 0 < tally.vus_max <= 8


def test_an_arrival_rate_starts_exactly_what_it_says(stage, petstore):
    engine, scenario = stage(
        """
        @scenario(rate=100, duration="1s", pre_allocated_vus=50)
        def ask(user):
            user.get("/store/inventory")
        """,
        workers=2,
    )
    played = play(engine, scenario, petstore.url, seconds=0.5)
    assert played.generator.offered == 50
    assert played.tally.iterations.count + played.tally.dropped_iterations == 50


ASKING = """
@scenario(vus=2, duration="10s", transport="{transport}")
def ask(user):
    for url in {urls}:
        user.get(url)
    user.think(0.02)
"""


@pytest.fixture
def other():
    """A service that is no target."""
    with ScriptedServer({"/b": [OK]}) as server:
        yield server


def moved(url):
    return f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_round_whose_requests_all_go_elsewhere_is_invalid(stage, other, transport):
    engine, scenario = stage(ASKING.format(urls=[f"{other.url}/b"], transport=transport))
    with ScriptedServer({"/a": [OK]}) as server:
        played = play(engine, scenario, server.url, seconds=1.0)
    assert played.problems[0].startswith(f"all requests went to {other.url} instead of the target: give paths")


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_round_whose_redirects_all_lead_elsewhere_is_invalid(stage, other, transport):
    engine, scenario = stage(ASKING.format(urls=["/a"], transport=transport))
    with ScriptedServer({"/a": [moved(f"{other.url}/b")]}) as server:
        played = play(engine, scenario, server.url, seconds=1.0)
    assert played.problems[0].startswith(f"all requests went to {other.url} instead of the target: ")


def test_that_nobody_answers_there_is_no_excuse(stage):
    with nobody() as url, ScriptedServer({"/a": [OK]}) as server:
        engine, scenario = stage(ASKING.format(urls=[f"{url}/b"], transport="wire"))
        played = play(engine, scenario, server.url, seconds=1.0)
    assert played.problems[0].startswith(f"all requests went to {url} instead of the target: ")


def test_some_requests_elsewhere_are_noted(stage, other):
    engine, scenario = stage(ASKING.format(urls=["/a", f"{other.url}/b"], transport="wire"))
    with ScriptedServer({"/a": [OK]}) as server:
        played = play(engine, scenario, server.url, seconds=1.0)
    assert faults(played) == []
    assert f"some requests went to {other.url} instead of the target, and are counted too" in played.warnings


def test_the_target_under_another_name_is_not_elsewhere(stage):
    with ScriptedServer({"/a": [moved("/c")], "/c": [OK]}) as server:
        alias = server.url.replace("127.0.0.1", "localhost")
        engine, scenario = stage(ASKING.format(urls=[f"{alias}/a", f"{server.url}/c", "/a"], transport="wire"))
        played = play(engine, scenario, server.url, seconds=1.0)
    assert faults(played) == []
    assert not any("instead of the target" in one for one in played.warnings)


def test_a_file_that_can_be_run_but_once_says_so_where_the_second_service_is_opened(stage):
    engine, scenario = stage(
        """
        import os
        ran = f"{__file__} {os.getpid()}"
        if ran in os.environ:
            raise ValueError("this is possible but once")
        os.environ[ran] = ""

        @scenario
        def ask(user):
            user.get("/a")
        """
    )
    engine.open(scenario, "base", "http://127.0.0.1:1")
    with pytest.raises(
        NoVerdictError, match=r"(?s)file.py cannot be run again: .*possible but once.*file.py:6"
    ) as told:
        engine.open(scenario, "head", "http://127.0.0.1:1")
    assert "but once in a process" in told.value.hint


def test_an_edit_is_for_the_next_run(stage, tmp_path):
    engine, scenario = stage(THINKING)
    with ScriptedServer({"/a": [OK]}) as server:
        engine.open(scenario, "base", server.url)
        (tmp_path / "file.py").write_text("half of")
        played = play(engine, scenario, server.url)
    assert played.tally.request_count > 0
    assert not any("raised" in one for one in played.warnings)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_scenario_may_import_its_neighbours_as_it_is_played(stage, tmp_path, workers):
    (tmp_path / "_pets").mkdir()
    (tmp_path / "_pets" / "__init__.py").write_text("")
    (tmp_path / "_pets" / "paths.py").write_text("PATH = '/a'")
    engine, scenario = stage(
        """
        import _pets
        @scenario(vus=2, duration="10s")
        def ask(user):
            from _pets.paths import PATH
            user.get(PATH)
            user.think(0.02)
        """,
        workers,
    )
    with ScriptedServer({"/a": [OK]}) as server:
        played = play(engine, scenario, server.url)
    assert played.tally.request_count > 0
    assert not any("raised" in one for one in played.warnings)
    assert sorted(file.name for file in (tmp_path / "_pets").iterdir()) == ["__init__.py", "paths.py"]


def test_a_user_may_send_from_threads(stage):
    engine, scenario = stage(
        """
        from concurrent.futures import ThreadPoolExecutor

        @scenario(executor="per-vu-iterations", vus=1, iterations=1)
        def ask(user):
            with ThreadPoolExecutor(2) as pool:
                user.check("both", all(answer.ok for answer in pool.map(user.get, ["/a", "/b"])))
        """
    )
    with ScriptedServer({"/a": [OK], "/b": [0.02, OK]}) as server:
        played = play(engine, scenario, server.url, seconds=10.0)
    assert faults(played) == []
    assert {name: tally.ok.count for name, tally in played.tally.requests.items()} == {"GET /a": 1, "GET /b": 1}
    assert (played.tally.iterations.count, played.tally.checks["both"].passes) == (1, 1)


def test_iterations_that_no_vu_is_free_for_are_dropped_and_counted(stage):
    engine, scenario = stage(
        """
        @scenario(rate=100, duration="1s", pre_allocated_vus=1)
        def ask(user):
            user.get("/slow")
        """
    )
    with ScriptedServer({"/slow": [0.2, OK]}) as server:
        played = play(engine, scenario, server.url, seconds=0.5)
    assert played.generator.offered == 50
    assert played.tally.dropped_iterations >= 40


def test_the_time_that_a_user_takes_to_join_is_in_no_request(stage):
    engine, scenario = stage(
        """
        @scenario(rate=5, duration="10s", pre_allocated_vus=1, max_vus=4)
        def ask(user):
            user.get("/slow")

        @ask.on_start
        def log_in(user):
            if user.vu:
                user.think(3.0)
        """
    )
    with ScriptedServer({"/slow": [0.5, OK]}) as server:
        played = play(engine, scenario, server.url, seconds=5.0)
    tally = played.tally
    assert tally.vus_max > 1
    assert tally.requests["GET /slow"].ok.count > 0
    assert tally.requests["GET /slow"].ok.maximum < 3e9


@pytest.mark.parametrize("workers", [1, 3])
def test_shared_iterations_run_exactly_that_often(stage, petstore, workers):
    engine, scenario = stage(
        """
        @scenario(vus=3, iterations=10)
        def ask(user):
            user.get("/store/inventory")
        """,
        workers,
    )
    engine.open(scenario, "head", petstore.url)
    parts = slices(scenario.profile, 1.0)
    assert (
        sum(
            engine.play(scenario, "head", part, Phase.MEASURING, n).tally.iterations.count
            for n, part in enumerate(parts)
        )
        == 10
    )


def test_per_vu_iterations_run_that_often_for_each(stage, petstore):
    engine, scenario = stage(
        """
        @scenario(executor="per-vu-iterations", vus=3, iterations=4)
        def ask(user):
            user.get(f"/pet/findByStatus?status=sold&vu={user.vu}", name=f"VU {user.vu}")
        """,
        workers=2,
    )
    engine.open(scenario, "head", petstore.url)
    parts = slices(scenario.profile, 1.0)
    played = [engine.play(scenario, "head", part, Phase.MEASURING, n).tally for n, part in enumerate(parts)]
    counts = {f"VU {vu}": sum(t.requests[f"VU {vu}"].count for t in played) for vu in range(3)}
    assert counts == {"VU 0": 4, "VU 1": 4, "VU 2": 4}


def test_setup_data_reaches_the_users_of_all_workers_and_teardown_runs_once(stage):
    engine, scenario = stage(
        """
        @scenario(executor="per-vu-iterations", vus=4, iterations=1)
        def ask(user):
            user.get(f"/data/{user.data['word']}/{user.vu}")

        @ask.setup
        def prepare(user):
            user.post("/setup")
            return {"word": "hello"}

        @ask.teardown
        def clean(user):
            user.post(f"/teardown/{user.data['word']}")
        """,
        workers=2,
    )
    paths = ["/setup", "/teardown/hello", *(f"/data/hello/{vu}" for vu in range(4))]
    with ScriptedServer({path: [OK] for path in paths}) as server:
        played = play(engine, scenario, server.url, seconds=30)
        engine.close(scenario, "head")
        asked = sorted(request.split()[1].decode() for request in server.requests)
    assert asked == sorted(paths)
    assert played.tally.request_count == 4


def test_on_start_runs_once_for_each_user_and_is_not_measured(stage):
    engine, scenario = stage(
        """
        @scenario(executor="per-vu-iterations", vus=3, iterations=2)
        def ask(user):
            user.get("/measured")

        @ask.on_start
        def begin(user):
            user.get("/start")
        """
    )
    with ScriptedServer({"/start": [OK], "/measured": [OK]}) as server:
        engine.open(scenario, "head", server.url)
        tallies = [
            engine.play(scenario, "head", part, Phase.MEASURING, n).tally
            for n, part in enumerate(slices(scenario.profile, 1.0))
        ]
        asked = [request.split()[1] for request in server.requests]
    assert asked.count(b"/start") == 3
    assert asked.count(b"/measured") == sum(tally.request_count for tally in tallies) == 6


def test_a_user_whose_on_start_raises_does_not_try_again_at_each_look_of_a_ramp(stage):
    engine, scenario = stage(
        """
        @scenario(stages=[("1s", 3)], start_vus=2)
        def ask(user):
            user.get("/a")
            user.think(0.02)

        @ask.on_start
        def log_in(user):
            user.get("/start")
            if user.vu:
                raise ValueError("locked")
        """
    )
    with ScriptedServer({"/a": [OK], "/start": [OK]}) as server:
        played = play(engine, scenario, server.url, seconds=1.0)
        logins = sum(b" /start " in request for request in server.requests)
    assert played.tally.request_count > 0
    assert logins in (2, 3)  # one more where the last of the three came before the end
    assert any(
        "locked (" in one and one.endswith(f", {logins - 1} time" + "s" * (logins > 2)) for one in played.warnings
    )


def test_no_user_of_an_arrival_rate_serves_twice_at_once_where_another_failed_to_start(stage):
    engine, scenario = stage(
        """
        BUSY = set()
        @scenario(rate=30, duration="10s", pre_allocated_vus=2, max_vus=3)
        def ask(user):
            user.check("alone", user.vu not in BUSY)
            BUSY.add(user.vu)
            user.get("/a")
            BUSY.discard(user.vu)

        @ask.on_start
        def log_in(user):
            if not user.vu:
                raise ValueError("locked")
        """
    )
    with ScriptedServer({"/a": [0.2, OK]}) as server:
        played = play(engine, scenario, server.url, seconds=1.0)
    assert played.tally.checks["alone"].passes > 0
    assert played.tally.checks["alone"].fails == 0


def test_what_on_start_raised_is_told_though_users_begin_before_anything_counts(stage):
    engine, scenario = stage(
        THINKING
        + """
@ask.on_start
def log_in(user):
    if user.vu == 1:
        raise ValueError("no such account")
"""
    )
    with ScriptedServer({"/a": [OK]}) as server:
        engine.open(scenario, "head", server.url)
        played = engine.play(scenario, "head", Slice(0, 0.5, None, 0.1), Phase.MEASURING, 0)
        plan = SlicePlan(Slice(0, 0.5, None, 0.1), 1, Phase.MEASURING, 0, lambda _: None)
        (sliced,) = engine.play_slices(scenario, ("head",), plan)
    for result in (played, sliced["head"]):
        assert result.tally.vus == 2
        assert result.problems == ()
        assert any("no such account" in warning and warning.endswith("1 time") for warning in result.warnings)


def test_requests_of_users_that_begin_are_the_services_work_though_they_do_not_count(stage):
    engine, scenario = stage(THINKING)
    with ScriptedServer({"/a": [OK]}) as server:
        engine.open(scenario, "head", server.url)
        tally = engine.play(scenario, "head", Slice(0, 0.3, None, 0.3), Phase.MEASURING, 0).tally
        assert tally.attempts == len(server.requests)
    assert 0 < tally.request_count < tally.attempts


def test_every_round_opens_its_connections_anew(stage):
    engine, scenario = stage(
        """
        @scenario(executor="per-vu-iterations", vus=2, iterations=10)
        def ask(user):
            user.get("/a")
        """
    )
    with ScriptedServer({"/a": [OK]}) as server:
        engine.open(scenario, "head", server.url)
        for number in range(3):
            engine.play(scenario, "head", Slice(0, 30, 10), Phase.MEASURING, number)
        assert server.connections == 6


@pytest.mark.parametrize(("connections", "expected"), [("keep-alive", 1), ("per-iteration", 3), ("per-request", 6)])
def test_keep_alive_is_what_the_scenario_says(stage, connections, expected):
    engine, scenario = stage(
        f"""
        @scenario(executor="per-vu-iterations", iterations=3, connections="{connections}")
        def ask(user):
            user.get("/a")
            user.get("/a")
        """
    )
    with ScriptedServer({"/a": [OK]}) as server:
        engine.open(scenario, "head", server.url)
        engine.play(scenario, "head", Slice(0, 30, 3), Phase.MEASURING, 0)
        assert server.connections == expected


def test_one_seed_gives_the_same_choices_on_both_sides_and_another_seed_others(stage):
    text = """
        @scenario(executor="per-vu-iterations", vus=2, iterations=5)
        def ask(user):
            user.get(f"/a?{user.vu}-{user.iteration % 5}={user.random.random()}", name="a")
        """

    def choices(seed, side):
        engine, scenario = stage(text, seed=seed)
        with ScriptedServer({"/a": [OK]}) as server:
            engine.open(scenario, side, server.url)
            engine.play(scenario, side, Slice(0, 30, 5), Phase.MEASURING, 3)
            return sorted(request.split()[1] for request in server.requests)

    assert choices(1, "base") == choices(1, "head") != choices(2, "head")


def test_one_seed_gives_setup_and_teardown_the_same_numbers_on_both_sides_and_another_seed_others(stage):
    text = """
        @scenario(executor="per-vu-iterations", vus=1, iterations=1)
        def ask(user):
            pass

        @ask.setup
        @ask.teardown
        def look(user):
            user.get(f"/a?{user.random.random()}")
        """

    def choices(seed, side):
        engine, scenario = stage(text, seed=seed)
        with ScriptedServer({"/a": [OK]}) as server:
            engine.open(scenario, side, server.url)
            engine.close(scenario, side)
            return [request.split()[1] for request in server.requests]

    base, head, other = choices(1, "base"), choices(1, "head"), choices(2, "head")
    assert len(base) == 2
    assert base == head
    assert base[0] != base[1] != other[1] != other[0] != base[0]


def test_a_scenario_that_raises_is_reported_with_its_line(stage, petstore):
    engine, scenario = stage(
        """
        @scenario(vus=1, iterations=5)
        def ask(user):
            user.get("/store/inventory").json()["no such key"]
        """
    )
    played = play(engine, scenario, petstore.url, seconds=30)
    assert any("file.py:5" in warning for warning in played.warnings)
    assert any("no iteration came to its end" in problem for problem in played.problems)


def test_a_setup_that_raises_stops_before_any_load(stage, petstore):
    engine, scenario = stage(
        """
        @scenario(vus=1, duration="1s")
        def ask(user):
            pass

        @ask.setup
        def prepare(user):
            raise RuntimeError("no database")
        """
    )
    with pytest.raises(NoVerdictError, match=r"RuntimeError: no database.*file.py:9"):
        engine.open(scenario, "head", petstore.url)


def test_setup_data_that_cannot_travel_is_refused(stage, petstore):
    engine, scenario = stage(
        """
        @scenario(vus=1, duration="1s")
        def ask(user):
            pass

        @ask.setup
        def prepare(user):
            return object()
        """
    )
    with pytest.raises(NoVerdictError, match="cannot be sent to other workers"):
        engine.open(scenario, "head", petstore.url)


def workers_of(engine):
    """Its processes, which psutil tells from others that get their numbers later."""
    return [psutil.Process(child._process.pid) for child in engine._workers]


def test_a_worker_that_is_killed_makes_its_round_invalid_and_the_next_one_works(stage, petstore):
    engine, scenario = stage(
        """
        @scenario(vus=2, duration="1m")
        def ask(user):
            user.get("/store/inventory")
        """,
        workers=2,
    )
    engine.open(scenario, "head", petstore.url)
    victim = workers_of(engine)[0].pid
    threading.Timer(0.5, os.kill, (victim, signal.SIGKILL)).start()
    # It would last a minute; the first worker is the one that is listened to.
    lost = engine.play(scenario, "head", Slice(0, 60, None), Phase.MEASURING, 0)
    assert "died (signal 9)" in lost.problems[0]
    nobody_knows = lost.generator
    assert (nobody_knows.clock, nobody_knows.stamps_missing, nobody_knows.reader_lag) == ("", None, None)
    assert (nobody_knows.hub_lag, nobody_knows.schedule_lag, nobody_knows.workers) == (None, None, 2)
    again = engine.play(scenario, "head", Slice(0, 1, None), Phase.MEASURING, 1)
    assert faults(again) == []
    assert again.tally.request_count > 0


def test_stopping_leaves_no_worker_behind(stage, petstore):
    engine, scenario = stage(
        """
        @scenario(vus=2, duration="10s")
        def ask(user):
            user.get("/store/inventory")
        """,
        workers=2,
    )
    engine.open(scenario, "head", petstore.url)
    mine = workers_of(engine)
    assert [worker.is_running() for worker in mine] == [True, True]
    engine.stop()
    assert [worker.is_running() for worker in mine] == [False, False]


def test_a_service_that_hangs_ends_the_round_after_the_graceful_stop_with_timeouts(stage):
    engine, scenario = stage(
        """
        @scenario(vus=2, duration="1s", graceful_stop="0.3s")
        def ask(user):
            user.get("/hang")
        """
    )
    with ScriptedServer({"/hang": [60.0]}) as server:
        tally = play(engine, scenario, server.url, seconds=1.0).tally
    assert tally.requests["GET /hang"].errors == {"timeout": 2}
    assert (tally.iterations.count, tally.interrupted_iterations) == (0, 2)


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_requests_from_threads_end_after_the_graceful_stop_too(stage, transport):
    engine, scenario = stage(
        f"""
        from concurrent.futures import ThreadPoolExecutor

        @scenario(vus=1, duration="1s", graceful_stop="0.3s", transport="{transport}")
        def ask(user):
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(user.get, ["/a", "/b", "/c"]))
        """
    )
    with ScriptedServer({"/a": [60.0], "/b": [60.0], "/c": [OK]}) as server:
        tally = play(engine, scenario, server.url, seconds=0.4).tally
    assert {name: dict(one.errors) for name, one in tally.requests.items()} == {
        "GET /a": {"timeout": 1},
        "GET /b": {"timeout": 1},
    }
    assert (tally.iterations.count, tally.interrupted_iterations) == (0, 1)


def test_a_user_that_a_ramp_takes_away_has_its_graceful_ramp_down_and_no_longer(stage):
    """What it waited for then is no failed request."""
    engine, waiting, thinking, graceful = stage(
        """
        ramp = dict(start_vus=2, stages=[("100ms", 0), ("2s", 0)])

        @scenario(**ramp, graceful_ramp_down="0s")
        def a_waiting(user):
            user.get("/hang")

        @scenario(**ramp, graceful_ramp_down="0s")
        def b_thinking(user):
            user.think(60)

        @scenario(**ramp)
        def c_graceful(user):
            user.think(60)
        """
    )
    with ScriptedServer({"/hang": [60.0]}) as server:
        for scenario, left in ((waiting, 0), (thinking, 0), (graceful, 2)):
            tally = play(engine, scenario, server.url, seconds=2.0).tally
            assert (tally.vus, tally.interrupted_iterations) == (left, 2), scenario.name
            assert tally.request_count == 0


def test_every_worker_has_the_data_of_setup_as_json_has_it(stage, petstore):
    """What one of them has otherwise would be missing on another."""
    engine, scenario = stage(
        """
        @scenario(vus=4, duration="1s")
        def ask(user):
            user.check("as JSON has it", user.data == {"1": [1, 2]})
            user.get("/store/inventory")

        @ask.setup
        def data(user):
            return {1: (1, 2)}
        """,
        workers=2,
    )
    checks = play(engine, scenario, petstore.url).tally.checks["as JSON has it"]
    assert (checks.passes > 0, checks.fails) == (True, 0)


@pytest.mark.parametrize(("vus", "cpus", "workers"), [(1, 1, 1), (30, 8, 1), (100, 8, 2), (1000, 8, 8), (1000, 1, 1)])
def test_more_vus_get_more_workers_as_far_as_there_are_cpus(vus, cpus, workers):
    assert default_workers(vus, cpus) == workers
