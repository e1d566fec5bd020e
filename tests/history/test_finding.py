"""Runs found by their ids, names and sides."""

import pytest

from perfgate.errors import HistoryError
from perfgate.history.store import open_history
from tests.support.histories import small_duet, small_run, with_record


@pytest.fixture
def history(tmp_path):
    with open_history(tmp_path / "perfgate.db", create=True) as opened:
        yield opened


@pytest.fixture
def runs(history):
    runs = [small_run(number) for number in range(3)]
    runs.append(with_record(small_run(3), branch="feature/faster", commit="c0ffee" + "0" * 34))
    runs.append(with_record(small_run(4), branch="feature/faster", commit="c0ffee" + "1" * 34))
    for run in runs:
        history.save_run(run)
    return runs


def test_latest_is_the_newest_run(history, runs):
    assert history.find("latest").record == runs[4].record


def test_latest_is_the_newest_run_that_finished_while_there_is_one(history):
    killed, whole = small_run(2), small_run(1)
    history.save(killed.record, killed.scenarios[0])
    assert history.find("latest").record == killed.record
    history.save_run(whole)
    assert history.find("latest").record == whole.record


def test_a_run_is_found_by_its_id_and_by_a_start_that_no_other_has(history, runs):
    run_id = runs[1].record.id
    assert history.find(run_id).record == runs[1].record
    assert history.find(run_id[:14].upper()).record == runs[1].record


def test_a_run_is_found_by_its_commit_and_by_a_start_of_it(history, runs):
    commit = runs[0].record.commit
    assert history.find(commit).record == runs[0].record
    assert history.find(commit[:7]).record == runs[0].record


def test_the_newest_run_of_a_branch_is_found_by_its_name(history, runs):
    assert history.find("feature/faster").record == runs[4].record
    assert history.find("main").record == runs[2].record


def test_of_several_runs_of_one_commit_the_newest_that_finished_is_meant(history, runs):
    commit = runs[0].record.commit
    again, killed = (with_record(small_run(number), commit=commit) for number in (7, 8))
    history.save_run(again)
    history.save(killed.record, killed.scenarios[0])
    for reference in (commit, commit[:10]):
        assert history.find(reference).record == again.record


def test_the_head_of_a_duet_is_meant_where_both_sides_have_one_commit(history):
    for run in small_duet():
        history.save_run(with_record(run, commit="ab" * 20))
    assert history.find("abab").record.side == "head"


def test_a_start_that_fits_several_lists_them_all(history, runs):
    with pytest.raises(HistoryError) as caught:
        history.find("c0ffee")
    assert caught.value.message.splitlines() == [
        "'c0ffee' is the start of 2 runs and commits:",
        f"  commit {runs[3].record.commit}  feature/faster create_pet create_user login_user order_pet",
        f"  commit {runs[4].record.commit}  feature/faster create_pet create_user login_user order_pet",
    ]
    assert "Write more" in caught.value.hint


def test_a_start_that_fits_very_many_lists_the_first_ten(history):
    for number in range(12):
        history.save_run(small_run(number))
    with pytest.raises(HistoryError) as caught:
        history.find("019b")
    assert len(caught.value.message.splitlines()) == 12
    assert caught.value.message.endswith("\n  and 2 more")


@pytest.mark.parametrize("reference", ["nowhere", "", "0000000", "%", "c0f", "main' OR 1=1 --", "019b76da_a800"])
def test_what_fits_nothing_is_an_error_that_names_the_list(history, runs, reference):
    with pytest.raises(HistoryError, match="no run, commit or branch") as caught:
        history.find(reference)
    assert "perfgate history list" in caught.value.hint


def test_nothing_is_found_where_the_commit_is_unknown(history):
    run = with_record(small_run(), commit="", branch="")
    history.save_run(run)
    with pytest.raises(HistoryError, match="no run, commit or branch ''"):
        history.find("")


def test_the_latest_of_a_history_without_runs_is_an_error(history):
    with pytest.raises(HistoryError, match="no run in the history yet") as caught:
        history.find("latest")
    assert "perfgate run" in caught.value.hint
