"""The one comment of a pull request and its sections, on a GitHub that misbehaves in every way it is known for."""

from pathlib import Path

import pytest
import requests

from perfgate.errors import GithubError
from perfgate.github.api import Api, Patience, RefusedError, UncertainError
from perfgate.github.comment import Thread, post_comment
from perfgate.github.event import UNKNOWN_RUN, RunNumber
from perfgate.github.sections import LIMIT, Section
from perfgate.testing import Fault

THREAD = Thread("octo/pets", 7)
SECTION = Section(Path("perfgate.toml"), "", "", UNKNOWN_RUN)
MARKER = SECTION.marker
# What is written is looked at again once other jobs had the time to write.
SETTLING = 2.0
LIMITED = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


def report(text):
    return lambda limit: text[:limit]


def bodies(github):
    return [comment["body"] for comment in github.comments]


def writes(github):
    return [asked.method for asked in github.asked if asked.method != "GET" and "graphql" not in asked.path]


def test_the_first_report_is_a_new_comment_with_a_hidden_marker(github, api):
    posted = post_comment(api, THREAD, SECTION, report("slower"))
    assert bodies(github) == ["slower\n\n<!-- perfgate:perfgate.toml -->"]
    assert posted.done == "created"
    assert posted.url == "https://github.com/octo/pets/pull/7#issuecomment-1"


def test_the_second_report_edits_the_first(github, api):
    post_comment(api, THREAD, SECTION, report("slower"))
    posted = post_comment(api, THREAD, SECTION, report("as fast as before"))
    assert bodies(github) == [f"as fast as before\n\n{MARKER}"]
    assert (posted.done, posted.url) == ("edited", "https://github.com/octo/pets/pull/7#issuecomment-1")


def test_the_same_report_again_writes_nothing(github, api):
    post_comment(api, THREAD, SECTION, report("slower"))
    assert post_comment(api, THREAD, SECTION, report("slower")).done == "unchanged"
    assert writes(github) == ["POST"]


def section(configuration="perfgate.toml", name="", commit="", run=0, attempt=1):
    return Section(Path(configuration), name, commit, RunNumber(run, attempt) if run else UNKNOWN_RUN)


def test_each_configuration_and_testbed_has_a_section_in_whatever_order_their_jobs_end(github, api):
    wanted = [section("b/perfgate.toml", "t1"), section("a/perfgate.toml", "t2"), section("a/perfgate.toml", "t1")]
    for number, one in enumerate(wanted):
        post_comment(api, THREAD, one, report(f"report {number}"))
    assert bodies(github) == [
        "`a/perfgate.toml` · `t1`\n\nreport 2\n\n<!-- perfgate:a/perfgate.toml@t1 -->\n\n"
        "`a/perfgate.toml` · `t2`\n\nreport 1\n\n<!-- perfgate:a/perfgate.toml@t2 -->\n\n"
        "`b/perfgate.toml` · `t1`\n\nreport 0\n\n<!-- perfgate:b/perfgate.toml@t1 -->"
    ]
    post_comment(api, THREAD, wanted[1], report("newer"))
    (body,) = bodies(github)
    assert "newer" in body
    assert "report 1" not in body
    assert body.count("`a/perfgate.toml` · `t2`") == 1


def test_sections_of_another_commit_go_with_the_first_report_on_a_new_one(github, api):
    post_comment(api, THREAD, section("a.toml", commit="1" * 40), report("old a"))
    post_comment(api, THREAD, section("b.toml", commit="1" * 40), report("old b"))
    post_comment(api, THREAD, section("a.toml", commit="2" * 40), report("new a"))
    assert bodies(github) == [f"new a\n\n<!-- perfgate:a.toml {'2' * 40} -->"]


def test_a_report_that_quotes_a_marker_stays_one_section(github, api):
    quoting = section("other.toml")
    post_comment(api, THREAD, quoting, report(f"```text\n{MARKER}\n{quoting.marker}\n```"))
    post_comment(api, THREAD, SECTION, report("new"))
    (body,) = bodies(github)
    assert body.startswith("`other.toml`\n\n```text\n<!- perfgate:perfgate.toml -->\n")
    assert body.count(MARKER) == 1
    assert body.endswith(f"new\n\n{MARKER}")


def test_folded_parts_of_other_sections_give_way_to_a_new_one(github, api):
    post_comment(api, THREAD, section("a.toml"), report(f"the verdict\n\n<details>{'x' * 50_000}</details>"))
    post_comment(api, THREAD, section("b.toml"), lambda limit: "y" * limit)
    (body,) = bodies(github)
    assert "the verdict\n\n<!-- perfgate:a.toml -->" in body
    assert len(body) == LIMIT


def test_two_comments_of_a_race_become_one(github, api):
    """Two jobs list at the same moment, find none, and both write."""
    github.faults.append(Fault("GET", "/comments", 200, []))
    github.add_comment(f"other\n\n{section('other.toml').marker}")
    post_comment(api, THREAD, SECTION, report("mine"))
    (body,) = bodies(github)
    assert "other" in body
    assert "mine" in body


def test_a_second_comment_that_may_not_be_deleted_is_folded(github, api):
    first = github.add_comment(f"old\n\n{MARKER}")
    second = github.add_comment(f"older\n\n{MARKER}")
    github.faults.append(Fault("DELETE", "/comments/", 403, {"message": "no"}))
    post_comment(api, THREAD, SECTION, report("new"))
    assert second["body"] == f"The report is in {first['html_url']}."


def test_a_section_that_another_job_overwrote_is_written_again(github, api):
    own = github.add_comment(f"old\n\n{MARKER}")
    theirs = f"theirs\n\n{section('other.toml').marker}"
    carry_out = github.answer

    def overwritten_once(asked):
        answer = carry_out(asked)
        if asked.method == "PATCH" and writes(github).count("PATCH") == 1:
            own["body"] = theirs  # of a job that had read the comment before
        return answer

    github.answer = overwritten_once
    post_comment(api, THREAD, SECTION, report("new"))
    (body,) = bodies(github)
    assert "theirs" in body
    assert "new" in body


@pytest.mark.parametrize("name", ["a --> b", "-->", "<!--", "a\nb", "ünïcode", "--"])
def test_no_name_of_a_configuration_gets_out_of_the_marker(name):
    marker = section(name, name, name).marker
    assert marker.count("-->") == 1
    assert marker.endswith(" -->")
    assert "--" not in marker.removeprefix("<!--").removesuffix("-->")


def test_a_marker_in_somebody_elses_comment_is_not_ours(github, api):
    theirs = github.add_comment(f"look what I found {MARKER}", "mallory")
    nobodys = github.add_comment(MARKER)
    nobodys["user"] = None
    post_comment(api, THREAD, SECTION, report("slower"))
    assert theirs["body"] == f"look what I found {MARKER}"
    assert nobodys["body"] == MARKER
    assert len(github.comments) == 3


def test_the_comment_is_found_on_any_page(github, api):
    for number in range(150):
        github.add_comment(f"chat {number}", "someone")
    own = github.add_comment(f"old\n\n{MARKER}")
    for number in range(120):
        github.add_comment(f"more chat {number}", "someone")
    assert post_comment(api, THREAD, SECTION, report("new")).done == "edited"
    assert own["body"] == f"new\n\n{MARKER}"
    assert len(github.comments) == 271


@pytest.mark.parametrize("page", [0, 1, 2])
def test_a_failed_listing_never_becomes_a_second_comment(github, api, page):
    github.add_comment(f"old\n\n{MARKER}")
    for number in range(250):
        github.add_comment(f"chat {number}", "someone")
    github.faults += [Fault("GET", "/comments", 502, skip=page)] + [Fault("GET", "/comments", 502) for _ in range(9)]
    with pytest.raises(UncertainError, match="list the comments"):
        post_comment(api, THREAD, SECTION, report("new"))
    assert writes(github) == []


def test_a_listing_that_fails_once_is_read_again(github, api, waits):
    github.faults += [Fault("GET", "/comments", 502), Fault("GET", "/comments", 0)]
    assert post_comment(api, THREAD, SECTION, report("new")).done == "created"
    assert waits == [1.0, 2.0, SETTLING]


def test_a_comment_deleted_in_between_is_made_anew(github, api):
    own = github.add_comment(f"old\n\n{MARKER}")
    github.faults.append(Fault("PATCH", "/comments/", 404, {"message": "Not Found"}))
    listed_twice = github.answer

    def delete_then_answer(asked):
        if asked.method == "PATCH":
            github.comments.clear()
        return listed_twice(asked)

    github.answer = delete_then_answer
    assert post_comment(api, THREAD, SECTION, report("new")).done == "created"
    assert bodies(github) == [f"new\n\n{MARKER}"]
    assert own not in github.comments


def test_a_comment_that_nobody_may_touch_ends_after_three_rounds(github, api):
    github.add_comment(f"old\n\n{MARKER}")
    github.faults += [Fault("PATCH", "/comments/", 404, {"message": "Not Found"}) for _ in range(9)]
    with pytest.raises(RefusedError):
        post_comment(api, THREAD, SECTION, report("new"))
    assert writes(github) == ["PATCH"] * 3


@pytest.mark.parametrize("status", [500, 502, 503, 0])
def test_a_post_whose_answer_is_lost_is_looked_for_before_it_is_repeated(github, api, status):
    github.faults.append(Fault("POST", "/comments", status, done=True))
    posted = post_comment(api, THREAD, SECTION, report("new"))
    assert len(github.comments) == 1
    assert posted.done == "unchanged"
    assert writes(github) == ["POST"]


@pytest.mark.parametrize("status", [500, 0])
def test_a_post_that_was_not_carried_out_is_repeated(github, api, status):
    github.faults.append(Fault("POST", "/comments", status))
    assert post_comment(api, THREAD, SECTION, report("new")).done == "created"
    assert len(github.comments) == 1


def test_a_server_that_never_answers_is_given_up(github, api):
    github.faults += [Fault("POST", "/comments", 503) for _ in range(9)]
    with pytest.raises(UncertainError) as caught:
        post_comment(api, THREAD, SECTION, report("new"))
    assert "summary of the job" in caught.value.hint
    assert writes(github) == ["POST"] * 3


def test_an_edit_is_repeated_after_a_server_error(github, api):
    github.add_comment(f"old\n\n{MARKER}")
    github.faults += [Fault("PATCH", "/comments/", 500), Fault("PATCH", "/comments/", 0, done=True)]
    post_comment(api, THREAD, SECTION, report("new"))
    assert bodies(github) == [f"new\n\n{MARKER}"]


def test_without_permission_the_error_names_the_permission(github, api):
    github.permitted = False
    with pytest.raises(RefusedError) as caught:
        post_comment(api, THREAD, SECTION, report("new"))
    assert "pull-requests: write" in caught.value.hint
    assert "a-secret-token" not in f"{caught.value.message}{caught.value.hint}"
    assert writes(github) == ["POST"]


def test_a_locked_conversation_says_so(github, api):
    github.locked = True
    with pytest.raises(RefusedError, match="locked") as caught:
        post_comment(api, THREAD, SECTION, report("new"))
    assert "unlock" in caught.value.hint


def test_a_pull_request_that_is_not_there_says_what_the_token_lacks(api):
    with pytest.raises(RefusedError, match="404") as caught:
        post_comment(api, Thread("octo/other", 7), SECTION, report("new"))
    assert "permissions" in caught.value.hint


def test_a_wrong_token_says_so(github, api):
    github.faults += [Fault("POST", "graphql", 401), Fault("GET", "/comments", 401, {"message": "Bad credentials"})]
    with pytest.raises(RefusedError, match="Bad credentials") as caught:
        post_comment(api, THREAD, SECTION, report("new"))
    assert "GITHUB_TOKEN" in caught.value.hint


def test_a_report_fills_the_comment_and_no_more(github, api):
    post_comment(api, THREAD, SECTION, report("x" * 100_000))
    assert len(github.comments[0]["body"]) == LIMIT


def test_what_is_too_long_all_the_same_is_written_shorter(github, api):
    github.most_characters = 9_000
    post_comment(api, THREAD, SECTION, report("x" * 100_000))
    assert len(github.comments[0]["body"]) == 8_000
    assert github.comments[0]["body"].endswith(MARKER)


def test_what_is_always_too_long_is_given_up(github, api):
    github.most_characters = 10
    with pytest.raises(GithubError, match="too long"):
        post_comment(api, THREAD, SECTION, report("x" * 100_000))
    assert github.comments == []


@pytest.mark.parametrize(
    ("status", "headers", "body", "waited"),
    [
        (429, {"Retry-After": "7"}, {}, 7.0),
        (403, {"Retry-After": "12"}, LIMITED, 12.0),
        (429, {"Retry-After": "0"}, {}, 1.0),
        (403, {}, LIMITED, 60.0),
        (429, {}, {}, 60.0),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767225630"}, {"message": "API rate limit"}, 31.0),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rate_limits_are_waited_for(github, api, waits, method, status, headers, body, waited):
    github.faults.append(Fault(method, "/comments", status, body, headers))
    assert post_comment(api, THREAD, SECTION, report("new")).done == "created"
    assert waits == [waited, SETTLING]
    assert len(github.comments) == 1


def test_a_rate_limit_of_an_hour_is_not_waited_for(github, api, waits):
    github.faults.append(Fault("POST", "/comments", 403, LIMITED, {"Retry-After": "3600"}))
    with pytest.raises(GithubError, match="3600 s"):
        post_comment(api, THREAD, SECTION, report("new"))
    assert waits == []


def test_limits_after_limits_end_in_the_end(github, api, waits):
    github.faults += [Fault("GET", "/comments", 429, {}, {"Retry-After": "50"}) for _ in range(99)]
    with pytest.raises(GithubError, match="rate limit"):
        post_comment(api, THREAD, SECTION, report("new"))
    assert sum(waits) == 150


def test_a_limit_that_asks_for_no_wait_is_not_asked_for_ever(github, api, waits):
    github.faults += [Fault("GET", "/comments", 429, {}, {"Retry-After": "0"}) for _ in range(300)]
    with pytest.raises(GithubError, match="rate limit"):
        post_comment(api, THREAD, SECTION, report("new"))
    assert sum(waits) == 180


def test_a_token_of_an_app_or_a_person_finds_its_own_comments(github, api):
    github.login = "octocat"
    github.add_comment(f"old\n\n{MARKER}", "github-actions[bot]")
    mine = github.add_comment(f"old\n\n{MARKER}")
    post_comment(api, THREAD, SECTION, report("new"))
    assert mine["body"] == f"new\n\n{MARKER}"
    assert len(github.comments) == 2


def test_where_nobody_says_who_the_token_is_it_is_taken_for_that_of_a_job(github, api):
    own = github.add_comment(f"old\n\n{MARKER}", "github-actions[bot]")
    github.faults.append(Fault("POST", "graphql", 403, {"message": "Resource not accessible by integration"}))
    post_comment(api, THREAD, SECTION, report("new"))
    assert own["body"] == f"new\n\n{MARKER}"


def test_where_the_question_who_one_is_fails_nothing_is_written(github, api):
    github.faults += [Fault("POST", "graphql", 502) for _ in range(9)]
    with pytest.raises(UncertainError):
        post_comment(api, THREAD, SECTION, report("new"))
    assert writes(github) == []


def test_every_request_has_the_token_and_names_the_version(github, api):
    post_comment(api, THREAD, SECTION, report("new"))
    for asked in github.asked:
        assert asked.headers["authorization"] == "Bearer a-secret-token"
        assert asked.headers["x-github-api-version"] == "2022-11-28"


def test_a_netrc_file_does_not_replace_the_token(github, api, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    post_comment(api, THREAD, SECTION, report("new"))
    assert {asked.headers["authorization"] for asked in github.asked} == {"Bearer a-secret-token"}


def test_the_token_follows_no_redirect(github, api):
    github.faults.append(Fault("GET", "/comments", 301, {}, {"Location": f"{github.url}/elsewhere"}))
    with pytest.raises(RefusedError, match="301"):
        post_comment(api, THREAD, SECTION, report("new"))
    assert not any(asked.path == "/elsewhere" for asked in github.asked)


@pytest.mark.parametrize("answer", [{"message": "a page of a proxy"}, "text", ["text"], 5, None])
def test_an_answer_that_is_no_list_is_never_taken_for_an_empty_one(github, api, answer):
    github.faults.append(Fault("GET", "/comments", 200, answer))
    with pytest.raises(GithubError, match="no list"):
        post_comment(api, THREAD, SECTION, report("new"))
    assert writes(github) == []


def test_a_post_that_times_out_is_looked_for_before_it_is_repeated(github, waits):
    github.faults += [
        Fault("GET", "/comments", 200, {}, delay=60.0),
        Fault("POST", "/comments", 201, done=True, delay=60.0),
    ]
    with requests.Session() as session:
        impatient = Api(session, github.url, "a-secret-token", Patience(waits.sleep, waits.now, answer=0.3))
        posted = post_comment(impatient, THREAD, SECTION, report("new"))
    assert posted.done == "unchanged"
    assert len(github.comments) == 1
    assert writes(github) == ["POST"]


def test_an_older_run_says_nothing_once_a_newer_one_has_reported(github, api, waits):
    newer = github.add_comment(f"newer\n\n{section('a.toml', '', '2' * 40, 82).marker}")
    posted = post_comment(api, THREAD, section("a.toml", "", "1" * 40, 81, 9), report("older"))
    assert (posted.done, posted.url) == ("superseded", newer["html_url"])
    posted = post_comment(api, THREAD, section("b.toml", "", "1" * 40, 81), report("older"))
    assert posted.done == "superseded", "the newest run is about another commit"
    assert writes(github) == waits == []


def test_what_is_posted_by_hand_counts(github, api):
    github.add_comment(f"of a job\n\n{section('a.toml', 'gate', '1' * 40, 82).marker}")
    assert post_comment(api, THREAD, section("a.toml", "gate", "2" * 40), report("by hand")).done == "edited"
    assert bodies(github) == [f"by hand\n\n{section('a.toml', 'gate', '2' * 40, 82).marker}"]


def test_only_an_older_report_is_replaced_where_there_is_nothing_new_to_say(github, api):
    for own in ([], [section("b.toml", run=1)]):
        for one in own:
            github.add_comment(f"slower\n\n{one.marker}")
        posted = post_comment(api, THREAD, section("a.toml", run=2), report("not measured"), replacing=True)
        assert posted.done == "not needed"
    assert writes(github) == []
    posted = post_comment(api, THREAD, section("b.toml", run=2), report("not measured"), replacing=True)
    assert (posted.done, bodies(github)) == ("edited", [f"not measured\n\n{section('b.toml', run=2).marker}"])


def test_after_a_rate_limit_the_comment_is_read_again_before_it_is_edited(github, api, waits):
    own = github.add_comment(f"old\n\n{section('a.toml', run=1).marker}")
    github.faults.append(Fault("PATCH", "/comments/", 429, {}, {"Retry-After": "7"}))
    theirs = f"theirs\n\n{section('b.toml', run=2).marker}"
    waits.sleep = lambda seconds: (waits.append(seconds), own.update(body=theirs)) if seconds == 7.0 else None
    post_comment(api_of(github, waits), THREAD, section("a.toml", run=2), report("new"))
    (body,) = bodies(github)
    assert "theirs" in body
    assert "new" in body


def api_of(github, waits):
    """Another way to the fake, for waits that do something."""
    return Api(requests.Session(), github.url, "a-secret-token", Patience(waits.sleep, waits.now))


def test_after_a_long_list_the_comment_is_read_again_before_it_is_edited(github, api, waits):
    own = github.add_comment(f"old\n\n{section('a.toml', run=1).marker}")
    carry_out = github.answer

    def slowly(asked):
        status, body, headers, delay = carry_out(asked)
        if asked.path.endswith("/7/comments") and not writes(github):
            body = [dict(one) for one in body]
            own["body"] = f"theirs\n\n{section('b.toml', run=2).marker}"
            waits.append(1.5)
        return status, body, headers, delay

    github.answer = slowly
    post_comment(api, THREAD, section("a.toml", run=2), report("new"))
    assert [asked.method for asked in github.asked if asked.path.endswith(f"/{own['id']}")] == ["GET", "PATCH"]
    (body,) = bodies(github)
    assert "theirs" in body
    assert "new" in body
