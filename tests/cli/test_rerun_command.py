"""`perfgate rerun`: a gate that looks at a label again."""

import json

import pytest

from perfgate.testing import FakeGitHub, Fault
from tests.support.command import call

COMMIT = "9" * 40


@pytest.fixture
def github():
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def rerun(tmp_path, github):
    """Call it in a job that a label started: rerun("labeled", "--workflow", "other.yml") -> Done."""

    def run(action, *arguments, name="pull_request_target", **more):
        head = {"ref": "slow-path", "sha": COMMIT, "repo": {"full_name": "stranger/pets"}}
        base = {"ref": "main", "sha": "1" * 40, "repo": {"full_name": "octo/pets"}}
        payload = {"action": action, "pull_request": {"number": 7, "head": head, "base": base}}
        (tmp_path / "event.json").write_text(json.dumps(payload))
        variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_REPOSITORY": "octo/pets",
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": "a-token",
        }
        return call("rerun", *arguments, folder=tmp_path, **variables, **more)

    return run


def test_where_a_label_was_put_the_jobs_that_failed_run_again(github, rerun):
    github.runs.add(81, "perfgate.yml", COMMIT, "failure")
    github.runs.add(82, "perfgate.yml", "8" * 40, "failure")
    github.runs.add(83, "tests.yml", COMMIT, "failure")
    done = rerun("labeled")
    assert (done.code, github.runs.again) == (0, [(81, "rerun-failed-jobs")])
    assert "The gate runs again: https://github.com/octo/pets/actions/runs/81" in done.err


def test_where_a_label_was_taken_off_all_jobs_run_again(github, rerun):
    github.runs.add(81, "perfgate.yml", COMMIT, "success")
    assert rerun("unlabeled").code == 0
    assert github.runs.again == [(81, "rerun")]


def test_the_newest_run_of_the_workflow_that_is_named_runs_again(github, rerun):
    github.runs.add(81, "load.yml", COMMIT, "failure")
    github.runs.add(82, "load.yml", COMMIT, "failure")
    assert rerun("labeled", "--workflow", "load.yml").code == 0
    assert github.runs.again == [(82, "rerun-failed-jobs")]


def test_a_gate_that_is_green_is_left_alone(github, rerun):
    github.runs.add(81, "perfgate.yml", COMMIT, "success")
    done = rerun("labeled")
    assert (done.code, github.runs.again) == (0, [])
    assert "No job of the gate failed" in done.err


def test_a_commit_that_was_not_measured_yet_is_told(github, rerun):
    done = rerun("labeled")
    assert (done.code, github.runs.again) == (0, [])
    assert "There is no run of perfgate.yml on 9999999 yet" in done.err


def test_a_token_that_may_not_is_told_which_permission_it_lacks(github, rerun):
    github.runs.add(81, "perfgate.yml", COMMIT, "failure")
    github.faults.append(Fault("POST", "/rerun", 403, {"message": "Resource not accessible by integration"}))
    done = rerun("labeled")
    assert done.code == 2
    assert "GitHub refused to run perfgate.yml again (403: Resource not accessible by integration)" in done.err
    assert "actions: write" in done.err


def test_where_there_is_no_such_workflow_the_option_that_names_another_is_told(github, rerun):
    github.faults.append(Fault("GET", "/workflows/perfgate.yml/runs", 404, {"message": "Not Found"}))
    done = rerun("labeled")
    assert done.code == 2
    assert "Hint: name the file of the gate: --workflow FILE, or PERFGATE_WORKFLOW in the env of the job" in done.err


@pytest.mark.parametrize("status", [0, 502])
def test_a_run_is_not_started_twice_where_the_answer_is_lost(github, rerun, status):
    github.runs.add(81, "perfgate.yml", COMMIT, "failure")
    github.faults.append(Fault("POST", "/rerun", status, done=True))
    done = rerun("labeled")
    assert (done.code, github.runs.again) == (2, [(81, "rerun-failed-jobs")])
    assert "Hint: if the gate does not run again, press re-run on the page of the run" in done.err


def test_an_event_about_no_pull_request_is_refused(rerun, github):
    done = rerun("created", name="issue_comment")
    assert done.code == 2
    assert "the event is about no pull request" in done.err
    assert github.asked == []
