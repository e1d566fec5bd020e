"""Issues that are kept, on a GitHub that misbehaves in every way it is known for."""

import pytest

from perfgate.errors import GithubError
from perfgate.github.api import RefusedError, UncertainError
from perfgate.github.issues import IssueText, Tracker, close_issue, edit_issue, open_issue, own_issues
from perfgate.testing import Fault

TRACKER = Tracker("octo/pets", "perfgate.toml")
LIMITED = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
ISSUES = "/repos/octo/pets/issues"


def text(words="slower", memory="m1"):
    return IssueText("Slower since 1a2b3c4", lambda limit: words[:limit], memory)


def of_memory(memory="m1"):
    return lambda issue: issue.memory == memory


def opened(api, **options):
    return open_issue(api, TRACKER, text(**options), of_memory(options.get("memory", "m1")))


def kept(api):
    return own_issues(api, TRACKER, 0.0)


def writes(github):
    return [asked.method for asked in github.asked if asked.method != "GET" and "graphql" not in asked.path]


def test_an_issue_ends_with_a_hidden_marker_by_which_it_is_found(github, api):
    assert opened(api).done == "created"
    (issue,) = github.issues.all
    assert issue["title"] == "Slower since 1a2b3c4"
    assert issue["body"] == "slower\n\n<!-- perfgate:issue perfgate.toml m1 -->"
    (found,) = kept(api)
    assert (found.number, found.is_open, found.memory) == (101, True, "m1")


def test_it_is_edited_and_its_title_is_left_as_people_have_it(github, api):
    opened(api)
    github.issues.all[0]["title"] = "The pool of connections"
    (issue,) = kept(api)
    assert edit_issue(api, TRACKER, issue, text("slower still", "m2")).done == "edited"
    assert github.issues.all[0]["title"] == "The pool of connections"
    (issue,) = kept(api)
    assert (issue.body.startswith("slower still"), issue.memory) == (True, "m2")
    assert edit_issue(api, TRACKER, issue, text("slower still", "m2")).done == "unchanged"
    assert writes(github) == ["POST", "PATCH"]


def test_it_is_closed_with_a_word_and_what_it_said_stays(github, api):
    opened(api)
    (issue,) = kept(api)
    assert close_issue(api, TRACKER, issue, "the level is back.").done == "closed"
    (closed,) = github.issues.all
    assert (closed["state"], closed["state_reason"]) == ("closed", "completed")
    assert closed["body"].startswith("✅ Closed: the level is back.\n\nslower")
    assert [comment["body"] for comment in github.issues.comments[101]] == ["✅ Closed: the level is back."]
    (issue,) = kept(api)
    assert (issue.is_open, issue.memory) == (False, "m1")


def test_markers_of_others_of_pull_requests_and_of_other_configurations_are_left_alone(github, api):
    marked = f"mine\n\n{TRACKER.marker('m1')}"
    github.issues.add("somebody's", marked, "somebody")
    github.issues.add("quoted", f"{marked}\n\nsays perfgate")
    github.issues.add("a pull request", marked)["pull_request"] = {"url": "..."}
    github.issues.add("another's", f"slower\n\n{Tracker('octo/pets', 'api/perfgate.toml').marker('m1')}")
    assert kept(api) == []
    assert opened(api).done == "created"


def test_it_is_known_who_closed_it(github, api):
    for memory in ("m1", "m2"):
        opened(api, memory=memory)
    github.issues.add("the other job's", f"slower\n\n{TRACKER.marker('m1')}")
    close_issue(api, TRACKER, kept(api)[0], "the level is back.")
    github.issues.all[1]["state"] = "closed"
    assert [(issue.is_open, issue.by_hand) for issue in kept(api)] == [(False, False), (False, True), (True, False)]
    github.issues.add("yet another job's", f"slower\n\n{TRACKER.marker('m3')}")
    opened(api, memory="m3")
    assert (kept(api)[-1].is_open, kept(api)[-1].by_hand) == (False, False)


def test_a_title_is_as_long_as_github_takes(github, api):
    open_issue(api, TRACKER, IssueText("x" * 300, lambda limit: "slower", "m1"), of_memory())
    assert github.issues.all[0]["title"] == "x" * 256


def test_windows_line_ends_hide_no_marker(github, api):
    github.issues.add("ours", f"slower\r\n\r\n{TRACKER.marker('m1')}\r\n")
    assert len(kept(api)) == 1


def test_all_pages_are_read(github, api):
    for number in range(230):
        github.issues.add(f"{number}", f"slower\n\n{TRACKER.marker(f'm{number}')}")
    assert len(kept(api)) == 230


def test_of_closed_ones_those_that_were_closed_lately_are_known(github, api):
    opened(api)
    (issue,) = kept(api)
    close_issue(api, TRACKER, issue, "back")
    assert own_issues(api, TRACKER, 1_900_000_000.0) == []
    assert len(own_issues(api, TRACKER, 1_700_000_000.0)) == 1


def test_a_body_is_as_long_as_github_takes_and_cannot_end_early(github, api):
    open_issue(api, TRACKER, IssueText("t", lambda limit: "x" * limit, "m1"), of_memory())
    assert len(github.issues.all[0]["body"]) == 65_536
    opened(api, words=f"a log said\n{TRACKER.marker('m9')}", memory="m2")
    assert [issue.memory for issue in kept(api)] == ["m1", "m2"]


def test_of_two_that_jobs_open_at_the_same_moment_the_later_one_is_closed(github, api):
    github.issues.add("the other job's", f"slower\n\n{TRACKER.marker('m1')}")
    posted = opened(api)
    assert [(issue["number"], issue["state"]) for issue in github.issues.all] == [(101, "open"), (102, "closed")]
    assert github.issues.all[1]["body"].startswith("The same as #101.")
    assert (posted.done, posted.url) == ("unchanged", "https://github.com/octo/pets/issues/101")


@pytest.mark.parametrize("status", [0, 500, 502, 503])
@pytest.mark.parametrize("done", [True, False])
def test_where_nobody_knows_whether_it_was_opened_there_is_one_in_the_end(github, api, status, done):
    github.faults.append(Fault("POST", ISSUES, status, done=done))
    opened(api)
    assert len(github.issues.open) == 1


def test_a_server_that_always_fails_ends_in_an_error(github, api):
    github.faults += [Fault("POST", ISSUES, 502)] * 3
    with pytest.raises(UncertainError, match="open an issue"):
        opened(api)
    assert github.issues.all == []


@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize("status", [0, 500, 503])
def test_what_can_be_repeated_is_repeated(github, api, method, status):
    opened(api)
    (issue,) = kept(api)
    github.faults += [Fault(method, ISSUES, status)] * 2
    if method == "GET":
        assert len(kept(api)) == 1
    else:
        assert edit_issue(api, TRACKER, issue, text("newer")).done == "edited"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "headers": {"Retry-After": "7"}},
        {"status": 403, "headers": {"Retry-After": "7"}},
        {"status": 403, "body": LIMITED},
    ],
)
def test_rate_limits_are_waited_for(github, api, waits, method, fault):
    github.faults.append(Fault(method, ISSUES, **fault))
    if method == "GET":
        kept(api)
    else:
        opened(api)
        assert len(github.issues.open) == 1
    assert sum(waits) >= 7


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "expired"), (403, "issues: write"), (404, "token"), (410, "switched off"), (422, "summary")],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_each_refusal_says_what_to_do(github, api, status, hint, method):
    opened(api)
    (issue,) = kept(api)
    asked = {
        "GET": lambda: kept(api),
        "POST": lambda: opened(api, memory="m2"),
        "PATCH": lambda: edit_issue(api, TRACKER, issue, text("newer")),
    }
    github.faults.append(Fault(method, ISSUES, status, {"message": "No"}))
    with pytest.raises(GithubError) as refused:
        asked[method]()
    assert hint in refused.value.hint
    assert str(status) in refused.value.message


def test_a_token_that_may_only_read_and_issues_that_are_off(github, api):
    github.issues.permitted = False
    with pytest.raises(GithubError) as refused:
        opened(api)
    assert "issues: write" in refused.value.hint
    github.issues.enabled = False
    with pytest.raises(GithubError) as refused:
        kept(api)
    assert "switched off" in refused.value.hint
    assert not isinstance(refused.value, RefusedError)


def test_an_issue_whose_word_is_lost_is_closed_all_the_same(github, api):
    opened(api)
    (issue,) = kept(api)
    github.faults.append(Fault("POST", "/comments", 502))
    with pytest.raises(UncertainError):
        close_issue(api, TRACKER, issue, "back")
    assert github.issues.open == []
    assert github.issues.all[0]["body"].startswith("✅ Closed: back")
