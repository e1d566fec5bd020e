"""Old runs taken out of a history."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from perfgate.errors import HistoryError
from perfgate.history.checking import faults_of
from perfgate.history.pruning import Plan, prune, rehearse
from perfgate.history.size import GITHUB_REFUSES_BYTES, GITHUB_WARNS_BYTES, LARGE_BYTES, size_warning
from perfgate.history.store import open_history
from tests.support.histories import invalid, put, small_duet, small_run, with_dependencies, with_record

NOTHING = Plan(newest=None, since=None, thin=None, thin_before=None, histograms_since=None)
HOURS = 24
BRIEF = {"scenarios": {"browse": {"GET /": 5.0}}, "requests_per_round": 10}


@pytest.fixture
def path(tmp_path):
    """Three days of a run an hour, from 2026-01-01 on."""
    path = tmp_path / "perfgate.db"
    put(path, *(brief_run(number) for number in range(3 * HOURS)))
    return path


def brief_run(number):
    return small_run(number, **BRIEF)


def numbers_in(path):
    with open_history(path, create=False) as history:
        assert faults_of(history.path) == ()
        return sorted(run.record.seed for run in history.runs())


def test_the_newest_runs_are_kept(path):
    pruned = prune(path, replace(NOTHING, newest=10))
    assert (pruned.runs_before, pruned.runs_after) == (72, 10)
    assert numbers_in(path) == list(range(62, 72))


def test_more_than_there_are_keeps_all_and_leaves_the_file_as_it_is(path):
    before = path.read_bytes()
    pruned = prune(path, replace(NOTHING, newest=100, since="2025-01-01", histograms_since="2025-01-01"))
    assert (pruned.runs_after, pruned.histograms) == (72, 0)
    assert path.read_bytes() == before


def test_both_sides_of_a_duet_stay_or_go_together(tmp_path):
    path = tmp_path / "perfgate.db"
    put(path, *small_duet(0), *small_duet(1), small_run(2))
    prune(path, replace(NOTHING, newest=2))
    assert numbers_in(path) == [1, 1, 2]


def test_runs_since_a_date_are_kept(path):
    prune(path, replace(NOTHING, since="2026-01-03T00:00:00.000Z"))
    assert numbers_in(path) == list(range(2 * HOURS, 3 * HOURS))


def test_old_runs_are_thinned_to_the_last_of_each_day(path):
    prune(path, replace(NOTHING, thin="day", thin_before="2026-01-03T00:00:00.000Z"))
    assert numbers_in(path) == [23, 47, *range(48, 72)]


def test_all_runs_are_thinned_where_no_age_is_given_and_a_week_ends_on_sunday(tmp_path):
    path = tmp_path / "perfgate.db"
    put(path, *(brief_run(day * HOURS) for day in range(14)))  # 2026-01-01 is a Thursday
    prune(path, replace(NOTHING, thin="week"))
    assert [number // HOURS for number in numbers_in(path)] == [3, 10, 13]


def test_thinning_keeps_a_run_of_each_branch_and_testbed_and_prefers_those_that_finished(tmp_path):
    path = tmp_path / "perfgate.db"
    other = brief_run(1)
    put(path, brief_run(0), with_record(other, branch="fix"))
    put(path, with_record(brief_run(2), testbed=replace(other.record.testbed, id="elsewhere")))
    put(path, brief_run(3), finished=False)
    prune(path, replace(NOTHING, thin="day"))
    assert numbers_in(path) == [0, 1, 2]


def test_thinning_keeps_a_run_of_each_scenario(tmp_path):
    path = tmp_path / "perfgate.db"
    names = ("browse", "order", "browse", "order")
    put(
        path, *(small_run(number, **BRIEF | {"scenarios": {name: {"GET /": 5.0}}}) for number, name in enumerate(names))
    )
    prune(path, replace(NOTHING, thin="day"))
    assert numbers_in(path) == [2, 3]


def test_thinning_prefers_a_run_with_a_valid_round(tmp_path):
    path = tmp_path / "perfgate.db"
    (spoiled,) = brief_run(2).scenarios
    spoiled = replace(spoiled, rounds=tuple(map(invalid, spoiled.rounds)))
    put(path, brief_run(0), brief_run(1), replace(brief_run(2), scenarios=(spoiled,)))
    put(path, brief_run(3), finished=False)
    prune(path, replace(NOTHING, thin="day"))
    assert numbers_in(path) == [1]


def test_old_histograms_go_and_the_percentiles_stay(path):
    pruned = prune(path, replace(NOTHING, histograms_since="2026-01-02T00:00:00.000Z"))
    assert (pruned.runs_after, pruned.histograms) == (72, 24)
    with open_history(path, create=False) as history:
        old, new = (history.results(brief_run(number).record.id)[1] for number in (0, 70))
    assert old.histogram is None
    assert new.histogram is not None
    assert old.read("http_req_duration", "p(95)") is not None


@pytest.mark.parametrize(
    "plan",
    [
        replace(NOTHING, newest=10),
        replace(NOTHING, since="2026-01-02T12:00:00Z"),
        replace(NOTHING, thin="week"),
        replace(NOTHING, thin="day", thin_before="2026-01-03T00:00:00Z"),
    ],
)
def test_what_is_always_kept_stays_and_nothing_else_does(path, plan):
    both = path.with_name("both.db")
    both.write_bytes(path.read_bytes())
    prune(both, plan)
    prune(path, replace(plan, always=frozenset({brief_run(7).record.id})))
    assert 7 not in numbers_in(both)
    assert numbers_in(path) == sorted([7, *numbers_in(both)])


def test_testbeds_without_runs_go_with_them(tmp_path):
    path = tmp_path / "perfgate.db"
    old = brief_run(0)
    put(path, with_record(old, testbed=replace(old.record.testbed, id="gone")), brief_run(1))
    prune(path, replace(NOTHING, newest=1))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id FROM testbeds").fetchall() == [(brief_run(1).record.testbed.id,)]


def test_what_dependencies_cost_goes_with_the_runs(tmp_path):
    path = tmp_path / "perfgate.db"
    put(path, *(with_dependencies(small_run(number), postgres=1.0) for number in range(2)))
    prune(path, Plan(1, None, None, None, None))
    with open_history(path, create=False) as history:
        kept = {run.record.id for run in history.runs()}
    with closing(sqlite3.connect(path)) as connection:
        assert {run for (run,) in connection.execute("SELECT run_id FROM dependencies")} == kept


def test_much_that_is_freed_makes_the_file_smaller_and_the_report_says_by_how_much(path):
    before = path.stat().st_size
    pruned = prune(path, replace(NOTHING, newest=10))
    assert (pruned.bytes_before, pruned.bytes_after, pruned.reusable) == (before, path.stat().st_size, 0)
    assert path.stat().st_size <= before / 2


def test_a_little_that_is_freed_is_left_for_the_next_runs(path):
    before = path.stat().st_size
    pruned = prune(path, replace(NOTHING, newest=58))
    assert path.stat().st_size == before
    assert 0 < pruned.reusable < before / 4
    put(path, brief_run(80))
    assert path.stat().st_size == before


def test_a_rehearsal_says_the_same_and_leaves_the_file_as_it_is(path):
    before = path.read_bytes()
    plan = replace(NOTHING, newest=10)
    rehearsed = rehearse(path, plan)
    assert path.read_bytes() == before
    assert prune(path, plan) == rehearsed


def test_what_is_not_there_is_not_made_by_pruning(tmp_path):
    with pytest.raises(HistoryError, match="there is no history"):
        prune(tmp_path / "nothing.db", replace(NOTHING, newest=1))
    assert list(tmp_path.iterdir()) == []


def test_a_large_history_is_warned_of_long_before_github_refuses_it():
    assert size_warning(LARGE_BYTES - 1) == ""
    assert 2 * LARGE_BYTES <= GITHUB_WARNS_BYTES
    assert "warns above 50 MiB and refuses above 100" in size_warning(LARGE_BYTES)
    assert "refuses files above 100 MiB" in size_warning(GITHUB_REFUSES_BYTES)
    assert "perfgate history prune" in size_warning(LARGE_BYTES)
