"""Runs that are saved and read again, round by round."""

from collections import Counter
from dataclasses import replace

import pytest

from perfgate.errors import HistoryError
from perfgate.history.checking import faults_of
from perfgate.history.dependency_rows import StoredDependency
from perfgate.history.store import open_history
from perfgate.history.stored import MeasuredAs
from perfgate.history.values import Statistic, Wanted
from perfgate.load.reports import lost_round
from perfgate.metrics.catalogue import (
    COUNTER,
    METRICS,
    OF_COUNTS,
    OF_DEPENDENCIES,
    SERVER_TIMING,
    SERVER_TIMING_COUNT,
    STATS,
    with_name,
)
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.phases import TIMINGS
from perfgate.metrics.tally_statistics import read
from perfgate.testing import seeded_run
from tests.support.histories import (
    first_rounds,
    held,
    invalid,
    put,
    small_duet,
    small_run,
    with_counts,
    with_dependencies,
    with_phases,
    with_record,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "perfgate.db"


@pytest.fixture
def history(path):
    with open_history(path, create=True) as opened:
        yield opened


def test_every_field_of_a_record_comes_back(history):
    run = with_record(
        small_run(3, side="head"),
        started_at=1_767_225_600.123,
        target="image:shop:1.2",
        branch="fix/naïve-名前",
        dirty=True,
        seed=2**70,
        versions={"perfgate": "1.0.0", "python": "3.14.0", "k6": "1.8.1"},
        cpus={"generator": [0], "service": []},
    )
    history.save_run(run)
    (stored,) = history.runs()
    assert stored.record == run.record
    assert stored.finished
    assert stored.scenarios == tuple(sorted(scenario.scenario for scenario in run.scenarios))


def test_runs_of_one_testbed_keep_the_kernel_and_the_image_that_each_had(history):
    old, new = small_run(1), small_run(2)
    new = with_record(new, testbed=replace(new.record.testbed, kernel="6.11.0", image="ubuntu24 20260301.1"))
    history.save_run(old)
    history.save_run(new)
    assert [run.record.testbed for run in history.runs()] == [new.record.testbed, old.record.testbed]


def test_the_memory_of_a_testbed_is_the_least_seen_in_whatever_order(tmp_path):
    runs = [small_run(number) for number in range(2)]
    more = with_record(runs[0], testbed=replace(runs[0].record.testbed, memory_bytes=16_768_004_096))
    for name, order in {"one.db": (more, runs[1]), "two.db": (runs[1], more)}.items():
        put(tmp_path / name, *order)
        with open_history(tmp_path / name, create=False) as history:
            assert {run.record.testbed.memory_bytes for run in history.runs()} == {16_768_000_000}


def everything_measured(scenario_run):
    """Every statistic of the catalogue, of the whole scenario and of each request name."""
    total = scenario_run.total
    for request in (None, *total.requests):
        for metric in METRICS.values():
            for stat in STATS[metric.kind]:
                whole = metric.name in (SERVER_TIMING, SERVER_TIMING_COUNT) and request is None
                if (request is None or metric.per_request) and not whole:
                    for name in named_metrics(metric.name, total):
                        yield request, name, stat, read(total, name, stat, request)


def named_metrics(metric, total):
    """The metric; that of dependencies and counters with the name of each."""
    names = {**dict.fromkeys(OF_DEPENDENCIES, total.dependencies), **dict.fromkeys(OF_COUNTS, ("db",))}
    names[COUNTER] = total.counters
    return [with_name(metric, name) for name in names[metric]] if metric in names else [metric]


# Of the iterations only these are kept.
NOT_STORED = {("iteration_duration", stat) for stat in ("min", "max", "p(90)", "p(99)")}


def test_a_stored_result_reads_like_the_tally_it_came_from(history):
    run = with_counts(with_dependencies(seeded_run(2, failed=0.05, rounds=3), postgres=1.0, redis=0.01))
    history.save_run(run)
    stored = {(result.scenario, result.request): result for result in history.results(run.record.id)}
    for scenario_run in run.scenarios:
        for request, metric, stat, measured in everything_measured(scenario_run):
            value = stored[scenario_run.scenario, request].read(metric, stat)
            if (metric, stat) in NOT_STORED or metric in TIMINGS:
                assert value is None
            else:
                assert value == pytest.approx(measured, rel=1e-4, abs=1e-4), (metric, stat)


def test_where_the_time_of_requests_went_comes_back_as_far_as_it_went_somewhere(history):
    run = with_phases(small_run(2))
    history.save_run(run)
    scenario = run.scenarios[0].scenario
    stored = {one.request: one for one in history.results(run.record.id) if one.scenario == scenario}
    total = run.scenarios[0].total
    kept = {request: set(result.timings) for request, result in stored.items()}
    assert kept[None] == {"http_req_blocked", "http_req_connecting", "sse_event_waiting"}
    assert kept["POST /pet"] == {"http_req_waiting", "http_req_receiving", "sse_event_waiting"}
    for request, metrics in kept.items():
        for metric in metrics:
            for stat in ("avg", "med", "p(95)", "p(99)", "max"):
                assert stored[request].read(metric, stat) == pytest.approx(read(total, metric, stat, request), abs=1e-4)
            assert stored[request].read(metric, "p(90)") is None
    assert stored[None].timings["http_req_connecting"].count == 40
    assert stored[None].read("sse_events", "count") == read(total, "sse_events", "count") == 10
    assert stored["POST /pet"].read("http_req_tls_handshaking", "avg") is None
    assert faults_of(history.path) == ()


def test_values_of_timings_are_what_whole_results_say(history):
    run = with_phases(small_run(2))
    history.save_run(run)
    wanted = [("http_req_receiving", "med"), ("http_req_connecting", "avg"), ("sse_events", "rate")]
    found = history.values([Statistic(*one) for one in wanted], Wanted("main", None, None, None, None))
    said = {(value.statistic.metric, value.scenario, value.request): value.value for value in found}
    assert said == {
        (metric, result.scenario, result.request): result.read(metric, stat)
        for metric, stat in wanted
        for result in history.results(run.record.id)
        if result.read(metric, stat) is not None
    }


def test_a_percentile_without_a_column_comes_from_the_histogram(history):
    run = seeded_run()
    history.save_run(run)
    whole, named = history.results(run.record.id)[:2]
    measured = read(run.scenarios[0].total, "http_req_duration", "p(75)", named.request)
    assert named.read("http_req_duration", "p(75)") == pytest.approx(measured, rel=0.0105)
    assert whole.read("http_req_duration", "p(75)") is None


def test_what_belongs_to_a_whole_scenario_is_not_read_from_a_request_name(history):
    run = small_run()
    history.save_run(run)
    named = history.results(run.record.id)[1]
    assert named.request == "POST /pet"
    for metric in METRICS.values():
        for stat in STATS[metric.kind] if metric.name not in (*OF_COUNTS, *TIMINGS) else ():
            assert (named.read(metric.name, stat) is None) is not metric.per_request


def test_every_other_field_of_a_scenario_comes_back(history):
    scenario_run = small_run(failed=0.1, rounds=3).scenarios[0]
    one, two, three = scenario_run.rounds
    one.tally.requests["POST /pet"].errors = Counter({"status 500": 2, "timeout": 1})
    one.tally.requests["POST /pet"].retries = 4
    one.tally.interrupted_iterations = 5
    one.tally.dropped_iterations = 6
    two = replace(
        two,
        warnings=("slow hub", "few stamps", "one CPU", "a late start"),
        generator=replace(two.generator, clock="process"),
    )
    rounds = (replace(one, warnings=("one CPU",)), two, invalid(three))
    scenario_run = replace(scenario_run, rounds=rounds)
    record = small_run().record
    thresholds = (
        held(scenario_run, "http_req_duration", "p(95)<500ms"),
        held(scenario_run, "http_req_failed", "rate<1%"),
        replace(held(scenario_run, "http_reqs", "count>1"), scenario="another"),
    )
    history.save(record, scenario_run, thresholds)

    whole, named = history.results(record.id)
    assert (whole.run, whole.scenario, whole.request) == (history.runs()[0], "create_pet", None)
    assert (whole.scenario_hash, whole.executor) == (scenario_run.scenario_hash, "constant-vus")
    assert (named.scenario_hash, named.executor, named.load) == (whole.scenario_hash, whole.executor, None)
    assert (named.retries, whole.retries) == (4, 4)
    assert named.errors == dict(scenario_run.total.requests["POST /pet"].errors)
    assert (whole.errors, whole.packed) == ({}, None)
    load = whole.load
    assert (load.engine, load.clock) == ("perfgate", "kernel+process")
    assert (load.rounds, load.invalid_rounds) == (3, 1)
    assert (load.vus, load.vus_max) == (20, 20)
    assert (load.interrupted_iterations, load.dropped_iterations) == (5, 6)
    assert (load.thresholds_passed, load.thresholds_total) == (1, 2)
    assert load.warnings == ("a late start", "few stamps", "one CPU", "slow hub")
    assert load.problems == ("the generator was the bottleneck",)


def test_texts_that_differ_in_numbers_alone_are_kept_once(history):
    scenario_run = small_run(rounds=3).scenarios[0]
    rounds = [replace(one, warnings=(f"pet {number} was not found",)) for number, one in enumerate(scenario_run.rounds)]
    record = small_run().record
    history.save(record, replace(scenario_run, rounds=tuple(rounds)))
    assert history.results(record.id)[0].load.warnings == ("pet 0 was not found",)


def test_what_could_not_be_had_is_none_and_not_zero(history):
    scenario_run = small_run(rounds=1, failed=1.0).scenarios[0]
    scenario_run.rounds[0].tally.service_cpu_seconds = None
    scenario_run.rounds[0].tally.service_memory_bytes = None
    record = small_run().record
    history.save(record, scenario_run)
    whole, named = history.results(record.id)
    assert whole.read("service_cpu", "value") is None
    assert whole.read("service_memory", "value") is None
    assert named.read("http_req_duration", "med") is None
    assert named.read("http_req_duration", "p(75)") is None
    assert named.read("http_req_failed", "rate") == 1.0
    assert (named.packed, named.histogram) == (None, None)


def test_what_dependencies_cost_comes_back(history):
    run = with_dependencies(small_run(), postgres=1.5, redis=0.01)
    history.save_run(run)
    for result in history.results(run.record.id):
        assert result.read("dependency_cpu{name:postgres}", "value") == (None if result.request else 1.5)
        assert result.read("dependency_memory{name:redis}", "value") == (None if result.request else 48_000_000)
        assert result.read("dependency_cpu{name:mysql}", "value") is None
        assert set(result.dependencies) == (set() if result.request else {"postgres", "redis"})


def test_a_dependency_that_was_seen_and_not_read_is_kept_without_numbers(history):
    run = small_run()
    for scenario_run in run.scenarios:
        for round_ in scenario_run.rounds:
            round_.tally.dependencies = {"redis": DependencyUse(0, 0.0, 0)}
    history.save_run(run)
    assert history.results(run.record.id)[0].dependencies == {"redis": StoredDependency(None, None)}


def test_a_dependency_of_an_invalid_round_goes_when_a_valid_round_comes(history):
    run = with_dependencies(small_run(), redis=1.0)
    scenario_run = run.scenarios[0]
    bad, good = invalid(scenario_run.rounds[0]), scenario_run.rounds[1]
    good.tally.dependencies = {"postgres": DependencyUse(10, 0.01, 5)}
    history.save(run.record, replace(scenario_run, rounds=(bad,)))
    history.save(run.record, replace(scenario_run, rounds=(bad, good)))
    assert set(history.results(run.record.id)[0].dependencies) == {"postgres"}


def test_a_scenario_that_measured_nothing_is_kept_as_such(history):
    run = small_run()
    history.save(run.record, replace(run.scenarios[0], rounds=()))
    (whole,) = history.results(run.record.id)
    assert (whole.requests, whole.load.rounds) == (0, 0)
    for metric, stat in (("http_reqs", "count"), ("http_req_failed", "rate"), ("checks", "rate")):
        assert whole.read(metric, stat) is None


def test_saving_after_every_round_ends_as_saving_once_does(tmp_path):
    run = small_run(failed=0.1, rounds=4)
    with open_history(tmp_path / "rounds.db", create=True) as history:
        for scenario_run in run.scenarios:
            for count in range(1, 5):
                history.save(run.record, first_rounds(scenario_run, count))
        history.finish(run.record.id)
        by_rounds = history.runs(), history.results(run.record.id)
    put(tmp_path / "once.db", run)
    with open_history(tmp_path / "once.db", create=False) as history:
        assert (history.runs(), history.results(run.record.id)) == by_rounds


def test_a_run_has_finished_once_that_was_said_and_stays_so(history):
    run = small_run()
    history.save(run.record, run.scenarios[0])
    assert not history.runs()[0].finished
    history.save(run.record, run.scenarios[1], finished=True)
    assert history.runs()[0].finished
    history.save(run.record, run.scenarios[0])
    assert history.runs()[0].finished


def test_finishing_a_run_says_so_of_no_other(history):
    one, other = small_run(1), small_run(2)
    for run in (one, other):
        history.save(run.record, run.scenarios[0])
    history.finish(one.record.id)
    assert [run.record.id for run in history.runs(finished=True)] == [one.record.id]
    assert [run.record.id for run in history.runs(finished=False)] == [other.record.id]


def test_saving_what_is_there_already_leaves_the_file_as_it_is(path):
    run = small_run(failed=0.1)
    put(path, run)
    before = path.read_bytes()
    put(path, run)
    with open_history(path, create=True) as history:
        history.save(run.record, run.scenarios[0])
        history.finish(run.record.id)
    assert path.read_bytes() == before


def test_a_round_that_was_lost_with_its_worker_says_nothing_about_the_clock(history):
    run = small_run(rounds=2)
    scenario_run = run.scenarios[0]
    one, two = scenario_run.rounds
    gone = replace(invalid(two), generator=lost_round("perfgate", 1, "it died").generator)
    history.save(run.record, replace(scenario_run, rounds=(one, gone)))
    load = history.results(run.record.id)[0].load
    assert (load.engine, load.clock, load.invalid_rounds) == ("perfgate", "kernel", 1)


def test_a_request_name_of_an_invalid_round_goes_when_a_valid_round_comes(history):
    run = small_run()
    (scenario_run,) = (scenario for scenario in run.scenarios if scenario.scenario == "order_pet")
    lost, good = scenario_run.rounds
    lost.tally.request("GET /lost").failed.record(1_000_000)
    history.save(run.record, replace(scenario_run, rounds=(invalid(lost),)))
    assert "GET /lost" in [result.request for result in history.results(run.record.id)]
    history.save(run.record, replace(scenario_run, rounds=(invalid(lost), good)))
    requests = [result.request for result in history.results(run.record.id)]
    assert requests == [None, "GET /store/order/{id}", "POST /store/order"]


def test_a_save_that_fails_leaves_nothing_of_it(history):
    run = small_run()
    history.save_run(run)
    newer = small_run(5)
    newer.scenarios[-1].rounds[0].tally.data_sent = 2**70
    with pytest.raises(HistoryError, match="a value is too large"):
        history.save_run(newer)
    assert [stored.record.id for stored in history.runs()] == [run.record.id]
    assert faults_of(history.path) == ()


def test_runs_come_newest_first_and_the_head_of_a_duet_before_its_base(history):
    for run in (*small_duet(2), small_run(1), small_run(3)):
        history.save_run(run)
    assert [(run.record.seed, run.record.side) for run in history.runs()] == [
        (3, ""),
        (2, "head"),
        (2, "base"),
        (1, ""),
    ]
    assert [run.record.seed for run in history.runs(limit=1)] == [3]
    assert history.runs(limit=0) == ()


def test_runs_before_a_moment_are_those_that_can_be_a_baseline(history):
    runs = [with_record(run, started_at=run.record.started_at + 0.0007) for run in map(small_run, range(4))]
    for run in (*runs, *small_duet(5), with_record(small_run(6), branch="fix")):
        history.save_run(run)
    history.save_run(small_run(7), finished=False)

    def before(moment, limit=10, **options):
        return [run.record.seed for run in history.runs_before(moment, "main", limit, **options)]

    assert before(small_run(9).record.started_at) == [5, 3, 2, 1, 0]
    assert before(runs[2].record.started_at) == [1, 0]  # not itself, although the file keeps milliseconds only
    assert before(runs[3].record.started_at, limit=2) == [2, 1]
    assert before(runs[3].record.started_at, except_commits={runs[1].record.commit}) == [2, 0]


def test_runs_without_a_valid_round_are_no_baseline(history):
    for number, spoiled in enumerate((0, 2, 1)):
        run = small_run(number)
        scenarios = tuple(
            replace(one, rounds=(*map(invalid, one.rounds[:spoiled]), *one.rounds[spoiled:])) for one in run.scenarios
        )
        history.save_run(replace(run, scenarios=scenarios))
    moment = small_run(9).record.started_at
    assert [run.record.seed for run in history.runs_before(moment, "main", 10)] == [2, 0]


def test_runs_that_measured_a_scenario_on_a_testbed_are_counted_by_themselves(history):
    for number in range(8):
        run = small_run(number)
        kept = [one for one in run.scenarios if (one.scenario == "order_pet") is (number in (1, 2, 5))]
        elsewhere = replace(run.record.testbed, id="elsewhere" if number == 2 else "here")
        scenarios = [replace(one, scenario_hash="changed") if number == 6 else one for one in kept]
        history.save_run(replace(with_record(run, testbed=elsewhere), scenarios=tuple(scenarios)))
    moment = small_run(9).record.started_at

    def measured_as(scenario, testbed="here"):
        (hash_,) = {one.scenario_hash for one in small_run().scenarios if one.scenario == scenario}
        return MeasuredAs(testbed, scenario, hash_)

    def before(*wanted, limit=10):
        found = history.runs_before(moment, "main", limit, measured_as=measured_as(*wanted))
        return [run.record.seed for run in found]

    def after(number, *wanted, limit=10):
        found = history.runs_after(small_run(number).record.started_at, "main", limit, measured_as(*wanted))
        return [run.record.seed for run in found]

    assert before("order_pet") == [5, 1]
    assert before("order_pet", "elsewhere") == [2]
    assert before("create_pet", limit=3) == [7, 4, 3]
    assert after(1, "order_pet") == [5]
    assert after(0, "create_pet", limit=2) == [4, 3]


def test_runs_are_listed_by_branch_and_testbed(history):
    other = small_run(1)
    other = with_record(other, branch="fix", testbed=replace(other.record.testbed, id="elsewhere"))
    history.save_run(small_run(0))
    history.save_run(other)
    assert [run.record.seed for run in history.runs(branch="fix")] == [1]
    assert [run.record.seed for run in history.runs(testbed_id="elsewhere")] == [1]
    assert history.runs(branch="fix", testbed_id="nowhere") == ()


def test_the_results_of_a_run_that_is_not_there_are_an_error(history):
    with pytest.raises(HistoryError, match="there is no run 0000") as caught:
        history.results("0000")
    assert "perfgate history list" in caught.value.hint


class TestBaseline:
    @pytest.fixture
    def runs(self, history):
        runs = [small_run(number) for number in range(6)]
        for run in runs:
            history.save_run(run)
        return runs

    def before(self, history, number=9, branch="main", limit=10, **options):
        moment = small_run(number).record.started_at
        return [run.record.seed for run in history.runs_before(moment, branch, limit, **options)]

    def values(self, history, testbed=None):
        return history.values([Statistic("http_reqs", "count")], Wanted("main", testbed, None, None, None))

    def test_the_newest_run_comes_first_with_the_results_of_each_scenario(self, history, runs):
        assert self.before(history) == [5, 4, 3, 2, 1, 0]
        results = [one for one in history.results(runs[5].record.id) if one.scenario == "order_pet"]
        assert [result.request for result in results[:3]] == [None, "GET /store/order/{id}", "POST /store/order"]

    def test_its_limit_counts_runs(self, history, runs):
        assert self.before(history, limit=2) == [5, 4]

    def test_it_can_be_before_a_run(self, history, runs):
        assert self.before(history, 2) == [1, 0]

    def test_it_can_be_without_some_commits(self, history, runs):
        others = {runs[number].record.commit for number in (0, 2, 3, 5)}
        assert self.before(history, except_commits=others) == [4, 1]
        assert self.before(history, except_commits={run.record.commit for run in runs}) == []

    def test_it_is_of_the_branch_and_the_testbed_that_are_asked_for_and_tells_the_scenario_hash(self, history, runs):
        testbed = runs[0].record.testbed.id
        scenario = runs[0].scenarios[0]
        of_scenario = [one for one in self.values(history, testbed) if one.scenario == scenario.scenario]
        assert {one.run for one in of_scenario} == {run.record.id for run in runs}
        assert {one.scenario_hash for one in of_scenario} == {scenario.scenario_hash}
        assert self.before(history, branch="another") == []
        assert self.values(history, "another") == ()

    def test_it_has_no_run_that_did_not_finish(self, history, runs):
        killed = small_run(7)
        history.save(killed.record, killed.scenarios[0])
        assert self.before(history, limit=1) == [5]

    def test_it_has_no_run_without_a_valid_round(self, history, runs):
        bad = small_run(7)
        scenario_run = bad.scenarios[0]
        rounds = tuple(invalid(round_) for round_ in scenario_run.rounds)
        history.save(bad.record, replace(scenario_run, rounds=rounds), finished=True)
        assert {one.run for one in self.values(history)} == {run.record.id for run in runs}
