"""`perfgate trend --issue`: after every run of the default branch, on a GitHub of this machine."""

import json
import math
import random
import subprocess
from contextlib import closing
from dataclasses import replace

import pytest

from perfgate.exchange.importing.assembling import TESTBED as IMPORTED
from perfgate.github import issues
from perfgate.history.store import open_history
from perfgate.testing import SEEDED_TESTBED, FakeGitHub, Fault, seeded_run

HISTORY = "history/perfgate.db"
ONE = {"create_pet": {"POST /pet": 10.0}}


@pytest.fixture
def github(monkeypatch):
    monkeypatch.setattr(issues, "_PAUSE", 0.0)  # this one lists at once what was opened
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def branch(folder):
    """Runs of the default branch: branch(levels) appends one for each, in noise of about 2 %."""
    lots = random.Random(11)
    numbers = iter(range(1000))

    def add(levels, scenarios=ONE, **record):
        with closing(open_history(folder / HISTORY, create=True)) as history:
            for level in levels:
                number = next(numbers)
                change = level * math.exp(lots.gauss(0, 0.02)) - 1
                run = seeded_run(number, scenarios, rounds=2, requests_per_round=60, change=change)
                history.save_run(replace(run, record=replace(run.record, **record)))
        return number

    return add


@pytest.fixture
def issue(perfgate, github):
    """`perfgate trend --issue` as a job of the default branch calls it."""

    def call(*arguments, **more):
        variables = {
            "GITHUB_REPOSITORY": "octo/pets",
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": "ghs_a_token_that_nobody_should_see",
            **more,
        }
        done = perfgate("trend", "--issue", "--history", HISTORY, *arguments, **variables)
        assert "ghs_a_token" not in done.out + done.err
        return done

    return call


def commit_of(number):
    return seeded_run(number, rounds=1, requests_per_round=1).record.commit


def test_a_slowdown_is_one_issue_that_is_edited_and_closed_when_the_level_is_back(folder, branch, issue, github):
    branch([1.0] * 30)
    assert issue().code == 0
    assert github.issues.all == []
    for _ in range(6):
        branch([1.3])
        done = issue()
        assert done.code == 0, done.err
    (only,) = github.issues.all
    assert only["title"].startswith("Slower since ")
    assert commit_of(30)[:7] in only["body"]
    assert "perfgate bisect " in only["body"]
    assert "▲" in only["body"]
    assert "http_req_duration med" in only["body"]
    assert only["html_url"] in done.err
    assert issue().code == 0
    for _ in range(6):
        branch([1.0])
        assert issue().code == 0
    (only,) = github.issues.all
    assert only["state"] == "closed"
    (word,) = github.issues.comments[only["number"]]
    assert word["body"].startswith("✅ Closed: ")
    assert only["body"].startswith(word["body"])


OTHER = replace(SEEDED_TESTBED, id="9b1d07aa31c2f604")


def test_a_machine_that_is_gone_opens_no_issue(branch, issue, github):
    branch([1.0] * 30 + [1.3] * 5, testbed=OTHER)
    branch([1.0] * 60)
    assert issue().code == 0
    assert github.issues.all == []


def test_a_machine_that_is_gone_keeps_no_issue_open(branch, issue, github):
    for level in [1.0] * 30 + [1.3] * 5:
        branch([level])
        branch([level], testbed=OTHER)
    issue()
    assert len(github.issues.open) == 1
    branch([1.0] * 60)
    assert issue().code == 0
    (only,) = github.issues.all
    assert only["state"] == "closed"
    assert "no longer measured" in github.issues.comments[only["number"]][0]["body"]


def test_an_issue_about_a_scenario_that_has_another_name_now_is_closed(branch, issue, github):
    branch([1.0] * 30 + [1.3] * 5)
    issue()
    assert len(github.issues.open) == 1
    branch([1.3] * 40, scenarios={"create_a_pet": {"POST /pet": 10.0}})
    assert issue().code == 0
    (only,) = github.issues.all
    assert only["state"] == "closed"
    assert "none of its rows is measured any more" in github.issues.comments[only["number"]][0]["body"]
    assert issue().code == 0
    assert len(github.issues.all) == 1


def test_an_issue_that_somebody_closed_is_not_opened_again(branch, issue, github):
    branch([1.0] * 30 + [1.3] * 5)
    issue()
    github.issues.all[0]["state"] = "closed"
    branch([1.3] * 5)
    assert issue().code == 0
    assert len(github.issues.all) == 1
    assert github.issues.open == []


def test_a_second_slowdown_is_an_issue_of_its_own(branch, issue, github):
    branch([1.0] * 30 + [1.3] * 12)
    issue()
    branch([1.8] * 5)
    issue()
    assert len(github.issues.open) == 2


def test_what_got_faster_is_none(branch, issue, github):
    branch([1.0] * 30 + [0.7] * 6)
    assert issue().code == 0
    assert github.issues.all == []


def test_on_a_pull_request_nothing_is_done(folder, branch, issue, github):
    branch([1.0] * 30 + [1.5] * 6)
    done = issue(GITHUB_BASE_REF="main")
    assert done.code == 0
    assert "No issue: this is a pull request" in done.err
    assert github.asked == []


@pytest.mark.parametrize(
    ("status", "said"), [(401, "401"), (403, "issues: write"), (404, "404"), (410, "switched off"), (422, "422")]
)
def test_what_github_refuses_is_told_with_its_remedy(branch, issue, github, status, said):
    branch([1.0] * 30 + [1.5] * 6)
    github.faults.append(Fault("POST", "/issues", status, {"message": "No"}))
    done = issue()
    assert done.code == 2
    assert said in done.err
    assert "Change points" in done.out, "the trend is shown all the same"


def test_without_a_token_or_a_repository_it_says_so(branch, issue):
    branch([1.0] * 20)
    done = issue(GITHUB_TOKEN="")
    assert (done.code, "no token to keep issues with" in done.err) == (2, True)
    done = issue(GITHUB_REPOSITORY="")
    assert (done.code, "GITHUB_REPOSITORY" in done.err) == (2, True)


@pytest.mark.parametrize("arguments", [("create_pet",), ("--stat", "p(95)"), ("--branch", "x"), ("--limit", "3")])
def test_a_part_of_the_rows_is_refused_before_anything_is_read(perfgate, arguments):
    done = perfgate("trend", "--issue", *arguments)
    assert done.code == 2
    assert "--issue is about all that gates" in done.err


def test_an_issue_that_was_tampered_with_is_left_alone(branch, issue, github):
    branch([1.0] * 30)
    for word in ("nonsense", "eJw=", "x" * 5000):
        github.issues.add("odd", f"odd\n\n<!-- perfgate:issue perfgate.toml {word} -->")
    assert issue().code == 0
    assert len(github.issues.open) == 3


def test_the_trend_is_still_read_by_machines(branch, issue):
    branch([1.0] * 12)
    done = issue("--json", "-")
    assert {trend["stat"] for trend in json.loads(done.out)["trends"]} == {"med"}


@pytest.fixture
def pin(folder):
    """Pin a release in perfgate.toml; None for none."""
    configured = (folder / "perfgate.toml").read_text()

    def write(release):
        (folder / "perfgate.toml").write_text(f'release = "{release}"\n{configured}' if release else configured)

    return write


def of_releases(github, state="open"):
    return [one for one in github.issues.all if one["title"].startswith("Slower than ") and one["state"] == state]


CREEP = [1.015**run for run in range(40)]


def test_small_steps_since_a_pinned_release_add_up_to_one_issue(branch, issue, github, pin):
    pin(commit_of(2))
    branch(CREEP)
    assert issue().code == 0
    (release,) = of_releases(github)
    assert release["title"].startswith(f"Slower than {commit_of(2)}: ")
    assert f"perfgate bisect {commit_of(2)} {commit_of(39)} create_pet" in release["body"]
    assert issue().code == 0
    assert len(of_releases(github)) == 1
    branch([1.0] * 8)
    assert issue().code == 0
    assert release["state"] == "closed"
    assert "no row is worse" in release["body"]


def test_the_issue_of_a_release_stays_open_when_the_runs_since_it_are_pruned(perfgate, branch, issue, github, pin):
    pin(commit_of(2))
    branch([1.015 ** min(run, 12) for run in range(40)])
    issue()
    assert len(of_releases(github)) == 1
    assert perfgate("history", "prune", "--keep", "10", "--history", HISTORY).code == 0
    assert issue().code == 0
    assert len(of_releases(github)) == 1


def test_the_issue_of_a_release_stays_open_while_noise_may_hide_that_a_row_is_worse(branch, issue, github, pin):
    pin(commit_of(2))
    branch([*CREEP, *[1.11] * 5])
    assert issue().code == 0
    assert of_releases(github) == [], "no row is surely worse"
    branch([1.3] * 5)
    issue()
    branch([1.11] * 5)
    assert issue().code == 0
    assert len(of_releases(github)) == 1
    branch([1.03] * 5)
    assert issue().code == 0
    assert of_releases(github) == []


def test_what_perfgate_closed_is_opened_again_and_what_a_person_closed_is_not(branch, issue, github, pin):
    pin(commit_of(2))
    branch(CREEP)
    issue()
    branch([1.0] * 8)
    issue()
    assert of_releases(github) == []
    branch([1.5] * 8)
    issue()
    (release,) = of_releases(github)
    release["state"] = "closed"
    branch([1.6] * 2)
    assert issue().code == 0
    assert of_releases(github) == []


@pytest.mark.parametrize(
    ("now", "word"), [(commit_of(36), "another release is pinned: `"), (None, "no release is pinned"), ("v9", "`v9`")]
)
def test_the_issue_of_a_release_that_is_no_longer_pinned_is_closed(branch, issue, github, pin, now, word):
    pin(commit_of(2))
    branch(CREEP)
    issue()
    pin(now)
    branch([CREEP[-1]] * 3)
    assert issue().code == 0
    assert of_releases(github) == []
    (release,) = of_releases(github, "closed")
    assert word in github.issues.comments[release["number"]][0]["body"]


def test_runs_that_other_tools_measured_open_no_issue(branch, issue, github, pin):
    pin(commit_of(2))
    branch([1.0] * 30 + [1.5] * 8, testbed=IMPORTED)
    done = issue()
    assert (done.code, github.issues.all) == (0, [])
    assert "nothing got slower" in done.err


def test_on_machines_that_take_turns_a_slowdown_is_one_issue(branch, issue, github):
    machines = (SEEDED_TESTBED, SEEDED_TESTBED, replace(SEEDED_TESTBED, id="9b1d07aa31c2f604"))
    levels = [1.0] * 45 + [1.3] * 24
    for number, level in enumerate(levels):
        branch([level], testbed=machines[number % 3])
        if number > 45 and number % 3 == 0:
            assert issue().code == 0
    assert len(github.issues.all) == 1
    for machine in machines:
        assert f"({machine.id[:6]})" in github.issues.all[0]["body"], "it has the rows of each"


def test_what_github_refuses_for_one_issue_keeps_no_other_from_being_kept(branch, issue, github):
    branch([1.0] * 30 + [1.3] * 12 + [1.8] * 5)
    github.faults.append(Fault("POST", "/issues", 422, {"message": "Validation Failed"}))
    done = issue()
    assert (done.code, "422" in done.err) == (2, True)
    assert len(github.issues.open) == 1
    assert github.issues.open[0]["html_url"] in done.err


def git(folder, *arguments):
    command = ["git", "-C", folder, "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("own", [False, True])
def test_in_ci_the_runs_that_are_published_count_and_not_the_checkout(perfgate, folder, branch, github, own):
    if own:
        with (folder / "perfgate.toml").open("a") as file:
            file.write('[history]\nbranch = "perfgate-history"\n')
    remote = folder.parent / f"{folder.name}.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "perfgate.toml", "scenarios")
    git(folder, "commit", "--quiet", "--message", "First")
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "push", "--quiet", "origin", "main")
    branch([1.0] * 30 + [1.3] * 5)
    (folder / HISTORY).rename(folder / "measured.db")
    assert perfgate("history", "publish", "measured.db").code == 0
    job = {"CI": "true", "GITHUB_REF_NAME": "main", "GITHUB_REPOSITORY": "octo/pets", "GITHUB_TOKEN": "t"}
    done = perfgate("trend", "--issue", GITHUB_API_URL=github.url, **job)
    assert done.code == 0, done.err
    assert not (folder / HISTORY).exists(), "the checkout is as old as the job"
    assert len(github.issues.open) == 1
