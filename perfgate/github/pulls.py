"""Pull requests: which one another workflow measured, and which commit is the newest of one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from perfgate.errors import UsageError
from perfgate.github.api import Api, RefusedError
from perfgate.github.event import WorkflowRun


def find_pull_request(api: Api, repository: str, run: WorkflowRun, base_branch: str = "") -> int | None:
    """The number of the open pull request whose tip is what `run` ran on; None where there is none, or none any more.

    base_branch: of the result, which tells apart those that take one branch to several; "" where it is not known.
    UsageError where that does not tell them apart.

    For a fork GitHub leaves `workflow_run.pull_requests` empty. The head's repository, branch and commit come from
    GitHub itself; an artifact of the run could name any pull request.
    """
    owner = run.head_repository.partition("/")[0]
    if not owner or not run.head_branch or not run.head_commit:
        return None
    query = {"state": "open", "head": f"{owner}:{run.head_branch}"}
    pulls = api.pages(f"/repos/{repository}/pulls", "list the pull requests", query)
    found = [pull for pull in pulls if _is_head(pull.get("head"), run) and isinstance(pull.get("number"), int)]
    if len(found) > 1:
        found = [pull for pull in found if _base_of(pull) == base_branch] or found
    if len(found) > 1:
        numbers = " and ".join(f"#{pull['number']}" for pull in found)
        raise UsageError(
            f"{numbers} all propose {run.head_commit[:7]}, and the result does not say which of them it is of",
            "name one with --pull-request N",
        )
    return found[0]["number"] if found else None


def newest_commit(api: Api, repository: str, number: int) -> str:
    """The tip of a pull request's branch by now; "" where the token may not know."""
    try:
        head = api.get(f"/repos/{repository}/pulls/{number}", "look at the pull request").get("head")
    except RefusedError:
        return ""
    commit = head.get("sha") if isinstance(head, dict) else None
    return commit if isinstance(commit, str) else ""


def newer_commit(api: Api, repository: str, number: int, measured: str) -> str:
    """The tip of a pull request where an older commit of it was measured; "" where none is known to be newer.

    A commit that is not among those of the pull request is none of these: another CI may have merged it by itself.
    """
    newest = newest_commit(api, repository, number)
    if newest in ("", measured):
        return ""
    with suppress(RefusedError):
        listed = api.pages(f"/repos/{repository}/pulls/{number}/commits", "list the commits of the pull request")
        return newest if any(commit.get("sha") == measured for commit in listed) else ""
    return ""


def _base_of(pull: dict[str, Any]) -> Any:
    base = pull.get("base")
    return base.get("ref") if isinstance(base, dict) else None


def _is_head(head: Any, run: WorkflowRun) -> bool:
    if not isinstance(head, dict) or not isinstance(head.get("repo"), dict):
        return False
    found = (head["repo"].get("full_name"), head.get("ref"), head.get("sha"))
    return found == (run.head_repository, run.head_branch, run.head_commit)
