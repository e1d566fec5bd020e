"""The events that GitHub gives as examples, each kind of them that a gate is started by."""

import pytest

from perfgate.github.event import event_of
from tests.support.npm import examples

pytestmark = pytest.mark.workflows


def environment(name, **more):
    return {"GITHUB_EVENT_NAME": name, "GITHUB_REPOSITORY": "octo/pets", "GITHUB_SHA": "5" * 40, **more}


def test_every_pull_request_is_understood():
    for payload in examples("pull_request"):
        pull = payload["pull_request"]
        event = event_of(payload, environment("pull_request", GITHUB_REF=f"refs/pull/{pull['number']}/merge"))
        found = event.pull_request
        assert (found.number, found.draft, found.from_fork) == (pull["number"], pull["draft"], False)
        assert (found.head_branch, found.head_commit) == (pull["head"]["ref"], pull["head"]["sha"])
        assert (event.base_branch, event.base_commit) == (pull["base"]["ref"], pull["base"]["sha"])


def test_there_are_drafts_among_them():
    drafts = [payload for payload in examples("pull_request") if payload["pull_request"]["draft"]]
    assert drafts
    assert event_of(drafts[0], environment("pull_request")).pull_request.draft


def test_a_fork_and_a_deleted_head_repository_are_told_apart_from_a_branch():
    payload = examples("pull_request")[0]
    pull, head = payload["pull_request"], payload["pull_request"]["head"]
    strangers = {**head, "repo": {**head["repo"], "full_name": "stranger/Hello-World", "fork": True}}
    for changed, repository in ((strangers, "stranger/Hello-World"), ({**head, "repo": None}, "")):
        found = event_of(
            {**payload, "pull_request": {**pull, "head": changed}}, environment("pull_request")
        ).pull_request
        assert (found.from_fork, found.head_repository) == (True, repository)


def test_every_push_is_understood():
    for payload in examples("push"):
        event = event_of(payload, environment("push", GITHUB_REF=payload["ref"]))
        assert event.pull_request is None
        assert event.branch == payload["ref"].removeprefix("refs/heads/")
        assert event.base_commit == ("" if payload["created"] else payload["before"])


def test_every_merge_group_is_understood():
    for payload in examples("merge_group"):
        group = payload["merge_group"]
        event = event_of(payload, environment("merge_group", GITHUB_REF=group["head_ref"]))
        assert (event.base_commit, event.base_branch) == (
            group["base_sha"],
            group["base_ref"].removeprefix("refs/heads/"),
        )


def test_every_dispatch_is_understood():
    for payload in examples("workflow_dispatch"):
        event = event_of(payload, environment("workflow_dispatch", GITHUB_REF=payload["ref"]))
        assert (event.pull_request, event.base_commit) == (None, "")


def test_every_workflow_run_is_understood():
    for payload in examples("workflow_run"):
        run = payload["workflow_run"]
        found = event_of(payload, environment("workflow_run")).workflow_run
        assert (found.event, found.head_branch, found.head_commit) == (
            run["event"],
            run["head_branch"],
            run["head_sha"],
        )
        assert (found.conclusion, found.url) == (run["conclusion"] or "", run["html_url"])
        assert found.head_repository == run["head_repository"]["full_name"]
