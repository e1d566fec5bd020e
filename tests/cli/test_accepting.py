"""The label on a pull request, looked up where a gate is red: whatever is wrong, it accepts nothing and says so."""

from dataclasses import replace

import pytest

from perfgate.cli.github.accepting import accepted_by_label
from perfgate.errors import ExitCode
from perfgate.github.event import Event, PullRequest
from perfgate.report.advice import next_steps
from perfgate.report.phrase import plain
from perfgate.testing import FakeGitHub, Fault
from tests.support.verdict_samples import passing, regression

LABEL = "perfgate: accepted"
COMMIT = "9" * 40
PUSHED = 1_767_225_600.0
PULL_REQUEST = PullRequest(7, "stranger/pets", "slow-path", COMMIT, "main", "1" * 40, False, True, ())
EVENT = Event("pull_request", "opened", "octo/pets", "5" * 40, "slow-path", "main", "1" * 40, PULL_REQUEST, None)


@pytest.fixture
def github():
    """A pull request of a fork, whose author may not write and who has put the label there; maria may."""
    with FakeGitHub() as fake:
        fake.add_pull(7, "stranger/pets", "slow-path", COMMIT)
        fake.labels.push("stranger/pets", "slow-path", COMMIT, PUSHED)
        fake.labels.roles["maria"] = "admin"
        fake.labels.put(LABEL, "stranger", PUSHED + 60)
        yield fake


def told(github, verdict=None, event=EVENT, label=LABEL, token="a-token"):
    """What the label makes of a red gate, and what the last note says of it."""
    environment = {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": token}
    found = accepted_by_label(environment, event, label, verdict or regression())
    note = found.validity[-1]
    return found.exit_code, f"{note.message}; {note.hint}" if "label" in note.message else ""


def test_a_forks_author_cannot_accept_and_a_maintainer_can(github):
    code, said = told(github)
    assert code is ExitCode.FAIL
    assert said.startswith(
        "the label perfgate: accepted accepts nothing: stranger put it there, who may not write to the repository"
    )
    github.labels.take_off(LABEL, "maria", PUSHED + 120)
    github.labels.put(LABEL, "maria", PUSHED + 121)
    assert told(github) == (ExitCode.PASS, "")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("GET", "/pulls/7", 401, {"message": "Bad credentials"}), "401: Bad credentials"),
        (Fault("GET", "/events", 404, {"message": "Not Found"}), "refused to tell who put the label there (404"),
        (Fault("GET", "/permission", 403, {"message": "No"}), "refused to tell what stranger may do in the"),
        (Fault("GET", "/permission", 422, {"message": "No"}), "(422: No)"),
        (Fault("GET", "/events", 429, headers={"Retry-After": "3600"}), "rate limit allows no more for 3600 s"),
    ],
)
def test_what_github_refuses_to_tell_is_said(github, fault, said):
    github.faults.append(fault)
    code, note = told(github)
    assert code is ExitCode.FAIL
    assert note.startswith("the label perfgate: accepted accepts nothing: ")
    assert said in note
    assert "comment" not in note.replace("right to comment", "")


def test_a_green_gate_asks_nothing(github):
    assert told(github, passing()) == (ExitCode.PASS, "")
    assert github.asked == []


def test_outside_of_pull_requests_there_is_no_label(github):
    assert told(github, event=replace(EVENT, name="push", pull_request=None)) == (ExitCode.FAIL, "")
    assert github.asked == []


def test_an_empty_name_is_no_label(github):
    assert told(github, label="") == (ExitCode.FAIL, "")
    assert github.asked == []


def test_a_label_of_another_name_is_another_label(github):
    assert told(github, label="slower: fine") == (ExitCode.FAIL, "")


def test_without_a_token_the_label_of_the_event_accepts_nothing_and_says_so(github):
    labelled = replace(EVENT, pull_request=replace(PULL_REQUEST, labels=("Perfgate: accepted",)))
    code, said = told(github, event=labelled, token="")
    assert code is ExitCode.FAIL
    assert "accepts nothing: there is no token to check it with; give the step GITHUB_TOKEN" in said
    assert told(github, token="") == (ExitCode.FAIL, "")
    assert github.asked == []


def test_a_red_report_names_the_label_that_accepts_it():
    (step,) = next_steps(regression(), LABEL)
    assert "puts the label perfgate: accepted on the pull request" in plain(step)
    (step,) = next_steps(regression())
    assert "label" not in plain(step)
