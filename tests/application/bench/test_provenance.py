"""application/provenance: the commits of a checkout, of a pull request as GitHub merges it, and of each side."""

import os
from pathlib import Path

import pytest

from perfgate.application.bench.provenance import commits_after_fork, read_provenance
from perfgate.application.context import Context
from perfgate.service.target import Commit, CommitTarget, parse_target
from tests.support.pull_request import git


@pytest.mark.parametrize("depth", [["--depth=1"], ["--depth=2"], []])
def test_of_a_merge_commit_people_know_the_head_and_the_base(pull, here, depth):
    provenance = read_provenance(Context(here(*depth), pull.environment, print))
    assert (provenance.here.commit, provenance.here.branch) == (pull.head, "slow-path")
    assert (provenance.base.commit, provenance.base.branch) == (pull.base, "main")
    assert provenance.merge == pull.merge


def test_where_the_head_itself_is_checked_out_it_is_no_merge(pull, here):
    provenance = read_provenance(Context(here(commit=pull.head), pull.environment, print))
    assert (provenance.here.commit, provenance.base, provenance.merge) == (pull.head, None, "")


def test_a_merge_commit_of_the_branch_itself_is_not_taken_for_that_of_the_pull_request(pull, here):
    folder = here(commit=pull.merge)
    provenance = read_provenance(Context(folder, {**pull.environment, "GITHUB_SHA": pull.head}, print))
    assert (provenance.here.commit, provenance.base) == (pull.merge, None)


def test_outside_of_a_pull_request_a_merge_commit_is_itself(pull, here):
    provenance = read_provenance(Context(here(), {"GITHUB_SHA": pull.merge, "GITHUB_REF_NAME": "main"}, print))
    assert (provenance.here.commit, provenance.base) == (pull.merge, None)


@pytest.mark.parametrize("target", ["petstore", "http://localhost:8080"])
def test_each_side_of_a_duet_has_its_own_commit(pull, here, target):
    provenance = read_provenance(Context(here("--depth=2"), pull.environment, print))
    assert provenance.of("base", parse_target(target)).commit == pull.base
    assert provenance.of("head", parse_target(target)).commit == pull.head
    assert provenance.of("", parse_target(target)).commit == pull.head


def test_a_target_that_is_a_commit_is_what_people_know_it_by(pull, here):
    provenance = read_provenance(Context(here(), pull.environment, print))

    def of(side, sha):
        return provenance.of(side, CommitTarget("ref:x", Commit(sha, "", unsaved=False, tree="")))

    assert (of("head", pull.merge).commit, of("head", pull.merge).branch) == (pull.head, "slow-path")
    assert (of("base", pull.base).commit, of("base", pull.base).branch) == (pull.base, "main")
    assert (of("base", pull.fork_point).commit, of("base", pull.fork_point).branch) == (pull.fork_point, "")


def test_the_checkout_is_known_by_its_commit_and_as_changed_where_it_is(pull, here):
    provenance = read_provenance(Context(here(), pull.environment, print))
    for tree in ("", pull.fork_point):
        side = provenance.of("head", CommitTarget("worktree", Commit(pull.merge, "", unsaved=False, tree=tree)))
        assert (side.commit, side.branch, side.dirty) == (pull.head, "slow-path", bool(tree))


def test_what_was_merged_stands_on_the_whole_base_branch(pull, here):
    folder = here()
    git(folder, "fetch", "--quiet", "origin", "+main:refs/remotes/origin/main")
    assert commits_after_fork(Context(folder, os.environ, print), pull.head, "main") == frozenset()
    assert commits_after_fork(Context(folder, os.environ, print), pull.fork_point, "main") == {pull.base}


def test_what_perfgate_keeps_of_its_own_runs_is_no_change(tmp_path):
    for file in ("history/perfgate.db", "service.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("before")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "One")
    (tmp_path / "history/perfgate.db").write_text("after")
    context, history = Context(tmp_path, os.environ, print), Path("history/perfgate.db")
    assert read_provenance(context).here.dirty
    assert not read_provenance(context, history).here.dirty
    (tmp_path / "service.py").write_text("after")
    for kept in (history, Path("/elsewhere.db"), Path("../elsewhere.db")):
        assert read_provenance(context, kept).here.dirty
