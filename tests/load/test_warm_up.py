"""load/warm_up: how long services are warmed up, and what is seen meanwhile."""

import math
import random

import pytest

from perfgate.load.warm_up import WarmUp
from perfgate.load.warm_up_timing import WarmUpTiming
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.testing import SeededEngine
from tests.support.load_target import LoadTarget


class Used:
    """A service that has used so much CPU since the last look."""

    def __init__(self, seconds_a_look):
        self._each = iter(seconds_a_look)
        self.cpu_seconds = 0.0
        self.memory_bytes = 1

    def __call__(self):
        used = Used(())
        self.cpu_seconds += next(self._each)
        used.cpu_seconds = self.cpu_seconds
        return used


@pytest.fixture
def warm_up(tmp_path):
    """Warm two targets up: the engine that did it, and what was seen."""

    def make(
        base=lambda: None,
        head=lambda: None,
        most=60.0,
        urls=("b", "h"),
        trouble=lambda: "",
        watched=True,
        vus=1,
        kind=SeededEngine,
        **engine,
    ):
        (tmp_path / "a.py").write_text(
            f"from perfgate import scenario\n@scenario(vus={vus}, duration='60s')\ndef a(user):\n    user.get('/a')\n"
        )
        (scenario,) = load_scenarios(tmp_path, (), Overrides())
        targets = LoadTarget("base", urls[0], base, trouble), LoadTarget("head", urls[1], head, trouble)
        seeded = kind(**{"slices": True, **engine})
        return seeded, WarmUp(seeded, scenario, WarmUpTiming(2.0, most), lambda *_: None).play(targets, watched)

    return make


def level(*values, then):
    """CPU of a request, in ms, at each step: these, then always the same. The engine sends 10 requests a step."""
    yield 0.0
    for value in values:
        yield value / 100
    while True:
        yield then / 100


def test_a_steady_service_is_warm_as_soon_as_that_can_be_told(warm_up):
    _, warmth = warm_up(Used(level(then=40.0)), Used(level(then=40.0)))
    assert (warmth.unsteady, warmth.got_faster) == ((), False)
    assert {side: tally.seconds for side, tally in warmth.tallies.items()} == {"base": 4.0, "head": 4.0}


@pytest.mark.parametrize("latency_ms", [1.0, 20.0], ids=["at once", "in turns"])
def test_without_a_look_at_the_level_each_side_has_the_least_warm_up(warm_up, latency_ms):
    falling = Used(level(*(50 * 0.95**step for step in range(500)), then=1))
    _, warmth = warm_up(falling, latency_ms=latency_ms, watched=False)
    assert (warmth.unsteady, warmth.got_faster) == ((), False)
    assert {side: tally.seconds for side, tally in warmth.tallies.items()} == {"base": 2.0, "head": 2.0}


def test_a_service_that_gets_faster_is_waited_for_and_both_sides_get_the_same_requests(warm_up):
    falling = [50 * 0.9**step for step in range(40)]
    _, warmth = warm_up(Used(level(*falling, then=0.7)), Used(level(then=5.0)))
    assert (warmth.unsteady, warmth.got_faster) == ((), True)
    assert 20.0 <= warmth.tallies["base"].seconds < 60.0
    assert warmth.tallies["head"].request_count == pytest.approx(warmth.tallies["base"].request_count, abs=40)


class Starting(SeededEngine):
    """Its iterations take 0.3 s at first, a tenth less in each step, and 20 ms in the end."""

    def __init__(self, waits, **options):
        """waits: whether users wait for answers all that time, or think."""
        super().__init__(**options)
        self._waits = waits
        self._takes_ms = 300.0

    def _result(self, seconds):
        self._iteration_ns = round(self._takes_ms * 1e6)
        self._latency_ns = self._iteration_ns if self._waits else 1
        self._takes_ms = max(20.0, 0.9 * self._takes_ms)
        return super()._result(seconds)


def test_a_service_that_answers_slowly_at_first_is_waited_for(warm_up):
    falling = [50 * 0.9**step for step in range(30)]
    _, warmth = warm_up(Used(level(*falling, then=2.0)), Used(level(*falling, then=2.0)), kind=Starting, waits=True)
    assert (warmth.unsteady, warmth.got_faster) == ((), True)
    assert min(tally.seconds for tally in warmth.tallies.values()) >= 15.0
    assert warmth.iteration == pytest.approx(0.02, rel=0.05)


def test_users_who_think_less_and_less_are_not_waited_for(warm_up):
    _, warmth = warm_up(Used(level(then=40.0)), Used(level(then=40.0)), kind=Starting, waits=False)
    assert {tally.seconds for tally in warmth.tallies.values()} == {2.0}


def test_a_service_that_is_as_slow_as_at_first_has_the_least_warm_up(warm_up):
    _, warmth = warm_up(Used(level(then=40.0)), Used(level(then=40.0)), latency_ms=300.0, iteration_ms=300.0)
    assert {tally.seconds for tally in warmth.tallies.values()} == {2.0}
    assert warmth.iteration == pytest.approx(0.3, rel=0.05)


def test_noise_when_the_warm_up_has_to_end_is_no_service_that_still_gets_faster(warm_up):
    """A side that needs many turns for the requests of the other one ends at a level that may be anywhere."""

    def noise(seed):
        chance = random.Random(seed)
        while True:
            yield 0.4 * math.exp(chance.gauss(0, 0.5))

    ends = [warm_up(Used(noise(seed)), Used(noise(-1 - seed)), most=7.0)[1] for seed in range(30)]
    assert sum(bool(warmth.unsteady) for warmth in ends) <= 12


@pytest.mark.parametrize("wears_out", [True, False])
def test_a_service_that_wears_out_is_set_back_before_every_turn(warm_up, monkeypatch, wears_out):
    prepared = []
    monkeypatch.setattr(LoadTarget, "prepare", lambda target: prepared.append(target.side))
    monkeypatch.setattr(LoadTarget, "resets", wears_out)
    engine, _ = warm_up(Used(level(then=40.0)), Used(level(then=40.0)))
    turns = [call[2] for call in engine.calls if call[0] == "warm up"]
    assert len(turns) == 4
    assert prepared == ([side for (side,) in turns] if wears_out else ["base", "head"])


@pytest.mark.parametrize("most", [24.0, 60.0])
def test_a_service_that_never_answers_is_given_up(warm_up, most):
    _, warmth = warm_up(requests=0, most=most)
    assert {tally.seconds for tally in warmth.tallies.values()} == {10.0}


def test_a_service_that_never_settles_is_named(warm_up):
    _, warmth = warm_up(
        Used(level(*(50 * 0.95**step for step in range(500)), then=1)), Used(level(then=5.0)), most=10.0
    )
    assert (warmth.unsteady, warmth.got_faster) == (("base",), True)
    assert warmth.tallies["base"].seconds == 10.0 <= WarmUpTiming(2.0, 10.0).longest


def test_sides_that_leave_the_cpus_mostly_idle_are_loaded_at_once(warm_up):
    engine, warmth = warm_up(Used(level(then=0.5)), Used(level(then=0.5)))
    assert warmth.at_once
    assert engine.calls[-1][:3] == ("warm up", "a", ("base", "head"))


def test_sides_that_keep_the_cpus_busy_take_turns(warm_up):
    _, warmth = warm_up(Used(level(then=40.0)), Used(level(then=40.0)))
    assert not warmth.at_once


def test_without_knowing_the_cpu_the_requests_that_wait_decide(warm_up):
    assert warm_up(latency_ms=1.0)[1].at_once
    assert not warm_up(latency_ms=20.0)[1].at_once


def test_users_that_wait_most_of_the_time_take_turns_however_idle_the_cpu_is(warm_up):
    assert not warm_up(Used(level(then=0.5)), Used(level(then=0.5)), latency_ms=40.0)[1].at_once


@pytest.mark.parametrize(("own_cpus", "at_once"), [(0, False), (1, False), (16, True)])
def test_dependencies_that_keep_their_cpus_busy_let_the_sides_take_turns(warm_up, monkeypatch, own_cpus, at_once):
    """Whether these are the service's or their own."""
    monkeypatch.setattr(LoadTarget, "dependency_cpus", own_cpus)
    databases = [Used(level(then=40.0)) for _ in range(2)]
    looks = [lambda: {"db": databases[0]()}, lambda: {"db": databases[1]()}]
    monkeypatch.setattr(LoadTarget, "dependency_usage", lambda target: looks[target.side == "head"]())
    _, warmth = warm_up(Used(level(then=0.5)), Used(level(then=0.5)))
    assert warmth.at_once is at_once


def test_a_busy_generator_loads_one_side_after_the_other(warm_up):
    assert not warm_up(latency_ms=1.0, generator_cpu=0.3)[1].at_once


@pytest.mark.parametrize("latency_ms", [1.0, 20.0], ids=["at once", "in turns"])
def test_a_service_that_ends_ends_its_warm_up(warm_up, latency_ms):
    falling = Used(level(*(50 * 0.95**step for step in range(500)), then=1))
    _, warmth = warm_up(falling, latency_ms=latency_ms, trouble=lambda: "the service ended")
    assert warmth.tallies["base"].seconds <= 4.0


def test_a_service_that_answers_only_errors_is_not_waited_for(warm_up):
    _, warmth = warm_up(fails=True)
    assert warmth.unsteady == ()
    assert warmth.tallies["base"].seconds <= 8.0


def test_users_that_send_nothing_are_not_waited_for(warm_up):
    _, warmth = warm_up(requests=0)
    assert warmth.unsteady == ()
    assert warmth.tallies["base"].seconds <= 20.0


def test_one_service_behind_both_sides_is_never_loaded_twice_at_once(warm_up):
    assert not warm_up(latency_ms=1.0, urls=("same", "same"))[1].at_once


def test_sides_that_share_a_server_are_loaded_in_turns(warm_up, monkeypatch):
    """Else nobody could tell whose its CPU was."""
    assert warm_up(latency_ms=1.0)[1].at_once
    monkeypatch.setattr(LoadTarget, "shared", frozenset({"db"}))
    assert not warm_up(latency_ms=1.0)[1].at_once


def test_an_engine_without_slices_plays_the_least_warm_up_on_each_side(warm_up):
    engine, warmth = warm_up(slices=False)
    assert engine.calls == [("warm up", "a", "base", 0), ("warm up", "a", "head", 1)]
    assert [part.length for part in engine.parts] == [2.0, 2.0]
    assert not warmth.at_once


def test_users_begin_over_an_iteration_and_over_five_seconds_at_most(warm_up):
    assert warm_up(iteration_ms=400.0)[1].spread == pytest.approx(0.4, rel=0.01)
    assert warm_up(iteration_ms=60_000.0)[1].spread == 5.0


@pytest.mark.parametrize(("vus", "spread"), [(1, 0.0), (2000, 1.0)])
def test_many_users_begin_one_by_one_from_the_first_warm_up_on(warm_up, monkeypatch, vus, spread):
    spreads = []
    play_slices = SeededEngine.play_slices

    def watched(engine, scenario, sides, plan):
        spreads.append(plan.part.spread)
        return play_slices(engine, scenario, sides, plan)

    monkeypatch.setattr(SeededEngine, "play_slices", watched)
    warm_up(vus=vus)
    assert spreads[0] == spread
