"""Every request passes a proxy that holds it, and the answers of our fake, against GitHub's own description."""

import json
import re
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from perfgate.errors import GithubError
from perfgate.github.api import Api, Patience
from perfgate.github.comment import Thread, post_comment
from perfgate.github.event import UNKNOWN_RUN, WorkflowRun
from perfgate.github.issues import Issue, IssueText, Tracker, close_issue, edit_issue, open_issue, own_issues
from perfgate.github.labels import MeasuredPull, read_label
from perfgate.github.pulls import find_pull_request, newer_commit
from perfgate.github.reruns import GateRuns, run_again
from perfgate.github.sections import Section
from perfgate.testing import FakeGitHub, Fault
from perfgate.testing.github_commits import FakeCommits
from perfgate.testing.github_issues import FakeIssues
from perfgate.testing.github_labels import FakeLabels
from perfgate.testing.github_runs import FakeRuns
from tests.support.npm import examples, module

pytestmark = pytest.mark.workflows

SECTION = Section(Path("perfgate.toml"), "", "", UNKNOWN_RUN)
PATHS = (
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    "/repos/{owner}/{repo}/pulls",
    "/repos/{owner}/{repo}/pulls/{pull_number}",
    "/repos/{owner}/{repo}/pulls/{pull_number}/commits",
    "/repos/{owner}/{repo}/issues/{issue_number}/events",
    "/repos/{owner}/{repo}/activity",
    "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs",
    "/repos/{owner}/{repo}/issues",
    "/repos/{owner}/{repo}/issues/{issue_number}",
    "/repos/{owner}/{repo}/collaborators/{username}/permission",
)


def described(paths):
    """GitHub's description, as far as it is about these paths: a proxy with all 800 of them takes a minute to start."""
    whole = json.loads(module("@octokit/openapi/generated/api.github.com.json").read_text())
    part = {"paths": {path: whole["paths"][path] for path in paths}}
    wanted = ["paths"]
    kept = {}
    text = json.dumps(part)
    while wanted:
        wanted = [name for name in set(re.findall(r'"#/components/([^"]+)"', text)) if name not in kept]
        for name in wanted:
            kind, _, key = name.partition("/")
            kept[name] = whole["components"][kind][key]
        text = json.dumps([kept[name] for name in wanted])
    components: dict[str, Any] = {}
    for name, value in kept.items():
        kind, _, key = name.partition("/")
        components.setdefault(kind, {})[key] = value
    return {"openapi": whole["openapi"], "info": whole["info"], **part, "components": components}


@pytest.fixture(scope="module")
def behind():
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def github(behind):
    """The fake, with nothing in it."""
    for kept in (behind.comments, behind.pulls, behind.faults, behind.asked):
        kept.clear()
    behind.runs = FakeRuns(behind.repository)
    behind.labels = FakeLabels(behind.repository, behind.number)
    behind.commits = FakeCommits(behind.repository, behind.number)
    behind.issues = FakeIssues(behind.repository, behind.login)
    behind.most_characters = 65_536
    return behind


@pytest.fixture(scope="module")
def proxy(behind, tmp_path_factory):
    """The address of prism before the fake: what breaks the description, on either side, is an error."""
    folder = tmp_path_factory.mktemp("prism")
    description = folder / "github.json"
    description.write_text(json.dumps(described(PATHS)))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [module(".bin/prism"), "proxy", "--errors", "--port", str(port), description, behind.url]
    with (folder / "prism.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, process, folder / "prism.log")
        yield url
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def proxied(github, proxy, monkeypatch):
    with requests.Session() as session:
        api = Api(session, proxy, "a-token", Patience(lambda _: None, time.time))
        # Who the token belongs to is asked of GraphQL, which the description is not about.
        undescribed = Api(session, github.url, "a-token", Patience(time.sleep, time.time))
        monkeypatch.setattr(api, "viewer", undescribed.viewer)
        github.asked.clear()
        yield api


def wait_for(url, process, log):
    for _ in range(300):
        try:
            requests.get(f"{url}/repos/octo/pets/pulls", timeout=5, headers={"Authorization": "Bearer t"})
            return
        except requests.RequestException:  # a slow start, too
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def test_comments_are_listed_made_and_edited_as_described(github, proxied):
    for number in range(120):
        github.add_comment(f"chat {number}", "someone")
    thread = Thread("octo/pets", 7)
    assert post_comment(proxied, thread, SECTION, lambda limit: "slower").done == "created"
    assert post_comment(proxied, thread, SECTION, lambda limit: "as before").done == "edited"
    assert [asked.method for asked in github.asked if asked.path != "/graphql"] == [
        *["GET"] * 2,
        "POST",
        *["GET"] * 2,  # whether it stands, and alone
        *["GET"] * 2,
        "PATCH",
        *["GET"] * 2,
    ]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("GET", "/comments", 404, {"message": "Not Found"}), "404"),
        (Fault("POST", "/comments", 403, {"message": "Resource not accessible by integration"}), "403"),
        (Fault("POST", "/comments", 422, {"message": "Validation Failed", "documentation_url": "https://docs"}), "422"),
        (Fault("POST", "/comments", 410, {"message": "Gone"}), "410"),
    ],
)
def test_refusals_are_as_described(github, proxied, fault, said):
    github.faults.append(fault)
    with pytest.raises(GithubError, match=said):
        post_comment(proxied, Thread("octo/pets", 7), SECTION, lambda limit: "slower")


def test_a_body_that_is_too_long_is_refused_as_described(github, proxied):
    github.most_characters = 9_000
    post_comment(proxied, Thread("octo/pets", 7), SECTION, lambda limit: "x" * limit)
    assert len(github.comments[0]["body"]) == 8_000


def test_pull_requests_are_listed_as_described(github, proxied):
    # Events leave out what only the interface says.
    like = {**examples("pull_request")[0]["pull_request"], "auto_merge": None}
    github.add_pull(7, "stranger/pets", "slow-path", "9" * 40, rest=like)
    run = WorkflowRun("pull_request", UNKNOWN_RUN, "failure", "", "stranger/pets", "slow-path", "9" * 40)
    assert find_pull_request(proxied, "octo/pets", run) == 7


def test_the_commits_of_a_pull_request_are_listed_as_described(github, proxied):
    like = {**examples("pull_request")[0]["pull_request"], "auto_merge": None}
    github.add_pull(7, "stranger/pets", "slow-path", "9" * 40, rest=like)
    github.commits.add("8" * 40, "9" * 40)
    assert newer_commit(proxied, "octo/pets", 7, "8" * 40) == "9" * 40


def test_who_put_a_label_there_and_when_is_asked_as_described(github, proxied):
    like = {**examples("pull_request")[0]["pull_request"], "auto_merge": None}
    github.add_pull(7, "stranger/pets", "slow-path", "9" * 40, rest=like)
    github.labels.push("stranger/pets", "slow-path", "9" * 40, 1_767_225_600.0)
    github.labels.roles["maria"] = "write"
    github.labels.put("perfgate: accepted", "maria", 1_767_225_660.0)
    found = read_label(proxied, MeasuredPull("octo/pets", 7, "9" * 40), "perfgate: accepted")
    assert (found.by, found.put_at) == ("maria", 1_767_225_660.0)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/permission", 404), ("/activity", 422), ("/events", 410), ("/events", 403), ("/pulls/7", 404)],
)
def test_what_is_refused_of_a_label_is_as_described(github, proxied, path, status):
    like = {**examples("pull_request")[0]["pull_request"], "auto_merge": None}
    github.add_pull(7, "stranger/pets", "slow-path", "9" * 40, rest=like)
    github.labels.put("perfgate: accepted", "maria", 1_767_225_660.0)
    github.labels.roles["maria"] = "write"
    github.labels.push("stranger/pets", "slow-path", "9" * 40, 1_767_225_600.0)
    github.faults.append(Fault("GET", path, status, {"message": "No", "documentation_url": "https://docs"}))
    with pytest.raises(GithubError, match=str(status)):
        read_label(proxied, MeasuredPull("octo/pets", 7, "9" * 40), "perfgate: accepted")


def test_a_run_is_found_and_started_again_as_described(github, proxied):
    plain = examples("workflow_run")[0]["workflow_run"]
    github.runs.add(81, "perfgate.yml", "9" * 40, "failure", rest=plain)
    runs = GateRuns("octo/pets", "perfgate.yml", "9" * 40)
    assert run_again(proxied, runs, True, print).done == "started"
    assert run_again(proxied, runs, False, print).done == "started"
    assert github.runs.again == [(81, "rerun-failed-jobs"), (81, "rerun")]


def test_issues_are_listed_opened_edited_and_closed_as_described(github, proxied):
    tracker = Tracker("octo/pets", "perfgate.toml")
    text = IssueText("Slower since 1a2b3c4", lambda limit: "slower", "m1")
    assert open_issue(proxied, tracker, text, lambda issue: True).done == "created"
    (issue,) = own_issues(proxied, tracker, 1_767_225_600.0)
    newer = IssueText("Slower since 1a2b3c4", lambda limit: "slower still", "m2")
    assert edit_issue(proxied, tracker, issue, newer).done == "edited"
    (issue,) = own_issues(proxied, tracker, 1_767_225_600.0)
    assert close_issue(proxied, tracker, issue, "The level is back.").done == "closed"
    assert github.issues.open == []


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("GET", 404),
        ("GET", 422),
        ("POST", 403),
        ("POST", 404),
        ("POST", 410),
        ("POST", 422),
        ("PATCH", 403),
        ("PATCH", 410),
    ],
)
def test_refusals_of_issues_are_as_described(github, proxied, method, status):
    tracker = Tracker("octo/pets", "perfgate.toml")
    issue = Issue(github.issues.add("t", "b")["number"], "", True, False, "b", "m1")
    text = IssueText("t", lambda limit: "newer", "m1")
    asked = {
        "GET": lambda: own_issues(proxied, tracker, 0.0),
        "POST": lambda: open_issue(proxied, tracker, text, lambda issue: True),
        "PATCH": lambda: edit_issue(proxied, tracker, issue, text),
    }
    github.faults.append(Fault(method, "/issues", status, {"message": "No", "documentation_url": "https://docs"}))
    with pytest.raises(GithubError, match=str(status)):
        asked[method]()


def test_the_proxy_refuses_what_is_not_described(github, proxied):
    with pytest.raises(GithubError):
        proxied.post("/repos/octo/pets/issues/7/comments", "comment", {"text": "no body"})
    assert github.comments == []


def test_the_question_who_one_is_fits_the_schema_of_graphql(github, proxied):
    proxied.viewer()
    query = github.asked[-1].body["query"]
    script = (
        "import {validate} from '@octokit/graphql-schema';"
        "console.log(JSON.stringify(validate(process.argv[1]).map(String)))"
    )
    command = ["node", "--input-type=module", "-e", script, query]
    folder = module("@octokit/graphql-schema").parents[2]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
