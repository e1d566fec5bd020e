"""A gate that is to look at a label again while it still runs."""

import pytest
import requests

from perfgate.errors import GithubError
from perfgate.github.api import Api, Patience
from perfgate.github.reruns import GateRuns, run_again
from perfgate.testing import Fault

COMMIT = "9" * 40
RUNS = GateRuns("octo/pets", "perfgate.yml", COMMIT)
PAGE = "https://github.com/octo/pets/actions/runs/81"


@pytest.fixture
def pauses():
    """What happens during the pauses, one after the other; nothing in all others."""
    return []


@pytest.fixture
def api(github, waits, pauses):
    def pause(seconds):
        waits.sleep(seconds)
        if pauses:
            pauses.pop(0)()

    with requests.Session() as session:
        yield Api(session, github.url, "a-secret-token", Patience(pause, waits.now))


@pytest.mark.parametrize(("failed", "jobs"), [(True, "rerun-failed-jobs"), (False, "rerun")])
def test_a_run_whose_jobs_have_partly_ended_runs_again_once_all_have(github, api, pauses, failed, jobs):
    github.runs.add(81, "perfgate.yml", COMMIT, None)
    pauses += [lambda: None, lambda: github.runs.end(81, "failure")]
    told = []
    again = run_again(api, RUNS, failed, told.append)
    assert (again.done, again.url, told) == ("started", PAGE, [PAGE])
    assert github.runs.again == [(81, jobs)]


def test_a_run_that_ends_green_is_left_alone(github, api, pauses):
    github.runs.add(81, "perfgate.yml", COMMIT, None)
    pauses += [lambda: github.runs.end(81, "success")]
    assert run_again(api, RUNS, True, print).done == "green"
    assert github.runs.again == []


def test_a_run_that_ended_already_is_not_waited_for(github, api, waits):
    github.runs.add(81, "perfgate.yml", COMMIT, "failure")
    assert run_again(api, RUNS, True, pytest.fail).done == "started"
    assert waits == []


def test_a_github_that_cannot_be_asked_for_a_while_is_asked_again(github, api, pauses):
    github.runs.add(81, "perfgate.yml", COMMIT, None)
    github.faults += [Fault("GET", "/runs", 502, skip=1) for _ in range(4)]
    pauses += [*[lambda: None] * 4, lambda: github.runs.end(81, "failure")]
    assert run_again(api, RUNS, True, print).done == "started"


def test_a_run_that_does_not_end_is_an_error_with_its_page(github, api, waits):
    github.runs.add(81, "perfgate.yml", COMMIT, None)
    with pytest.raises(GithubError, match=r"perfgate\.yml still runs after 45 minutes of waiting") as late:
        run_again(api, RUNS, True, print)
    assert late.value.hint == f"once it has ended, press re-run on the page of the run: {PAGE}"
    assert (sum(waits), github.runs.again) == (45 * 60, [])
