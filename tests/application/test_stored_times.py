"""Response times of stored runs: of those alone that the rows are compared with."""

from dataclasses import replace

import pytest

from perfgate.application.pages.stored_times import times_of_baseline, times_of_head
from perfgate.application.stored_runs import StoredRuns
from perfgate.testing import SEEDED_TESTBED
from tests.support.histories import put, small_run, with_record

ELSEWHERE = replace(SEEDED_TESTBED, id="elsewhere")
NEWEST = 20


def rewritten(run):
    """The run, with its scenarios written anew."""
    return replace(run, scenarios=tuple(replace(one, scenario_hash="rewritten") for one in run.scenarios))


@pytest.fixture
def stored(tmp_path):
    """Keep runs and read them back, the newest first: stored(*runs)."""

    def read(*runs):
        put(tmp_path / "history.db", *runs)
        with StoredRuns([tmp_path / "history.db"], tmp_path) as found:
            return tuple(reversed(list(found.everything(None, None, None))))

    return read


def requests_in(runs):
    """How many requests of each scenario succeeded, by request name."""
    found = {}
    for run in runs:
        for scenario in run.scenarios:
            for name, counted in scenario.total.requests.items():
                key = scenario.scenario, name
                found[key] = found.get(key, 0) + counted.ok.count
    return found


def counts(times):
    return {(one.scenario, name): histogram.count for one in times for name, histogram in one.by_request.items()}


def test_the_runs_of_the_baseline_are_taken_together(stored):
    runs = [small_run(number) for number in range(3)]
    times = times_of_baseline(small_run(3), stored(*runs), NEWEST)
    assert {(one.side, one.runs) for one in times} == {("base", 3)}
    assert counts(times) == requests_in(runs)


def test_the_newest_of_them_count(stored):
    runs = [small_run(number, requests_per_round=40 + number) for number in range(3)]
    assert counts(times_of_baseline(small_run(3), stored(*runs), 2)) == requests_in(runs[1:])


def test_runs_on_another_testbed_or_of_another_scenario_are_left_out(stored):
    here, there, changed = (small_run(number) for number in range(3))
    runs = stored(here, with_record(there, testbed=ELSEWHERE), rewritten(changed))
    assert counts(times_of_baseline(small_run(3), runs, NEWEST)) == requests_in([here])


def test_where_all_were_measured_elsewhere_they_are_shown_as_in_the_rows(stored):
    there = with_record(small_run(0), testbed=ELSEWHERE)
    assert counts(times_of_baseline(small_run(1), stored(there), NEWEST)) == requests_in([there])


def test_a_scenario_that_is_new_has_no_times_of_base(stored):
    assert times_of_baseline(rewritten(small_run(1)), stored(small_run(0)), NEWEST) == ()


def test_a_stored_head_has_its_own(stored):
    run = small_run(0)
    times = times_of_head(stored(run)[0])
    assert {one.side for one in times} == {"head"}
    assert counts(times) == requests_in([run])
