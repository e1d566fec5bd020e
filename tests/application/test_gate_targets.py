"""application/gate_targets: base and head of a gate where nobody names them."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from perfgate.application.context import Context
from perfgate.application.gate_targets import GateTargets, base_commit, gate_targets
from perfgate.config.values import Config
from perfgate.github.event import event_of
from perfgate.service.settings import ServiceSettings
from tests.support.pull_request import Pull, commit, git

# The checkout and the job that `here` stands in.
HERE = Context(Path(), os.environ, print)
STARTS = Config(service=ServiceSettings(command=("serve",)))


def targets_and_words(event):
    said = []
    return gate_targets(Context(Path(), os.environ, said.append), STARTS, None, None, event), said


@pytest.mark.parametrize("depth", [["--depth=1"], ["--depth=2"], []])
def test_the_base_of_a_pull_request_is_the_commit_that_it_is_merged_into(pull, here, depth):
    folder = here(*depth)
    assert targets_and_words(pull.event) == (GateTargets(f"ref:{pull.base}", "ref:HEAD"), [])
    assert git(folder, "cat-file", "-t", pull.base) == "commit", "it was fetched where the clone lacked it"


@pytest.mark.parametrize("whole", [True, False])
def test_of_a_head_that_is_not_merged_the_base_is_where_it_left_its_branch(pull, here, whole):
    """Main has gone on since, and whether it got faster there is no matter of the pull request."""
    folder = here(commit=pull.head)
    if whole:
        git(folder, "fetch", "--quiet", "origin", "+main:refs/remotes/origin/main")
    assert targets_and_words(pull.event) == (GateTargets(f"ref:{pull.fork_point}", "ref:HEAD"), [])
    assert base_commit(HERE, pull.event) == pull.fork_point
    assert git(folder, "rev-parse", "--is-shallow-repository") == "false"


def test_a_clone_too_shallow_to_tell_where_that_was_is_compared_with_the_newest_commit_and_says_so(pull, here):
    folder = here("--depth=1", commit=pull.head)
    targets, words = targets_and_words(pull.event)
    assert targets == GateTargets(f"ref:{pull.base}", "ref:HEAD")
    (said,) = words
    assert "where the pull request left main, so base is the newest commit there" in said
    assert "`fetch-depth: 0`" in said
    assert git(folder, "cat-file", "-t", pull.base) == "commit", "it was fetched"


def test_nothing_is_said_of_a_newest_commit_that_cannot_be_had_either(pull, here):
    git(here("--depth=1", commit=pull.head), "remote", "remove", "origin")
    assert targets_and_words(pull.event) == (GateTargets(f"ref:{pull.base}", "ref:HEAD"), [])


def test_a_merge_queue_names_its_base(pull, here):
    here()
    group = {"merge_group": {"base_sha": pull.base, "base_ref": "refs/heads/main", "head_sha": pull.merge}}
    event = event_of(group, {**pull.environment, "GITHUB_EVENT_NAME": "merge_group"})
    assert gate_targets(HERE, STARTS, None, None, event) == GateTargets(f"ref:{pull.base}", "ref:HEAD")


@pytest.mark.parametrize("name", ["push", "schedule", "workflow_dispatch", "workflow_run"])
def test_on_a_branch_head_is_compared_with_the_history(pull, here, name):
    here()
    event = event_of({"before": pull.fork_point}, {**pull.environment, "GITHUB_EVENT_NAME": name})
    assert gate_targets(HERE, STARTS, None, None, event) == GateTargets(None, "ref:HEAD")


def test_what_was_named_comes_first(pull, here):
    here()
    configured = Config(service=STARTS.service, base="http://localhost:1", head="http://localhost:2")
    assert gate_targets(HERE, configured, None, None, pull.event) == GateTargets(
        "http://localhost:1", "http://localhost:2"
    )
    assert gate_targets(HERE, configured, "petstore", "petstore?slow=10%", pull.event) == GateTargets(
        "petstore", "petstore?slow=10%"
    )


def test_the_checkout_is_compared_with_what_it_is_merged_into(pull, here):
    here()
    targets = gate_targets(HERE, STARTS, None, "worktree", pull.event)
    assert targets == GateTargets(f"ref:{pull.base}", "worktree")


def test_without_a_service_to_start_there_is_no_base(pull, here):
    here()
    assert gate_targets(HERE, Config(), None, None, pull.event) == GateTargets(None, "petstore")


def as_if(monkeypatch, pull, folder, *depth):
    """Stand in the merge of another pull request."""
    monkeypatch.chdir(pull.checkout(folder, *depth))
    for name, value in pull.environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("service", "slow", "lacking"),
    [
        (ServiceSettings(build=Path("billing")), {"billing/Dockerfile": "FROM scratch"}, "billing/Dockerfile"),
        (ServiceSettings(build=Path()), {"Dockerfile": "FROM scratch"}, "Dockerfile"),
        (ServiceSettings(build=Path("shop/new.Dockerfile")), {"shop/new.Dockerfile": ""}, "shop/new.Dockerfile"),
        (ServiceSettings(compose=Path("ops/compose.yml")), {"ops/compose.yml": "services: {}"}, "ops/compose.yml"),
    ],
)
def test_what_base_has_no_file_for_yet_is_measured_alone_and_that_is_said(
    tmp_path, monkeypatch, service, slow, lacking
):
    pull = Pull(tmp_path, {"shop/Dockerfile": "FROM scratch"}, slow)
    as_if(monkeypatch, pull, tmp_path / "here", "--depth=2")
    said = []
    targets = gate_targets(Context(Path(), os.environ, said.append), Config(service=service), None, None, pull.event)
    assert targets == GateTargets(None, "ref:HEAD", f"nothing was measured beside head: base has no {lacking} yet")
    assert said == [f"Base, commit {pull.base[:7]}, has no {lacking} yet: head alone is measured."]


@pytest.mark.parametrize("build", ["shop", "shop/Dockerfile", "nowhere"])
def test_a_file_that_base_has_or_that_nobody_has_changes_no_base(tmp_path, monkeypatch, build):
    pull = Pull(tmp_path, {"shop/Dockerfile": "FROM scratch"}, {"shop/Dockerfile": "FROM scratch AS other"})
    as_if(monkeypatch, pull, tmp_path / "here", "--depth=2")
    targets = gate_targets(HERE, Config(service=ServiceSettings(build=Path(build))), None, None, pull.event)
    assert targets == GateTargets(f"ref:{pull.base}", "ref:HEAD")


def test_a_base_that_cannot_be_had_is_not_said_to_lack_anything(pull, here):
    folder = here("--depth=1", commit=pull.head)
    git(folder, "remote", "remove", "origin")
    service = ServiceSettings(compose=Path("slow"))
    assert gate_targets(HERE, Config(service=service), None, None, pull.event).base == f"ref:{pull.base}"


@pytest.mark.parametrize("option", [None, "none"])
def test_a_change_may_be_measured_without_its_base(pull, here, option):
    here()
    config = replace(STARTS, base="http://localhost:1" if option else "none")
    said = 'nothing was measured beside head: base is "none"'
    assert gate_targets(HERE, config, option, None, pull.event) == GateTargets(None, "ref:HEAD", said)
    push = event_of({"before": pull.fork_point}, {**pull.environment, "GITHUB_EVENT_NAME": "push"})
    assert gate_targets(HERE, config, option, None, push) == GateTargets(None, "ref:HEAD")


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Stand in a pull request on a branch whose newest commits add runs: published(*depth) -> it, the one before."""

    def stand(*depth, files=("history/perfgate.db", "shop/history/perfgate.db")):
        pull = Pull(tmp_path)
        measured = pull.base
        for file in files:
            pull.base = commit(pull.remote, "history: Add 1 run\n\n[skip ci]", {file: str(file)})
        git(pull.remote, "checkout", "--quiet", "--detach")
        git(pull.remote, "merge", "--quiet", "--no-ff", "--message", "merge", "slow-path")
        pull.merge = git(pull.remote, "rev-parse", "HEAD")
        git(pull.remote, "update-ref", "refs/pull/7/merge", "HEAD")
        as_if(monkeypatch, pull, tmp_path / "here", *depth)
        return pull, measured

    return stand


IMAGE = Config(service=ServiceSettings(image="ghcr.io/octo/pets:{sha}"))


@pytest.mark.parametrize("depth", [["--depth=2"], []])
def test_the_image_of_base_is_that_of_the_newest_commit_that_a_workflow_ran_for(published, depth):
    pull, measured = published(*depth)
    said = []
    context = Context(Path(), os.environ, said.append)
    assert gate_targets(context, IMAGE, None, None, pull.event).base == f"ref:{measured}"
    assert said == [
        f"Base is commit {measured[:7]}: no workflow makes an image of those after it, which add runs alone."
    ]
    assert gate_targets(HERE, STARTS, None, None, pull.event).base == f"ref:{pull.base}", "it is built as any other"
    assert base_commit(HERE, pull.event) == pull.base


@pytest.mark.parametrize("files", [["history/perfgate.db", "README.md"], []])
def test_a_base_that_changes_more_than_the_history_has_an_image_of_its_own(published, files):
    pull, _ = published("--depth=2", files=files)
    assert gate_targets(HERE, IMAGE, None, None, pull.event).base == f"ref:{pull.base}"


def test_a_base_whose_parent_cannot_be_had_stays(published, tmp_path):
    pull, _ = published("--depth=2")
    git(tmp_path / "here", "remote", "remove", "origin")
    assert gate_targets(HERE, IMAGE, None, None, pull.event).base == f"ref:{pull.base}"
