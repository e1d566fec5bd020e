"""The event of a job, as the runner hands it over."""

import json

import pytest

from perfgate.errors import UsageError
from perfgate.github.event import event_of, read_event, run_url

HERE = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": "octo/pets", "GITHUB_SHA": "5" * 40}


def pull(repository, draft=False):
    repo = {"full_name": repository} if repository else None
    base = {"ref": "main", "sha": "1" * 40, "repo": {"full_name": "octo/pets"}}
    head = {"ref": "slow-path", "sha": "9" * 40, "repo": repo}
    return {"pull_request": {"number": 7, "draft": draft, "head": head, "base": base}}


@pytest.mark.parametrize(("repository", "fork"), [("octo/pets", False), ("stranger/pets", True), (None, True)])
def test_a_fork_is_a_head_in_another_repository_or_in_none_any_more(repository, fork):
    found = event_of(pull(repository), HERE).pull_request
    assert (found.from_fork, found.head_repository) == (fork, repository or "")
    assert (found.number, found.head_commit, found.base_commit) == (7, "9" * 40, "1" * 40)


def test_the_run_of_a_job_has_an_address():
    job = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "octo/pets", "GITHUB_RUN_ID": "81"}
    assert run_url(job) == "https://github.com/octo/pets/actions/runs/81"
    assert run_url({**job, "GITHUB_RUN_ID": ""}) == ""


@pytest.mark.parametrize("draft", [True, False])
def test_a_draft_is_a_pull_request_like_any_other(draft):
    assert event_of(pull("octo/pets", draft), HERE).pull_request.draft is draft


@pytest.mark.parametrize(("before", "base"), [("2" * 40, "2" * 40), ("0" * 40, "")])
def test_a_push_stands_on_the_commit_before_unless_the_branch_is_new(before, base):
    event = event_of({"before": before}, {**HERE, "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/a/b"})
    assert (event.branch, event.base_commit, event.pull_request) == ("a/b", base, None)


def test_a_merge_queue_names_its_base():
    group = {"merge_group": {"base_ref": "refs/heads/main", "base_sha": "1" * 40}}
    event = event_of(group, {**HERE, "GITHUB_EVENT_NAME": "merge_group"})
    assert (event.base_branch, event.base_commit) == ("main", "1" * 40)


@pytest.mark.parametrize("name", ["schedule", "workflow_dispatch", "release", ""])
@pytest.mark.parametrize("payload", [{}, {"pull_request": None}, {"merge_group": []}, {"workflow_run": 1}])
def test_any_other_event_is_about_a_branch(name, payload):
    event = event_of(payload, {**HERE, "GITHUB_EVENT_NAME": name, "GITHUB_REF": "refs/heads/main"})
    assert (event.branch, event.base_commit, event.pull_request, event.workflow_run) == ("main", "", None, None)


@pytest.mark.parametrize("run", [{}, None, {"head_repository": None}, {"head_sha": 5}])
def test_what_a_workflow_run_lacks_is_empty(run):
    found = event_of({"workflow_run": run}, {**HERE, "GITHUB_EVENT_NAME": "workflow_run"}).workflow_run
    assert (found.head_repository, found.head_branch, found.head_commit) == ("", "", "")


def test_a_pull_request_without_a_number_is_none():
    with pytest.raises(UsageError, match="number"):
        event_of({"pull_request": {}}, HERE)


def test_outside_of_actions_there_is_no_event():
    assert read_event({}) is None
    assert read_event({**HERE, "GITHUB_ACTIONS": "false"}) is None


@pytest.mark.parametrize("content", [None, "", "{", "[]", "[" * 100_000, b"\xff"])
def test_an_event_file_that_cannot_be_read_is_a_mistake_with_a_hint(tmp_path, content):
    path = tmp_path / "event.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError) as caught:
        read_event({**HERE, "GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path)})
    assert "GITHUB_EVENT_PATH" in caught.value.hint


def test_the_file_is_read(tmp_path):
    path = tmp_path / "event.json"
    path.write_text(json.dumps(pull("octo/pets")))
    event = read_event({**HERE, "GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path)})
    assert event.pull_request.number == 7
