"""The events that start the workflows: GitHub's own examples, with our repository, branches and commits in them."""

from tests.support.forge import OWNER
from tests.support.npm import examples

NUMBER = 7


def repository(full_name=OWNER):
    """What an event says of a repository."""
    plain = examples("push")[0]["repository"]
    owner, name = full_name.split("/")
    whose = {**plain["owner"], "login": owner, "name": owner}
    return {**plain, "full_name": full_name, "name": name, "owner": whose, "default_branch": "main"}


def pull_request(base, head, fork=None):
    """A pull request of branch `change` onto main; base, head: commits. fork: the repository it comes from."""
    plain = next(one for one in examples("pull_request") if one["action"] == "synchronize")
    owner = (fork or OWNER).split("/")[0]
    sides = {
        "base": {**plain["pull_request"]["base"], "ref": "main", "sha": base, "repo": repository()},
        "head": {
            **plain["pull_request"]["head"],
            "label": f"{owner}:change",
            "ref": "change",
            "sha": head,
            "repo": {**repository(fork or OWNER), "fork": fork is not None},
        },
    }
    pull = {**plain["pull_request"], **sides, "number": NUMBER, "draft": False}
    return {**plain, "number": NUMBER, "pull_request": pull, "repository": repository()}


def labelled(event, name):
    """The pull request of an event gets a label."""
    plain = next(one for one in examples("pull_request") if one["action"] == "labeled")
    return {**event, "action": "labeled", "label": {**plain["label"], "name": name}}


def push(before, after):
    """A push to main."""
    plain = examples("push")[0]
    changed = {"ref": "refs/heads/main", "before": before, "after": after, "created": False, "deleted": False}
    return {**plain, **changed, "repository": repository()}


def merge_group(base, head):
    """A merge queue asks for the checks of the commit `head`, which it is about to make main of `base`."""
    plain = examples("merge_group")[0]
    ref = f"refs/heads/gh-readonly-queue/main/pr-{NUMBER}-{base}"
    group = {**plain["merge_group"], "head_sha": head, "head_ref": ref, "base_sha": base, "base_ref": "refs/heads/main"}
    return {**plain, "merge_group": group, "repository": repository()}


def workflow_dispatch(branch):
    """Somebody pressed the button for a branch."""
    return {**examples("workflow_dispatch")[0], "inputs": {}, "ref": f"refs/heads/{branch}", "repository": repository()}


def workflow_run(run, head, fork, conclusion):
    """The run with this id, which a pull request of a fork started, has ended."""
    plain = next(one for one in examples("workflow_run") if one["action"] == "completed")
    changed = {
        "id": run,
        "name": "perfgate",
        "event": "pull_request",
        "conclusion": conclusion,
        "head_branch": "change",
        "head_sha": head,
        "head_repository": {**plain["workflow_run"]["head_repository"], "full_name": fork, "fork": True},
        "pull_requests": [],
    }
    ended = {**plain["workflow_run"], **changed}
    return {**plain, "workflow_run": ended, "repository": repository()}
