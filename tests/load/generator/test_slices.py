"""Slices of load that users live through, on one side or on both at once: real workers against real services."""

import os
import signal
import textwrap
import time

import psutil
import pytest

from perfgate.load.generator import engine as engine_module
from perfgate.load.generator.engine import PerfgateEngine
from perfgate.load.generator.messages import Play, PlaySlices, WorkerConfig
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.load.processes.child import Child
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.testing import ScriptedServer
from tests.support.slices import OK, apart, plan, sent_at, stopping, two_services, who_is_first


@pytest.fixture
def services(request):
    """The seconds by which they answer late can be given as a parameter."""
    with two_services("/a", wait=getattr(request, "param", 0.0)) as both:
        yield both


@pytest.fixture
def stage(tmp_path, services):
    """Write a scenario file; get an engine that has its scenario open on both services, and the scenario."""
    with stopping(services) as opened:

        def make(text, workers=1):
            (tmp_path / "file.py").write_text("from perfgate import scenario\n" + textwrap.dedent(text))
            (scenario,) = load_scenarios(tmp_path, (), Overrides(None, None))
            engine = PerfgateEngine(WorkerConfig(str(tmp_path), (), None, None, workers, 5, 1, ()))
            return opened(engine, scenario)

        yield make


THINKING = """
    @scenario(vus=6, duration="10s")
    def ask(user):
        user.get("/a")
        user.think(0.02)
"""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("sides", [("base",), ("base", "head")])
def test_every_slice_has_the_requests_of_its_time_on_each_side(stage, sides, workers):
    engine, scenario = stage(THINKING, workers)
    found = list(engine.play_slices(scenario, sides, plan(2.0, 4)))
    assert [tuple(slice_) for slice_ in found] == [sides] * 4
    for side in sides:
        tallies = [slice_[side].tally for slice_ in found]
        assert sum(tally.seconds for tally in tallies) == pytest.approx(2.0, rel=0.5)
        assert all(tally.vus == 6 for tally in tallies)
        assert sum(tally.request_count for tally in tallies) > 20
        assert all(slice_[side].problems == () for slice_ in found)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_file_keeps_is_of_one_service(stage, services, workers):
    engine, scenario = stage(
        """
        TOKENS = set()
        @scenario(vus=4, duration="10s")
        def ask(user):
            TOKENS.add(user.data)
            user.get("/a", headers={"X-Tokens": str(len(TOKENS))})
            user.think(0.02)
        @ask.setup
        def log_in(user):
            return user.unique_id()
        """,
        workers,
    )
    list(engine.play_slices(scenario, ("base", "head"), plan(0.5, 1)))
    for side, service in services.items():  # another instance of each
        engine.close(scenario, side)
        engine.open(scenario, side, service.url)
    list(engine.play_slices(scenario, ("base", "head"), plan(0.5, 1)))
    for service in services.values():
        assert {b"X-Tokens: 1" in one for one in service.requests} == {True}


def test_slices_whose_requests_all_go_elsewhere_are_invalid_unless_some_went_to_the_target_before(stage, services):
    with two_services("/b") as others:
        engine, scenario = stage(
            f"""
            @scenario(vus=2, duration="10s")
            def ask(user):
                if user.iteration == 1:
                    user.get("/a")
                user.get("{others["base"].url}/b")
                user.think(0.02 if user.iteration else 1.0)
            """
        )
        found = list(engine.play_slices(scenario, ("base",), plan(3.0, 6)))
    told = f"requests went to {others['base'].url} instead of the target"
    assert any(f"all {told}" in one for one in found[0]["base"].problems)
    assert any(f"some {told}" in one for one in found[-1]["base"].warnings)
    assert not any(told in one for one in found[-1]["base"].problems)


def test_each_side_is_asked_for_all_of_a_range(stage, services):
    engine, scenario = stage(
        """
        @scenario(rate=40, duration="10s", pre_allocated_vus=4)
        def ask(user):
            user.get("/a", headers={"at": str(user.unique_id(1, 10))})
        """
    )
    list(engine.play_slices(scenario, ("base", "head"), plan(1.0, 1)))
    for service in services.values():
        assert set(sent_at(service)) == set(range(1, 11))


def test_what_the_neighbours_of_a_file_keep_is_of_one_service(stage, services, tmp_path):
    (tmp_path / "_kept.py").write_text("TOKENS = set()")
    engine, scenario = stage(
        """
        from _kept import TOKENS
        @scenario(vus=2, duration="10s")
        def ask(user):
            import _kept
            TOKENS.add(user.data)
            user.get("/a", headers={"X-Tokens": str(len(TOKENS))})
            user.think(0.02)
        @ask.setup
        def log_in(user):
            import _kept
            return user.unique_id()
        """
    )
    list(engine.play_slices(scenario, ("base", "head"), plan(0.3, 1)))
    for service in services.values():
        assert {b"X-Tokens: 1" in one for one in service.requests} == {True}


def test_what_a_file_draws_as_it_is_loaded_is_the_same_on_both_sides(stage, services):
    engine, scenario = stage(
        """
        import random
        ONCE = random.randrange(10**9)
        @scenario(vus=2, duration="10s")
        def ask(user):
            user.get("/a", headers={"at": str(ONCE)})
            user.think(0.02)
        """
    )
    list(engine.play_slices(scenario, ("base", "head"), plan(0.3, 1)))
    base, head = (set(sent_at(service)) for service in services.values())
    assert len(base) == 1
    assert base == head


def test_no_request_is_counted_twice_or_on_the_other_side(stage, services):
    engine, scenario = stage(THINKING)
    found = list(engine.play_slices(scenario, ("base", "head"), plan(1.0, 5)))
    for side, service in services.items():
        counted = sum(slice_[side].tally.request_count for slice_ in found)
        # The users' last requests come after the last slice.
        assert counted <= len(service.requests) <= counted + 6


def test_users_live_on_with_their_connections_from_slice_to_slice(stage, services):
    engine, scenario = stage(THINKING)
    list(engine.play_slices(scenario, ("base",), plan(1.0, 5)))
    assert services["base"].connections == 6


def test_what_users_do_while_they_begin_is_in_no_slice(stage, services):
    engine, scenario = stage(
        """
        @scenario(vus=4, duration="30s")
        def ask(user):
            user.get("/a")
            user.think(30)
        """
    )
    (only,) = engine.play_slices(scenario, ("base",), plan(0.3, 1, spread=0.4))
    assert len(services["base"].requests) == 4
    assert only["base"].tally.request_count == 0


def test_users_of_both_sides_begin_one_after_the_other_and_each_side_is_first_in_turn(stage, services):
    engine, scenario = stage(
        """
        import time
        @scenario(vus=4, duration="30s")
        def ask(user):
            user.get("/a", headers={"at": str(time.monotonic())})
            user.think(30)
        """
    )
    list(engine.play_slices(scenario, ("base", "head"), plan(0.2, 1, spread=1.6)))
    assert {side: len(service.requests) for side, service in services.items()} == {"base": 4, "head": 4}
    assert who_is_first(services) == ["base", "head", "base", "head"]


@pytest.mark.parametrize("arrival", ["constant", "poisson"])
def test_what_arrives_on_both_sides_does_not_arrive_together(stage, services, arrival):
    engine, scenario = stage(
        f"""
        import time
        @scenario(rate=20, duration="10s", pre_allocated_vus=4, arrival="{arrival}")
        def ask(user):
            user.get("/a", headers={{"at": str(time.monotonic())}})
        """
    )
    list(engine.play_slices(scenario, ("base", "head"), plan(2.0, 1)))
    # Half of 50 ms; of Poisson arrivals every other one is within a third of that.
    assert apart(services) > (0.015 if arrival == "constant" else 0.004)


def test_a_schedule_begins_with_the_first_slice(stage):
    engine, scenario = stage(
        """
        @scenario(rate=20, duration="10s", pre_allocated_vus=4)
        def ask(user):
            user.get("/a")
        """
    )
    found = list(engine.play_slices(scenario, ("base", "head"), plan(2.0, 4, spread=0.5)))
    for side in ("base", "head"):
        assert [slice_[side].generator.offered for slice_ in found] == pytest.approx([10] * 4, abs=2)
        assert [slice_[side].tally.vus >= 4 for slice_ in found] == [True] * 4


def test_the_boundary_is_called_when_slices_begin_and_end(stage):
    engine, scenario = stage(THINKING)
    calls = []
    for number, _ in enumerate(
        engine.play_slices(scenario, ("base",), plan(0.6, 3, boundary=lambda _: calls.append(1)))
    ):
        assert len(calls) == number + 2
    assert len(calls) == 4


def test_closing_the_results_ends_the_load_and_leaves_an_engine_that_plays_on(stage, services):
    engine, scenario = stage(THINKING)
    slices = engine.play_slices(scenario, ("base", "head"), plan(60.0, 300))
    next(slices)
    slices.close()
    before = len(services["base"].requests)
    again = engine.play(scenario, "head", Slice(0.0, 0.5, None), Phase.MEASURING, 1)
    assert again.tally.request_count > 0
    assert len(services["base"].requests) == before


def test_a_worker_that_dies_makes_its_slice_invalid_and_the_next_ones_are_played_by_another(stage):
    engine, scenario = stage(THINKING)
    slices = engine.play_slices(scenario, ("base", "head"), plan(60.0, 300))
    next(slices)
    (worker,) = [child for child in psutil.Process().children() if "generator.worker" in " ".join(child.cmdline())]
    os.kill(worker.pid, signal.SIGKILL)
    lost = [slice_ for slice_ in slices if slice_["base"].problems][-1]
    assert "died" in lost["base"].problems[0]
    assert "died" in lost["head"].problems[0]
    assert engine.play(scenario, "head", Slice(0.0, 0.5, None), Phase.MEASURING, 1).tally.request_count > 0


def test_iterations_that_are_counted_out_are_not_sliced(stage):
    engine, scenario = stage("""
        @scenario(executor="shared-iterations", vus=2, iterations=10, max_duration="5s")
        def ask(user):
            user.get("/a")
    """)
    assert not engine.can_slice(scenario)


def test_a_round_counts_from_the_moment_at_which_all_users_have_begun(stage, services):
    engine, scenario = stage(
        """
        @scenario(vus=4, duration="30s")
        def ask(user):
            user.get("/a")
            user.think(30)
        """
    )
    played = engine.play(scenario, "base", Slice(0.0, 0.2, None, 0.4), Phase.MEASURING, 0)
    assert len(services["base"].requests) == 4
    assert played.tally.request_count == 0
    assert played.tally.vus == 4


@pytest.mark.parametrize(
    "options", ["rate=200, duration='60s', pre_allocated_vus=4", "stages=[('60s', 8)], start_vus=4"]
)
def test_every_kind_of_load_ends_soon_when_it_is_no_longer_needed(stage, services, options):
    engine, scenario = stage(f"""
        @scenario({options})
        def ask(user):
            user.get("/a")
            user.think(0.01)
    """)
    slices = engine.play_slices(scenario, ("base", "head"), plan(60.0, 300))
    next(slices)
    began = time.monotonic()
    slices.close()
    assert time.monotonic() - began < 15
    before = len(services["base"].requests)
    assert engine.play(scenario, "head", Slice(0.0, 0.5, None), Phase.MEASURING, 1).tally.request_count > 0
    assert len(services["base"].requests) == before


@pytest.mark.parametrize("services", [0.2], indirect=True)
def test_no_request_is_broken_off_when_the_load_is_no_longer_needed(stage, services):
    engine, scenario = stage(THINKING.replace("0.02", "0"))
    slices = engine.play_slices(scenario, ("base",), plan(60.0, 300))
    next(slices)
    slices.close()
    assert services["base"].resets == 0


@pytest.fixture
def slow_service():
    """A service with one path at which it takes its time: longer than all slices."""
    with ScriptedServer({"/a": [OK], "/slow": [4.0, OK]}) as service:
        yield service


@pytest.mark.parametrize(("graceful_stop", "answered"), [("100ms", False), ("30s", True)])
def test_a_request_that_is_under_way_for_long_at_the_end_counts_as_slow_or_as_failed(
    tmp_path, slow_service, graceful_stop, answered
):
    """The graceful stop is over before there is an answer, or it is not."""
    text = f"""
        from perfgate import scenario
        @scenario(vus=3, duration="30s", graceful_stop="{graceful_stop}")
        def ask(user):
            user.get("/a" if user.vu else "/slow")
            user.think(0.05)
        """
    (tmp_path / "file.py").write_text(textwrap.dedent(text))
    (scenario,) = load_scenarios(tmp_path, (), Overrides(None, None))
    with stopping({"base": slow_service, "head": slow_service}) as opened:
        engine, _ = opened(PerfgateEngine(WorkerConfig(str(tmp_path), (), None, None, 2, 5, 1, ())), scenario)
        slices = [one["head"] for one in engine.play_slices(scenario, ("base", "head"), plan(2.0, 4))]
        again = engine.play(scenario, "head", Slice(0.0, 0.2, None), Phase.MEASURING, 1)
    slow = [one.tally.request("GET /slow") for one in slices]
    assert [one.ok.count for one in slow] == [0, 0, 0, int(answered)]
    assert [dict(one.errors) for one in slow] == [{}, {}, {}, {} if answered else {"timeout": 1}]
    assert slices[0].generator.unanswered == 0
    assert slices[-1].generator.unanswered == 1
    assert (slices[-1].tally.vus, slices[-1].problems) == (3, ())
    assert again.tally.request("GET /a").ok.count > 0


HANGING = """
    @scenario(vus=2, duration="30s", graceful_stop="800ms")
    def ask(user):
        user.get("/a" if user.vu else "/slow")
        user.think(0.05)
"""


@pytest.mark.parametrize("sliced", [True, False])
@pytest.mark.parametrize(("wait", "stops"), [(0.0, [0.8, 0.8, 0.8]), (60.0, [0.8, 0.4, 0.4])], ids=["answers", "hangs"])
def test_once_requests_outlasted_the_graceful_stop_no_end_takes_longer_than_its_load(
    tmp_path, monkeypatch, sliced, wait, stops
):
    """A service that leaves requests unanswered must not add a whole graceful stop to each stretch of a profile."""
    (tmp_path / "file.py").write_text("from perfgate import scenario\n" + textwrap.dedent(HANGING))
    (scenario,) = load_scenarios(tmp_path, (), Overrides(None, None))
    told = []

    class Overheard(Child):
        def send(self, message):
            told.append(message)
            super().send(message)

    monkeypatch.setattr(engine_module, "_LEAST_STOP", 0.1)
    monkeypatch.setattr(engine_module, "Child", Overheard)
    with ScriptedServer({"/a": [OK], "/slow": [wait, OK]}) as service, stopping({"head": service}) as opened:
        engine, _ = opened(PerfgateEngine(WorkerConfig(str(tmp_path), (), None, None, 1, 5, 1, ())), scenario)
        for number in range(3):
            if sliced:
                *_, last = (one["head"] for one in engine.play_slices(scenario, ("head",), plan(0.4, 2)))
            else:
                last = engine.play(scenario, "head", Slice(0.0, 0.4, None), Phase.MEASURING, number)
            assert last.tally.request("GET /slow").errors["timeout"] == bool(wait)
    assert [message.graceful_stop for message in told if isinstance(message, (Play, PlaySlices))] == stops
