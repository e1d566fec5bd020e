"""Warm-up, rounds and pairs, as the runner plays them."""

import itertools
import time
from dataclasses import dataclass
from typing import Any

import pytest

from perfgate.errors import NoVerdictError, TargetError, UsageError
from perfgate.load import clock_watch
from perfgate.load.phase import Phase
from perfgate.load.reports import lost_round
from perfgate.load.runner import Runner, Timing
from perfgate.load.warm_up_timing import WarmUpTiming
from perfgate.metrics.counts import CounterUse
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.run import pair_count
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.service.counters.page import Counted
from perfgate.service.counters.reading import CounterReading
from perfgate.testing import SeededEngine
from tests.support.load_target import LoadTarget

WARM_UP = WarmUpTiming(2.0, 60.0)
SIDES = ("base", "head")


@pytest.fixture
def scenario(tmp_path):
    def make(options="vus=1, duration='4s'"):
        (tmp_path / "a.py").write_text(
            f"from perfgate import scenario\n@scenario({options})\ndef a(user):\n    user.get('/a')\n"
        )
        return load_scenarios(tmp_path, (), Overrides())[0]

    return make


@dataclass
class Used:
    cpu_seconds: float
    memory_bytes: int


def seen(side):
    """A target whose CPU time is known."""
    return target(side, lambda: Used(0.0, 0))


def target(side, usage=lambda: None, trouble=lambda: ""):
    return LoadTarget(side, f"http://{side}", usage, trouble)


def runner(engine, seed=1, announced=None, round_seconds=1.0):
    said = announced if announced is not None else []
    return Runner(engine, Timing(round_seconds, WARM_UP), seed, lambda *what: said.append(what))


def test_a_run_warms_up_and_then_plays_the_whole_profile(scenario):
    engine = SeededEngine()
    rounds = list(runner(engine).run(scenario(), target("")))
    assert [round_.pair for round_ in rounds] == [0, 1, 2, 3]
    assert engine.calls == [
        ("open", "a", "", "http://"),
        ("warm up", "a", "", 0),
        *[("play", "a", "", number) for number in range(4)],
        ("close", "a", ""),
    ]
    assert engine.parts[0].length == 2.0


def test_a_load_until_stopped_is_refused_by_a_run_and_cut_by_the_budget_of_a_duet(scenario):
    endless = scenario("vus=1, duration='9999h'")
    with pytest.raises(UsageError, match="a asks for a load of 417 days") as raised:
        list(runner(SeededEngine()).run(endless, target("")))
    assert "--duration" in raised.value.hint
    assert len(list(runner(SeededEngine()).duet(endless, target("base"), target("head"), 4.0))) == 2


def test_every_pair_has_one_round_on_each_side_next_to_each_other(scenario):
    engine = SeededEngine()
    pairs = list(runner(engine).duet(scenario(), target("base"), target("head"), budget=20))
    assert [(pair.base.side, pair.head.side) for pair in pairs] == [("base", "head")] * 10
    played = [(call[2], call[3]) for call in engine.calls if call[0] == "play"]
    for number in range(10):
        assert {side for side, pair in played[2 * number : 2 * number + 2] if pair == number} == {"base", "head"}


def order(engine):
    return [call[2] for call in engine.calls if call[0] == "play"]


def test_the_order_within_pairs_is_random_and_the_seeds_own(scenario):
    orders = []
    for seed in (1, 1, 2):
        engine = SeededEngine()
        list(runner(engine, seed).duet(scenario(), target("base"), target("head"), budget=80))
        orders.append(order(engine))
    assert orders[0] == orders[1] != orders[2]
    firsts = orders[0][::2]
    assert 8 <= firsts.count("base") <= 32  # of 40 fair coins


def test_slices_take_turns_and_both_sides_of_a_pair_play_the_same(scenario):
    engine = SeededEngine()
    list(runner(engine).duet(scenario("stages=[('2s', 4)], start_vus=1"), target("base"), target("head"), budget=8))
    starts = [part.start for part in engine.parts[2:]]
    assert starts == [0, 0, 1, 1, 0, 0, 1, 1]


STAGES = "stages=[('30s', 20), ('1m', 20), ('20s', 0)]"


@pytest.mark.parametrize("at_once", [False, True])
def test_each_instance_sees_all_of_a_profile_that_is_longer_than_the_budget(scenario, at_once):
    engine = SeededEngine(latency_ms=1.0, slices=at_once)
    playing = Runner(engine, Timing(0.5, WARM_UP, 2), 1, lambda *what: None)
    pairs = playing.duet(scenario(STAGES), renewable("base"), renewable("head"), budget=60)
    assert len(list(pairs)) == playing.load.count
    assert playing.load.at_once is at_once
    played = [part for part, call in zip(engine.parts, measured(engine), strict=True) if call[0] == "play"]
    for share in (played[: len(played) // 2], played[len(played) // 2 :]):
        assert {int((part.start + part.length / 2) / 110 * 4) for part in share} == {0, 1, 2, 3}
    assert sum(part.length for part in played) == pytest.approx(60)


@pytest.mark.parametrize("slices", [False, True])
def test_a_warm_up_has_the_load_of_the_busiest_part(scenario, slices):
    """How loaded the services are then decides whether both sides are loaded at once."""
    engine = SeededEngine(slices=slices)
    runner(engine).probe(scenario(STAGES), (target("base"), target("head")))
    assert {part.start for part in engine.parts} == {30}
    assert all(part.length >= 2 for part in engine.parts)


def test_a_warm_up_ends_before_the_profile_does(scenario):
    engine = SeededEngine(slices=True)
    runner(engine).probe(scenario("stages=[('30s', 20)]"), (target("base"),))
    (part,) = engine.parts
    assert (part.start + part.length, part.length) == (30, 2)


def measured(engine):
    """The calls that have a part of the profile."""
    return [call for call in engine.calls if call[0] in ("play", "warm up")]


def test_rounds_at_once_are_invalid_from_when_a_server_turns_out_to_be_shared(scenario):
    sides = target("base"), target("head")
    pairs = runner(SeededEngine(slices=True, latency_ms=1.0)).duet(scenario("vus=1, duration='8s'"), *sides, budget=8)
    assert next(pairs).base.problems == ()
    looks = sides[0].looks
    assert looks > 0, "before it was decided how sides are loaded"
    sides[0].shared = frozenset({"db"})
    later = list(pairs)
    assert sides[0].looks == looks, "a look takes CPU of the load"
    assert all(
        "name it under [[dependencies]]" in side.problems[0] for pair in later for side in (pair.base, pair.head)
    )
    assert later


@pytest.mark.parametrize(
    ("iteration_ms", "turn"), [(5.0, 0.1), (20.0, 0.125), (40.0, 0.25), (45.0, 0.0), (0.0, 0.0), (400.0, 0.0)]
)
def test_sides_that_are_busy_share_a_load_in_short_turns(scenario, iteration_ms, turn):
    """A turn has six iterations at least where they are even, and a round two turns."""
    engine = SeededEngine(latency_ms=iteration_ms, iteration_ms=iteration_ms, shares=True)
    playing = Runner(engine, Timing(0.5, WARM_UP, 2), 1, lambda *what: None)
    base, head = (renewable(side, lambda: Used(0.0, 0)) for side in ("base", "head"))
    pairs = list(playing.duet(scenario("vus=1, duration='60s'"), base, head, budget=60))
    assert playing.load.turn == pytest.approx(turn)
    assert not playing.load.at_once
    if turn:
        assert [(pair.base.pair, pair.base.instance) for pair in pairs] == [(n, n // 30) for n in range(60)]
        assert [call for call in measured(engine) if call[0] == "play"] == [
            ("play", "a", ("base", "head"), n) for n in (0, 30)
        ]
        played = [part for part, call in zip(engine.parts, measured(engine), strict=True) if call[0] == "play"]
        assert [part.length for part in played] == [30, 30]


class Uneven(SeededEngine):
    """Of its iterations of 5 ms each tenth takes longer. late_ms: how long."""

    def __init__(self, late_ms):
        super().__init__(shares=True)
        self._late_ns = round(late_ms * 1e6)

    def _result(self, seconds):
        result = super()._result(seconds)
        result.tally.iterations = Histogram.of([5_000_000] * 9 + [self._late_ns])
        return result


@pytest.mark.parametrize(("late_ms", "turn"), [(5, 0.1), (40, 0.5 / 3), (60, 0.25), (80, 0.0), (1000, 0.0)])
def test_a_turn_is_as_long_as_what_long_iterations_leave_over_at_its_end_asks_for(scenario, late_ms, turn):
    """The median says nothing of them."""
    playing = runner(Uneven(late_ms), round_seconds=0.5)
    list(playing.duet(scenario("vus=1, duration='60s'"), seen("base"), seen("head"), budget=8))
    assert playing.load.turn == pytest.approx(turn)


def test_where_no_iteration_ends_on_one_side_no_load_is_shared(scenario):
    class Hanging(SeededEngine):
        def play(self, scenario, side, part, phase, number):
            result = super().play(scenario, side, part, phase, number)
            if side == "head":
                result.tally.iterations = Histogram()
            return result

    playing = runner(Hanging(shares=True), round_seconds=0.5)
    list(playing.duet(scenario("vus=1, duration='60s'"), seen("base"), seen("head"), budget=8))
    assert playing.load.turn == 0


class Dying(SeededEngine):
    """Its generator dies in every slice of these numbers, until it has died `times` times in each."""

    def __init__(self, numbers, times=1, **more):
        super().__init__(**more)
        self._left = dict.fromkeys(numbers, times)

    def play_slices(self, scenario, sides, plan):
        for number, result in enumerate(super().play_slices(scenario, sides, plan), plan.number):
            if self._left.get(number) and plan.phase is Phase.MEASURING:
                self._left[number] -= 1
                yield dict.fromkeys(sides, lost_round("seeded", 1, "the generator died"))
                return
            yield result


@pytest.mark.parametrize("how", [{"shares": True}, {"slices": True, "latency_ms": 1.0}], ids=["short turns", "at once"])
def test_a_generator_that_dies_takes_one_pair_and_not_the_rest(scenario, how):
    engine = Dying([0, 5, 7], **how)
    playing = runner(engine, round_seconds=0.5)
    pairs = list(playing.duet(scenario("vus=1, duration='60s'"), seen("base"), seen("head"), 10))
    assert [pair.base.pair for pair in pairs] == list(range(len(pairs)))
    assert [pair.base.pair for pair in pairs if pair.base.problems] == [0, 5, 7]
    assert len(pairs) >= 10
    played = [(call[3], part.start) for call, part in zip(measured(engine), engine.parts, strict=True)]
    assert [one for one, call in zip(played, measured(engine), strict=True) if call[0] == "play"] == [
        (0, 0.0),
        (1, 0.5),
        (6, 3.0),
        (8, 4.0),
    ]


def test_a_generator_that_dies_again_and_again_is_given_up(scenario):
    engine = Dying(range(60), shares=True)
    playing = runner(engine, round_seconds=0.5)
    assert len(list(playing.duet(scenario("vus=1, duration='60s'"), seen("base"), seen("head"), 30))) == 3


@pytest.mark.parametrize("how", [{"shares": True}, {"slices": True, "latency_ms": 1.0}], ids=["short turns", "at once"])
def test_what_is_left_after_a_death_lies_within_the_profile(scenario, how):
    """Beyond its end there are no users."""
    engine = Dying([1, 2, 5], **how)
    playing = runner(engine, round_seconds=0.5)
    assert list(playing.duet(scenario("vus=1, duration='2s'"), seen("base"), seen("head"), 8))
    assert all(part.start < 2 for part in engine.parts)


@pytest.mark.parametrize("why", ["resets", "has_counters", "url", "throttles", "alone"])
def test_sides_that_cannot_be_told_apart_while_both_are_loaded_share_no_load(scenario, why):
    sides = seen("base"), seen("head")
    for side in sides:
        setattr(side, why, {"url": sides[0].url, "alone": False}.get(why, True))
    playing = runner(SeededEngine(shares=True), round_seconds=0.5)
    list(playing.duet(scenario("vus=1, duration='60s'"), *sides, budget=8))
    assert playing.load.turn == 0


def test_sides_whose_cpu_time_is_not_known_share_no_load(scenario):
    """What a service puts off until the other's turn would show in nothing."""
    playing = runner(SeededEngine(shares=True), round_seconds=0.5)
    list(playing.duet(scenario("vus=1, duration='60s'"), seen("base"), target("head"), budget=8))
    assert playing.load.turn == 0


def test_sides_with_a_server_whose_cpu_time_takes_long_to_read_share_no_load(scenario):
    def slow():
        time.sleep(0.03)
        return {"db": Used(0.0, 0)}

    for shared, turn in ((frozenset(), 0.1), (frozenset({"db"}), 0.0)):
        base, head = (LoadTarget(side, f"http://{side}", lambda: Used(0.0, 0), dependencies=slow) for side in SIDES)
        base.shared = head.shared = shared
        playing = runner(SeededEngine(shares=True), round_seconds=0.5)
        list(playing.duet(scenario("vus=1, duration='60s'"), base, head, budget=8))
        assert playing.load.turn == turn


def test_the_pair_in_which_a_server_turns_out_to_be_shared_is_invalid_and_no_other(scenario):
    sides = seen("base"), seen("head")
    playing = runner(SeededEngine(shares=True), round_seconds=0.5)
    pairs = playing.duet(scenario("vus=1, duration='60s'"), *sides, budget=8)
    assert next(pairs).base.problems == ()
    sides[0].shared = frozenset({"db"})
    second, *later = pairs
    assert "name it under [[dependencies]]" in second.head.problems[0]
    assert [pair.base.pair for pair in later] == list(range(2, 8))
    assert [pair.head.problems for pair in later] == [()] * 6


def test_stopping_early_still_cleans_up(scenario):
    engine = SeededEngine()
    pairs = runner(engine).duet(scenario(), target("base"), target("head"), budget=60)
    next(pairs)
    pairs.close()
    assert engine.calls[-2:] == [("close", "a", "base"), ("close", "a", "head")]


def test_an_interruption_does_not_wait_for_the_teardown(scenario):
    engine = SeededEngine()
    rounds = runner(engine).run(scenario(), target(""))
    next(rounds)
    with pytest.raises(KeyboardInterrupt):
        rounds.throw(KeyboardInterrupt())
    assert ("close", "a", "") not in engine.calls


class FailsToClose(SeededEngine):
    def close(self, scenario, side):
        super().close(scenario, side)
        raise NoVerdictError(f"teardown of {scenario.name} failed on {side}", "mend it")


def test_a_teardown_that_fails_takes_nothing_from_what_was_measured_nor_from_the_other_side(scenario):
    engine = FailsToClose()
    plays = runner(engine)
    pairs = list(plays.duet(scenario(), target("base"), target("head"), budget=8))
    assert len(pairs) == 4
    assert [error.message for error in plays.teardowns] == [
        "teardown of a failed on base", "teardown of a failed on head",
    ]  # fmt: skip


def renewable(side, usage=lambda: None):
    """A target of which each instance has a URL of its own."""
    return LoadTarget(side, f"http://{side}/0", usage, urls=(f"http://{side}/{number}" for number in range(1, 100)))


def instances_of(engine, side):
    """The URLs that were opened on a side, each with the pairs that were played there."""
    found: dict[str, list[int]] = {}
    for what, _, _, value in (call for call in engine.calls if len(call) == 4 and call[2] == side):
        if what == "open":
            found[value] = []
        elif what == "play":
            list(found.values())[-1].append(value)
    return found


def test_the_instances_of_a_target_share_the_pairs(scenario):
    engine, said = SeededEngine(), []
    playing = Runner(engine, Timing(1.0, WARM_UP, 2), 1, lambda *what: said.append(what))
    pairs = list(playing.duet(scenario(), renewable("base"), renewable("head"), budget=50))
    assert [pair.base.pair for pair in pairs] == list(range(25))
    for side in ("base", "head"):
        assert instances_of(engine, side) == {
            f"http://{side}/0": list(range(12)),
            f"http://{side}/1": list(range(12, 25)),
        }
        assert [call[:1] + call[2:] for call in engine.calls].count(("warm up", side, 0)) in (0, 2)
    closed = [number for number, call in enumerate(engine.calls) if call[0] == "close"]
    opened = [number for number, call in enumerate(engine.calls) if call[0] == "open"]
    assert opened[1] < closed[0] < closed[1] < opened[2], "setup and teardown on each instance"
    assert ("starting anew", 12, 25) in said


def test_the_order_within_pairs_does_not_begin_anew_with_an_instance(scenario):
    orders = []
    for instances in (1, 2):
        engine = SeededEngine()
        playing = Runner(engine, Timing(1.0, WARM_UP, instances), 1, lambda *what: None)
        list(playing.duet(scenario(), renewable("base"), renewable("head"), budget=60))
        orders.append(order(engine))
    assert orders[0] == orders[1]


def test_one_side_may_be_all_that_can_be_renewed(scenario):
    engine = SeededEngine()
    playing = Runner(engine, Timing(1.0, WARM_UP, 3), 1, lambda *what: None)
    list(playing.duet(scenario(), target("base"), renewable("head"), budget=80))
    assert [call[3] for call in engine.calls if call[0] == "open"] == [
        "http://base", "http://head/0", "http://base", "http://head/1", "http://base", "http://head/2"
    ]  # fmt: skip


@pytest.mark.parametrize(("instances", "budget", "made"), [(2, 46, 1), (2, 48, 2), (5, 100, 4), (1, 100, 1)], ids=str)
def test_an_instance_has_a_dozen_pairs_at_least(scenario, instances, budget, made):
    engine = SeededEngine()
    playing = Runner(engine, Timing(1.0, WARM_UP, instances), 1, lambda *what: None)
    assert len(list(playing.duet(scenario(), renewable("base"), renewable("head"), budget=budget))) == budget // 2
    assert len(instances_of(engine, "base")) == made


@pytest.mark.parametrize(("at_first", "watched"), [(40.0, False), (80.0, True)])
def test_later_instances_of_a_program_that_does_not_get_faster_have_the_least_warm_up(scenario, at_first, watched):
    def using():
        """10 requests a step: what they use, falling for a while where it is more at first (ms)."""
        used = 0.0
        for step in itertools.count():
            used += max(40.0, at_first - step) / 100
            yield Used(used, 1)

    engine, looks = SeededEngine(latency_ms=20.0, slices=True), {side: using() for side in ("base", "head")}
    base, head = (renewable(side, looks[side].__next__) for side in ("base", "head"))
    playing = Runner(engine, Timing(1.0, WARM_UP, 2), 1, lambda *what: None)
    list(playing.duet(scenario(), base, head, budget=48))
    again = [call[0] for call in engine.calls].index("open", 2)
    turns = [call for call in engine.calls[again:] if call[0] == "warm up"]
    assert (len(turns) > 2) is watched


def test_what_cannot_be_renewed_is_not_closed_in_between(scenario):
    engine = SeededEngine()
    playing = Runner(engine, Timing(1.0, WARM_UP, 2), 1, lambda *what: None)
    list(playing.duet(scenario(), target("base"), target("head"), budget=60))
    assert sum(call[0] == "open" for call in engine.calls) == 2


def test_long_iterations_get_longer_rounds(scenario):
    playing = runner(SeededEngine(iteration_ms=1500))
    rounds = list(playing.run(scenario("vus=1, duration='30s'"), target("")))
    assert [round_.tally.seconds for round_ in rounds] == [7.5] * 4


def test_a_round_is_never_longer_than_the_profile(scenario):
    playing = runner(SeededEngine(iteration_ms=60_000))
    assert [round_.tally.seconds for round_ in playing.run(scenario(), target(""))] == [4]


def test_what_the_service_used_is_the_rounds_own_share(scenario):
    readings = iter(Used(cpu, 1000 + n) for n, cpu in enumerate((9.0, 9.9, 10.0, 10.5, 11.0, 12.0)))
    usage = lambda: next(readings)  # noqa: E731
    rounds = list(runner(SeededEngine()).run(scenario("vus=1, duration='2s'"), target("", usage)))
    assert [round_.tally.service_cpu_seconds for round_ in rounds] == [0.5, 1.0]
    assert rounds[-1].tally.service_memory_bytes == 1005


@pytest.fixture
def used_by(scenario):
    """The dependencies of the rounds of a run; readings: of them, when each of two rounds began and ended."""

    def rounds(*readings):
        read = iter((None, None, *readings))  # a warm-up comes first
        loaded = LoadTarget("", "http://", dependencies=lambda: next(read))
        return [
            round_.tally.dependencies for round_ in runner(SeededEngine()).run(scenario("vus=1, duration='2s'"), loaded)
        ]

    return rounds


def test_what_a_dependency_used_is_the_rounds_own_share(used_by):
    used = used_by(*({"redis": Used(cpu, 1000 + n)} for n, cpu in enumerate((10.0, 10.5, 11.0, 12.0))))
    assert used == [{"redis": DependencyUse(10, 0.5, 1001)}, {"redis": DependencyUse(10, 1.0, 1003)}]


def test_a_dependency_that_is_found_in_a_round_is_seen_there_and_read_from_then_on(used_by):
    first, second = used_by({}, {"redis": Used(7.0, 10)}, {"redis": Used(7.0, 10)}, {"redis": Used(7.5, 11)})
    assert first == {"redis": DependencyUse(0, 0.0, 10)}
    assert second["redis"].cpu_seconds == 0.5


def test_a_dependency_that_began_anew_or_has_gone_is_not_read(used_by):
    first, second = used_by({"redis": Used(7.0, 10)}, {"redis": Used(0.1, 9)}, {"redis": Used(0.1, 9)}, {})
    assert first == {"redis": DependencyUse(0, 0.0, 9)}
    assert second == {"redis": DependencyUse(0, 0.0, 0)}


def test_without_a_look_at_them_dependencies_are_unknown(used_by):
    assert used_by(None, None, {}, {}) == [None, {}]


def test_a_service_in_trouble_makes_its_round_invalid(scenario):
    (round_, *_) = runner(SeededEngine()).run(scenario(), target("", trouble=lambda: "the service ended"))
    assert round_.problems == ("the service ended",)
    assert not round_.valid


def test_it_is_told_what_begins(scenario):
    announced: list[tuple[Any, ...]] = []
    list(runner(SeededEngine(), announced=announced).run(scenario("vus=1, duration='2s'"), target("")))
    assert announced == [("warming up", 0, 1), ("measuring", 0, 2), ("measuring", 1, 2)]


@pytest.mark.parametrize(("budget", "length", "pairs"), [(60, 2, 30), (3, 2, 1), (0.1, 2, 1), (1.2, 0.2, 6)])
def test_a_budget_pays_for_so_many_pairs(budget, length, pairs):
    assert pair_count(budget, length) == pairs


def test_a_round_in_which_the_clock_is_set_is_invalid(scenario, monkeypatch):
    moments = iter([0.0, 0.0, 0.0, 3600.0, 3600.0, 3600.0, 3600.0, 3600.0])
    monkeypatch.setattr(clock_watch, "_offset", lambda: next(moments))
    rounds = list(runner(SeededEngine()).run(scenario(), target("")))
    assert [round_.valid for round_ in rounds] == [True, False, True, True]
    assert "set forward by 1h" in rounds[1].problems[0]


def test_the_plan_of_a_duet_is_told_once_after_the_warm_up_and_before_any_pair(scenario):
    engine, told = SeededEngine(), []

    def planned(warmth, load):
        told.append((sorted(warmth.tallies), load.count, [call[0] for call in engine.calls].count("play")))

    pairs = list(runner(engine).duet(scenario(), target("base"), target("head"), 20, planned))
    assert told == [(["base", "head"], len(pairs), 0)]


class Counting(LoadTarget):
    """A side with a counter; readings: what it says, one after the other."""

    has_counters = True

    def __init__(self, side, readings):
        super().__init__(side, f"http://{side}")
        self._readings = iter(readings)

    def counters(self):
        return next(self._readings)


def reads(*values, gauge=False):
    """Readings of one counter. A text says why it could not be read."""
    return [
        CounterReading({}, value)
        if isinstance(value, str)
        else CounterReading({} if value is None else {"queries": Counted(value, gauge)}, "")
        for value in values
    ]


@pytest.fixture
def counted(scenario):
    """The rounds of a run of two rounds, with what a counter said before and after each of them."""

    def play(readings):
        return list(runner(SeededEngine()).run(scenario("vus=1, duration='2s'"), Counting("", readings)))

    return play


def test_a_counter_is_read_before_and_after_each_round_and_not_between(counted):
    one, two = counted(reads(100.0, 130.0, 200.0, 210.0))
    assert [round_.tally.counters["queries"].total for round_ in (one, two)] == [30.0, 10.0]
    assert one.tally.counters["queries"].over == one.tally.attempts


def test_requests_before_counting_began_are_counted_by_counters_too(counted, monkeypatch):
    play = SeededEngine.play

    def with_uncounted(*arguments):
        result = play(*arguments)
        result.tally.uncounted = 5
        return result

    monkeypatch.setattr(SeededEngine, "play", with_uncounted)
    first = counted(reads(0.0, 30.0, 0.0, 10.0))[0]
    assert first.tally.counters["queries"].over == first.tally.request_count + 5


def test_a_gauge_is_what_it_is_after_the_round(counted):
    assert [round_.tally.counters["queries"] for round_ in counted(reads(1.0, 8.0, 1.0, 9.0, gauge=True))] == [
        CounterUse(1, 8.0, True),
        CounterUse(1, 9.0, True),
    ]


def test_a_counter_that_began_anew_is_not_known_and_a_new_one_began_at_zero(counted):
    one, two = counted(reads(100.0, 3.0, None, 7.0))
    assert one.tally.counters["queries"].value is None
    assert two.tally.counters["queries"].total == 7.0


def test_a_counter_that_cannot_be_read_makes_its_round_invalid(counted):
    one, two = counted(reads(1.0, "the page is gone", 1.0, 2.0))
    assert (one.valid, one.problems[-1], two.valid) == (False, "the page is gone", True)


def test_counters_are_confirmed_when_a_warm_up_is_over_and_before_its_rounds(scenario):
    engine = SeededEngine()

    class Missing(LoadTarget):
        def confirm_counters(self):
            raise TargetError("it has no queries", "mend names")

    with pytest.raises(TargetError, match="it has no queries"):
        list(runner(engine).run(scenario(), Missing("", "http://a")))
    kinds = [call[0] for call in engine.calls]
    assert "warm up" in kinds
    assert "play" not in kinds


def test_sides_with_counters_are_loaded_in_turns(scenario):
    engine = SeededEngine()
    sides = [Counting(side, reads(*[1.0] * 100)) for side in ("base", "head")]
    pairs = list(runner(engine).duet(scenario("vus=1, duration='4s'"), *sides, 4.0))
    assert pairs
    assert all(pair.base.started_at != pair.head.started_at for pair in pairs)
    assert "play" in {call[0] for call in engine.calls}
