"""application/gate_targets: base and head of a gate where nobody names them."""

import os
from pathlib import Path

import pytest

from perfgate.application.context import Context
from perfgate.application.gate_targets import GateTargets, gate_targets
from perfgate.config.values import Config
from perfgate.github.event import event_of
from perfgate.service.settings import ServiceSettings
from tests.support.pull_request import git

# The checkout and the job that `here` stands in.
HERE = Context(Path(), os.environ, print)
STARTS = Config(service=ServiceSettings(command=("serve",)))


@pytest.mark.parametrize("depth", [["--depth=1"], ["--depth=2"], []])
def test_the_base_of_a_pull_request_is_the_commit_that_it_is_merged_into(pull, here, depth):
    folder = here(*depth)
    assert gate_targets(HERE, STARTS, None, None, pull.event) == GateTargets(f"ref:{pull.base}", "ref:HEAD")
    assert git(folder, "cat-file", "-t", pull.base) == "commit", "it was fetched where the clone lacked it"


def test_without_a_merge_commit_the_event_names_the_base(pull, here):
    here(commit=pull.head)
    assert gate_targets(HERE, STARTS, None, None, pull.event) == GateTargets(f"ref:{pull.fork_point}", "ref:HEAD")


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
