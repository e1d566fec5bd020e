"""What a clone does with histories after `perfgate history setup-git`: git itself calls perfgate here."""

import shlex
import subprocess

import pytest

from perfgate.history.checking import faults_of
from perfgate.history.git.driver import set_up
from perfgate.history.git.textconv import lines_of
from perfgate.history.pruning import Plan, prune
from perfgate.history.store import open_history
from tests.support.histories import put, small_run
from tests.support.paths import QUOTED_PYTHON, ROOT
from tests.support.remotes import PATH, Remote

BRIEF = {"scenarios": {"browse": {"GET /": 5.0}}, "requests_per_round": 10}


@pytest.fixture
def remote(tmp_path):
    return Remote(tmp_path)


@pytest.fixture
def clone(remote, tmp_path):
    """A clone that is set up, with one run on main."""
    command = tmp_path / "bin" / "per fgate"
    command.parent.mkdir()
    where = f"PYTHONPATH={shlex.quote(str(ROOT))}"
    command.write_text(f'#!/bin/sh\n{where} exec {QUOTED_PYTHON} -m perfgate "$@"\n')
    command.chmod(0o755)
    folder = remote.clone("work", as_somebody=True)
    assert len(set_up(remote.checkout(folder), folder / PATH, f"'{command}'")) == 5
    put(folder / PATH, brief_run(0))
    commit(remote, folder, "Add the history")
    return folder


def brief_run(number):
    return small_run(number, **BRIEF)


def commit(remote, folder, message):
    remote.git(folder, "add", ".gitattributes", PATH)
    remote.git(folder, "commit", "--quiet", "--message", message)


def numbers_in(folder):
    with open_history(folder / PATH, create=False) as history:
        assert faults_of(history.path) == ()
        return sorted(run.record.seed for run in history.runs())


def branch_off(remote, clone, *numbers):
    """Runs on another branch and on main, neither of which the other has."""
    remote.git(clone, "checkout", "--quiet", "-b", "other")
    put(clone / PATH, brief_run(numbers[0]))
    commit(remote, clone, "Measure on the other branch")
    remote.git(clone, "checkout", "--quiet", "main")
    put(clone / PATH, brief_run(numbers[1]))
    commit(remote, clone, "Measure on main")


def test_branches_that_both_added_runs_merge_without_a_conflict(remote, clone):
    branch_off(remote, clone, 1, 2)
    remote.git(clone, "merge", "--quiet", "other")
    assert numbers_in(clone) == [0, 1, 2]
    assert remote.git(clone, "status", "--porcelain") == ""


def test_a_rebase_keeps_the_runs_of_both_sides(remote, clone):
    branch_off(remote, clone, 1, 2)
    remote.git(clone, "rebase", "--quiet", "other")
    assert numbers_in(clone) == [0, 1, 2]


def test_a_run_that_was_pruned_on_one_branch_stays_away(remote, clone):
    branch_off(remote, clone, 1, 2)
    prune(clone / PATH, Plan(1, None, None, None, None))
    commit(remote, clone, "Prune")
    remote.git(clone, "merge", "--quiet", "other")
    assert numbers_in(clone) == [1, 2]


def test_histories_that_began_apart_merge_too(remote, clone):
    remote.git(clone, "checkout", "--quiet", "-b", "other", "origin/main")
    (clone / PATH).parent.mkdir(exist_ok=True)
    remote.git(clone, "checkout", "main", "--", ".gitattributes")
    put(clone / PATH, brief_run(5))
    commit(remote, clone, "Begin another history")
    remote.git(clone, "merge", "--quiet", "main")
    assert numbers_in(clone) == [0, 5]


def test_a_diff_shows_the_results_that_a_commit_added(remote, clone):
    put(clone / PATH, brief_run(1))
    lines = remote.git(clone, "diff").splitlines()
    added = [line for line in lines if line.startswith("+") and not line.startswith("+++")]
    assert [line for line in lines if line.startswith("-") and not line.startswith("---")] == []
    assert len(added) == 1
    for text in (brief_run(1).record.id, "browse GET /", "20 requests"):
        assert text in added[0]


def test_a_diff_of_what_is_no_history_says_why_and_goes_on(remote, clone):
    (clone / PATH).write_text("not a database")
    assert "+not an SQLite database" in remote.git(clone, "diff").replace("is not", "not")


def test_setting_up_twice_changes_nothing(remote, clone):
    before = (clone / ".gitattributes").read_text(), (clone / ".git/config").read_text()
    driver = remote.git(clone, "config", "merge.perfgate.driver").split(" history ")[0]
    assert set_up(remote.checkout(clone), clone / PATH, driver) == ()
    assert ((clone / ".gitattributes").read_text(), (clone / ".git/config").read_text()) == before


@pytest.mark.parametrize("name", ["perfgate.db", "a b/per[f]gate.db", 'quo"te/x.db', "back\\slash/*.db"])
def test_any_file_name_is_meant_literally(remote, tmp_path, name):
    folder = remote.clone("work")
    (folder / ".gitattributes").write_text("*.txt text")  # without a line break at its end
    set_up(remote.checkout(folder), folder / name, "perfgate")
    said = remote.git(folder, "check-attr", "-z", "merge", "--", name, f"sub/{name}", "x.txt")
    assert said.split("\0")[2::3] == ["perfgate", "unspecified", "unspecified"]
    assert remote.git(folder, "check-attr", "text", "--", "x.txt").endswith("text: set\n")


def test_git_without_the_driver_conflicts_and_loses_nothing(remote, clone):
    branch_off(remote, clone, 1, 2)
    remote.git(clone, "config", "--remove-section", "merge.perfgate")
    with pytest.raises(subprocess.CalledProcessError):
        remote.git(clone, "merge", "--quiet", "other")
    assert numbers_in(clone) == [0, 2]


def test_the_text_has_a_line_for_each_result_the_oldest_run_first(tmp_path):
    path = tmp_path / "perfgate.db"
    put(path, brief_run(1), brief_run(0))
    lines = list(lines_of(path))
    assert [line.split()[0] for line in lines] == [brief_run(number).record.id for number in (0, 1)]


def test_a_history_is_taken_out_of_lfs(remote):
    folder = remote.clone("work", as_somebody=True)
    (folder / ".gitattributes").write_text("*.db filter=lfs diff=lfs merge=lfs -text\n")
    set_up(remote.checkout(folder), folder / PATH, "perfgate")
    found = remote.git(folder, "check-attr", "filter", "diff", "merge", "--", PATH)
    assert [line.rpartition(": ")[2] for line in found.splitlines()] == ["unset", "perfgate", "perfgate"]
