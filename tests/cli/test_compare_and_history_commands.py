"""`perfgate compare` and `perfgate history`, over seeded runs: no load."""

import json
from contextlib import closing

import pytest

from perfgate.history.store import open_history
from perfgate.testing import seeded_run


@pytest.fixture
def keep(folder):
    """Put seeded runs into the local history: keep(number, change=0.0)."""

    def save(number, path=".perfgate/local.db", **options):
        run = seeded_run(number=number, seed=number, **options)
        with closing(open_history(folder / path, create=True)) as history:
            history.save_run(run)
        return run

    return save


def compare(perfgate, *arguments):
    done = perfgate("compare", *arguments, "--json", "-", "-q")
    return done, json.loads(done.out) if done.out else None


def test_a_run_like_those_before_it_passes(perfgate, keep):
    for number in range(8):
        keep(number)
    done, result = compare(perfgate)
    assert done.code == 0
    assert "fail" not in result["verdict"]
    assert result["base"]["id"] < result["head"]["id"]


def test_a_run_much_slower_than_those_before_it_fails(perfgate, keep):
    for number in range(8):
        keep(number)
    keep(8, change=1.5)
    done, result = compare(perfgate)
    assert (done.code, result["verdict"]) == (1, "fail")


def test_too_few_runs_say_how_many_are_missing(perfgate, keep):
    keep(0)
    keep(1)
    done, result = compare(perfgate)
    assert (done.code, result["verdict"]) == (0, "inconclusive")
    assert "more run" in done.out


def test_runs_of_two_histories_are_compared_as_one(perfgate, keep):
    for number in range(8):
        keep(number, "history/perfgate.db")
    keep(8, change=1.5)
    assert compare(perfgate)[0].code == 1


def test_a_candidate_can_lie_in_another_file(perfgate, keep):
    for number in range(8):
        keep(number)
    keep(9, "other.db", change=1.5)
    assert compare(perfgate, "main", "other.db:latest")[0].code == 1


def test_a_wider_margin_accepts_it(perfgate, keep):
    for number in range(8):
        keep(number)
    keep(8, change=1.5)
    assert compare(perfgate, "--margin", "900%")[0].code == 0


def test_unknown_runs_say_how_to_see_those_that_are_there(perfgate, keep):
    keep(0)
    done, _ = compare(perfgate, "main", "no-such-run")
    assert done.code == 2
    assert "perfgate history list" in done.err


def test_without_any_history_it_says_how_to_get_one(perfgate):
    done, _ = compare(perfgate)
    assert done.code == 2
    assert "perfgate run" in done.err


def test_the_list_is_newest_first_and_says_what_it_leaves_out(perfgate, keep):
    runs = [keep(number) for number in range(3)]
    done = perfgate("history", "list", "--limit", "2")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[2].startswith(runs[2].record.id)
    assert runs[0].record.id not in done.out
    assert "1 older runs are left out" in done.out


def test_a_run_is_shown_whole(perfgate, keep):
    run = keep(0)
    done = perfgate("history", "show", run.record.id[:13])
    assert done.code == 0
    for text in (run.record.id, run.record.commit[:12], run.record.testbed.cpu_model, "POST /pet", "p(95)"):
        assert text in done.out
