"""Single statistics of many runs are what whole results say, too."""

from contextlib import suppress
from dataclasses import replace

import pytest

from perfgate.history.store import open_history
from perfgate.history.values import Statistic, Wanted
from perfgate.metrics.catalogue import METRICS, OF_DEPENDENCIES, STATS, with_name
from perfgate.testing import SEEDED_TESTBED
from tests.support.histories import invalid, put, small_duet, small_run, with_dependencies, with_record

ALL = Wanted("main", None, None, None, None)
MEDIAN = Statistic("http_req_duration", "med")


def known_statistics():
    for metric in METRICS.values():
        for stat in (*STATS[metric.kind], "p(99.9)"):
            with suppress(ValueError):
                yield Statistic(metric.name, stat)


def values_in(path, statistics, wanted=ALL):
    with open_history(path, create=False) as history:
        return history.values(statistics, wanted)


def numbers(path, **changes):
    wanted = Wanted(**{"branch": "main", "testbed": None, "since": None, "newest": None, "scenario": None} | changes)
    runs = {value.run for value in values_in(path, [MEDIAN], wanted)}
    with open_history(path, create=False) as history:
        return sorted(run.record.seed for run in history.runs() if run.record.id in runs)


def named(wanted, result):
    """The statistic; one of dependencies with the name of each."""
    if wanted.metric not in OF_DEPENDENCIES:
        return [wanted]
    return [Statistic(with_name(wanted.metric, name), wanted.stat) for name in result.dependencies]


def test_the_metric_of_one_dependency_is_that_of_no_other(tmp_path):
    path = tmp_path / "perfgate.db"
    put(path, with_dependencies(small_run(), postgres=1.0, db=0.02))
    found = values_in(path, [Statistic("dependency_cpu{name:db}", "value")])
    assert {(value.statistic.metric, value.value) for value in found} == {("dependency_cpu{name:db}", 0.02)}
    assert {value.request for value in found} == {None}


def test_every_statistic_is_what_the_whole_result_says(tmp_path):
    path = tmp_path / "perfgate.db"
    put(path, *(with_dependencies(small_run(number, failed=0.1), postgres=1.0, db=0.02) for number in range(3)))
    statistics = list(known_statistics())
    assert {one.metric for one in statistics} == set(METRICS)
    with open_history(path, create=False) as history:
        expected = {
            (run.record.id, result.scenario, result.request, one): value
            for run in history.runs()
            for result in history.results(run.record.id)
            for wanted in statistics
            for one in named(wanted, result)
            if (value := result.read(one.metric, one.stat)) is not None
            and (result.request or one.metric != "http_req_duration")
        }
    found = {
        (value.run, value.scenario, value.request, value.statistic): value.value
        for value in values_in(path, statistics)
    }
    assert found == pytest.approx(expected)
    assert len(found) > 100


def test_a_value_knows_its_run(tmp_path):
    path = tmp_path / "perfgate.db"
    run = with_record(small_run(), dirty=True)
    put(path, run)
    value = next(value for value in values_in(path, [MEDIAN]) if value.request == "POST /pet")
    record = run.record
    assert (value.run, value.started_at, value.commit) == (record.id, record.started_at, record.commit)
    assert (value.dirty, value.testbed, value.scenario) == (True, record.testbed.id, "create_pet")
    assert value.scenario_hash == run.scenarios[0].scenario_hash


def test_branch_testbed_and_newest_choose_the_runs(tmp_path):
    path = tmp_path / "perfgate.db"
    runs = [small_run(number) for number in range(4)]
    elsewhere = with_record(small_run(4), testbed=replace(SEEDED_TESTBED, id="other"))
    put(path, *runs, elsewhere, with_record(small_run(5), branch="feature"))
    assert numbers(path) == [0, 1, 2, 3, 4]
    assert numbers(path, branch="feature") == [5]
    assert numbers(path, testbed="other") == [4]
    assert numbers(path, newest=2) == [2, 3, 4]
    assert numbers(path, newest=1, since=runs[1].record.started_at) == [1, 2, 3, 4]


def test_heads_of_duets_and_what_did_not_finish_or_was_not_valid_is_left_out(tmp_path):
    path = tmp_path / "perfgate.db"
    base, head = small_duet(1)
    spoiled = small_run(3)
    first, second, *_ = spoiled.scenarios
    first = replace(first, rounds=tuple(map(invalid, first.rounds)))
    put(path, base, head, replace(spoiled, scenarios=(first, second)))
    put(path, small_run(2), finished=False)
    found = values_in(path, [MEDIAN])
    assert {value.run for value in found} == {base.record.id, spoiled.record.id}
    assert {value.scenario for value in found if value.run == spoiled.record.id} == {second.scenario}


@pytest.mark.parametrize(
    ("metric", "stat", "said"),
    [
        ("http_req_duration", "rate", "avg, min, med"),
        ("http_reqs", "med", "count, rate"),
        ("iteration_duration", "max", "avg, med"),
        ("latency", "med", "no metric"),
        ("http_req_duration", "p(101)", "between 0 and 100"),
    ],
)
def test_what_no_history_has_is_refused_with_what_there_is(metric, stat, said):
    with pytest.raises(ValueError, match=said):
        Statistic(metric, stat)


def test_the_testbeds_are_told_without_what_belongs_to_a_run(tmp_path):
    path = tmp_path / "perfgate.db"
    put(path, small_run())
    with open_history(path, create=False) as history:
        (testbed,) = history.testbeds()
    assert (testbed.id, testbed.kernel, testbed.image) == (small_run().record.testbed.id, "", "")
