"""The label that accepts a gate, on a GitHub that has put labels, pushes and people in every order; and its faults."""

import pytest
import requests

from perfgate.errors import GithubError
from perfgate.github.api import Api, Patience, UncertainError
from perfgate.github.labels import LabelError, MeasuredPull, read_label
from perfgate.testing import Fault

LABEL = "perfgate: accepted"
COMMIT = "9" * 40
MEASURED = MeasuredPull("octo/pets", 7, COMMIT)
PUSHED = 1_767_225_600.0
LATER = PUSHED + 60
# Without the time at which it happened.
EVENT = {"event": "labeled", "label": {"name": LABEL}, "actor": {"login": "maria"}, "created_at": None}


@pytest.fixture
def pull(github):
    """A pull request of a fork whose head was pushed, and whom maria looks after."""
    github.add_pull(7, "stranger/pets", "slow-path", COMMIT)
    github.labels.push("stranger/pets", "slow-path", "8" * 40, PUSHED - 600)
    github.labels.push("stranger/pets", "slow-path", COMMIT, PUSHED)
    github.labels.roles["maria"] = "write"
    return github.labels


def test_a_label_of_somebody_who_may_write_is_found_with_who_put_it_there_and_when(pull, api):
    pull.put(LABEL, "maria", LATER)
    found = read_label(api, MEASURED, LABEL)
    assert (found.label, found.by, found.put_at, found.commit) == (LABEL, "maria", LATER, COMMIT)


def test_an_administrator_may_too_and_the_case_of_the_label_does_not_matter(pull, api):
    pull.roles["root"] = "admin"
    pull.put("Perfgate: Accepted", "root", LATER)
    assert read_label(api, MEASURED, LABEL).by == "root"


@pytest.mark.parametrize("name", [None, "documentation"])
def test_where_there_is_no_such_label_nothing_more_is_asked(github, pull, api, name):
    if name:
        pull.put(name, "maria", LATER)
    assert read_label(api, MEASURED, LABEL) is None
    assert [asked.path for asked in github.asked] == ["/repos/octo/pets/pulls/7"]


def test_a_label_that_was_taken_off_again_is_none(pull, api):
    pull.put(LABEL, "maria", LATER)
    pull.take_off(LABEL, "maria", LATER + 1)
    assert read_label(api, MEASURED, LABEL) is None


def test_a_label_accepts_no_commit_that_was_pushed_after_it(pull, api):
    pull.put(LABEL, "maria", PUSHED - 60)
    with pytest.raises(LabelError, match="maria put it there before 9999999 was pushed") as refused:
        read_label(api, MEASURED, LABEL)
    assert "put it there again" in refused.value.hint


def test_put_there_again_after_the_push_it_accepts_that_commit(pull, api):
    pull.put(LABEL, "maria", PUSHED - 60)
    pull.take_off(LABEL, "maria", LATER)
    pull.put(LABEL, "maria", LATER + 1)
    assert read_label(api, MEASURED, LABEL).put_at == LATER + 1


def test_in_the_same_second_nobody_knows_what_came_first(pull, api):
    pull.put(LABEL, "maria", PUSHED)
    with pytest.raises(LabelError, match="before 9999999 was pushed"):
        read_label(api, MEASURED, LABEL)


def test_a_commit_that_comes_back_by_force_is_as_young_as_its_last_push(pull, api):
    pull.put(LABEL, "maria", LATER)
    pull.push("stranger/pets", "slow-path", "7" * 40, LATER + 60)
    pull.push("stranger/pets", "slow-path", COMMIT, LATER + 120)
    with pytest.raises(LabelError, match="before 9999999 was pushed"):
        read_label(api, MEASURED, LABEL)


def test_a_push_of_the_commit_to_another_branch_counts_for_nothing(pull, api):
    pull.put(LABEL, "maria", LATER)
    pull.push("stranger/pets", "other", COMMIT, LATER + 60)
    assert read_label(api, MEASURED, LABEL).by == "maria"


@pytest.mark.parametrize("role", ["read", "none", "triage"])
def test_who_may_not_write_cannot_accept(pull, api, role):
    pull.roles["stranger"] = role
    pull.put(LABEL, "stranger", LATER)
    with pytest.raises(LabelError, match=rf"stranger put it there, who may not write .* \(but {role}\)"):
        read_label(api, MEASURED, LABEL)


def test_who_put_it_there_last_counts(pull, api):
    pull.put(LABEL, "maria", LATER)
    pull.take_off(LABEL, "stranger", LATER + 1)
    pull.put(LABEL, "stranger", LATER + 2)
    with pytest.raises(LabelError, match="stranger"):
        read_label(api, MEASURED, LABEL)


def test_an_account_that_is_gone_accepts_nothing(pull, api):
    pull.put(LABEL, None, LATER)
    with pytest.raises(LabelError, match="account"):
        read_label(api, MEASURED, LABEL)


def test_the_label_of_a_pull_request_that_moved_on_accepts_nothing(github, pull, api):
    pull.put(LABEL, "maria", LATER)
    github.pulls[0]["head"]["sha"] = "f" * 40
    with pytest.raises(LabelError, match="9999999 was measured, and the pull request is at fffffff by now"):
        read_label(api, MEASURED, LABEL)


def test_a_push_that_github_does_not_know_accepts_nothing(github, pull, api):
    pull.put(LABEL, "maria", LATER)
    github.pulls[0]["head"]["ref"] = "renamed"
    with pytest.raises(LabelError, match="does not tell when 9999999 was pushed to stranger/pets"):
        read_label(api, MEASURED, LABEL)


def test_a_repository_that_is_gone_accepts_nothing(github, pull, api):
    pull.put(LABEL, "maria", LATER)
    github.pulls[0]["head"]["repo"] = None
    with pytest.raises(LabelError, match="is gone"):
        read_label(api, MEASURED, LABEL)


def test_a_bot_is_asked_about_by_its_whole_name(github, pull, api):
    pull.put(LABEL, "helper[bot]", LATER)
    with pytest.raises(LabelError, match=r"helper\[bot\]"):
        read_label(api, MEASURED, LABEL)
    assert github.asked[-1].path == "/repos/octo/pets/collaborators/helper%5Bbot%5D/permission"


ASKED = ["/pulls/7", "/events", "/permission", "/activity"]


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_what_github_refuses_to_tell_accepts_nothing(github, pull, api, path, status):
    pull.put(LABEL, "maria", LATER)
    github.faults.append(Fault("GET", path, status, {"message": "Resource not accessible by integration"}))
    with pytest.raises(GithubError, match=rf"refused to tell .* \({status}"):
        read_label(api, MEASURED, LABEL)


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("status", [0, 500, 502])
def test_a_server_that_fails_is_asked_again(github, pull, api, waits, path, status):
    pull.put(LABEL, "maria", LATER)
    github.faults += [Fault("GET", path, status) for _ in range(2)]
    assert read_label(api, MEASURED, LABEL).by == "maria"
    assert waits == [1.0, 2.0]


def test_a_server_that_goes_on_failing_accepts_nothing(github, pull, api):
    pull.put(LABEL, "maria", LATER)
    github.faults += [Fault("GET", "/activity", 503) for _ in range(4)]
    with pytest.raises(GithubError, match="503"):
        read_label(api, MEASURED, LABEL)


@pytest.mark.parametrize("path", ASKED)
def test_an_answer_that_takes_too_long_accepts_nothing(github, pull, waits, path):
    pull.put(LABEL, "maria", LATER)
    github.faults += [Fault("GET", path, 200, delay=0.3) for _ in range(4)]
    with requests.Session() as session:
        hurried = Api(session, github.url, "a-secret-token", Patience(waits.sleep, waits.now, answer=0.05))
        with pytest.raises(UncertainError, match="ReadTimeout"):
            read_label(hurried, MEASURED, LABEL)


def test_a_rate_limit_is_waited_for_within_reason(github, pull, api, waits):
    pull.put(LABEL, "maria", LATER)
    github.faults.append(Fault("GET", "/permission", 429, headers={"Retry-After": "30"}))
    assert read_label(api, MEASURED, LABEL).by == "maria"
    assert waits == [30.0]
    github.faults.append(Fault("GET", "/permission", 429, headers={"Retry-After": "3600"}))
    with pytest.raises(GithubError, match="rate limit"):
        read_label(api, MEASURED, LABEL)


@pytest.mark.parametrize("labels", [None, 7, [], [None, {"name": 3}]])
def test_labels_that_are_none_accept_nothing(github, pull, api, labels):
    pull.put(LABEL, "maria", LATER)
    github.faults.append(Fault("GET", "/pulls/7", 200, {**github.pulls[0], "labels": labels}))
    assert read_label(api, MEASURED, LABEL) is None


@pytest.mark.parametrize(("path", "body"), [("/pulls/7", "<html>"), ("/events", {}), ("/events", [EVENT])])
def test_an_answer_that_makes_no_sense_accepts_nothing(github, pull, api, path, body):
    pull.put(LABEL, "maria", LATER)
    github.faults.append(Fault("GET", path, 200, body))
    with pytest.raises(GithubError, match="the answer of GitHub"):
        read_label(api, MEASURED, LABEL)
