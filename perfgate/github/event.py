"""The event that started an Actions job: which pull request, which branches, which commits."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfgate.errors import UsageError

# GitHub caps a webhook's payload at 25 MB.
_MOST_BYTES = 25_000_000
_NO_COMMIT = "0" * 40
_BRANCH = "refs/heads/"
_DIGITS = re.compile(r"[0-9]{1,18}")

_HINT = "GitHub Actions sets GITHUB_EVENT_PATH and GITHUB_REPOSITORY; outside of it, unset GITHUB_ACTIONS"


@dataclass(frozen=True, order=True)
class RunNumber:
    """Which of two runs of workflows began later: the one with the higher id, or the later attempt at the same.

    id: GITHUB_RUN_ID.
    attempt: GITHUB_RUN_ATTEMPT, from 1 on.
    """

    id: int
    attempt: int


UNKNOWN_RUN = RunNumber(0, 0)
"""Older than every other."""


@dataclass(frozen=True)
class PullRequest:
    """One pull request as its event has it.

    number: its number in the repository.
    head_repository: "owner/name"; "" where it was deleted.
    head_branch: the branch that it comes from.
    head_commit: the tip of that branch, which people know; not the merge that Actions checks out.
    base_branch: the branch that it goes to.
    base_commit: the tip of that branch when the event was sent.
    draft: whether it is a draft.
    from_fork: whether its code comes from another repository.
    labels: the names of its labels when the event was sent.
    """

    number: int
    head_repository: str
    head_branch: str
    head_commit: str
    base_branch: str
    base_commit: str
    draft: bool
    from_fork: bool
    labels: tuple[str, ...]


@dataclass(frozen=True)
class WorkflowRun:
    """The run of another workflow that has ended: the untrusted half.

    event: the event that started it.
    number: of the run.
    conclusion: how it ended, such as "success" or "failure"; "" where the event does not say.
    url: its page.
    head_repository: "owner/name" of the repository that it ran for.
    head_branch, head_commit: the code that it ran on.
    """

    event: str
    number: RunNumber
    conclusion: str
    url: str
    head_repository: str
    head_branch: str
    head_commit: str


@dataclass(frozen=True)
class Event:
    """The event that started a job.

    name: as in GITHUB_EVENT_NAME.
    action: what happened, such as "opened" or "labeled"; "" where the event has no such word.
    repository: "owner/name".
    commit: GITHUB_SHA.
    branch: the branch that is measured, without refs/heads/.
    base_branch, base_commit: of the pull request or the push; "" where there is none.
    pull_request: None where the event is about none.
    workflow_run: None where the event is about none.
    """

    name: str
    action: str
    repository: str
    commit: str
    branch: str
    base_branch: str
    base_commit: str
    pull_request: PullRequest | None
    workflow_run: WorkflowRun | None


def read_event(environment: Mapping[str, str]) -> Event | None:
    """The event of the job that this runs in; None outside of GitHub Actions. UsageError where it cannot be read."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return None
    repository = environment.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise UsageError("GITHUB_REPOSITORY is not set", _HINT)
    return event_of(_payload(environment.get("GITHUB_EVENT_PATH", "")), environment)


def _payload(path: str) -> Mapping[str, Any]:
    try:
        with Path(path).open("rb") as file:
            plain = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"the event file {path or '(not set)'} cannot be read: {error}", _HINT) from None
    if not isinstance(plain, dict):
        raise UsageError(f"the event file {path} holds no JSON object", _HINT)
    return plain


def run_url(environment: Mapping[str, str]) -> str:
    """Where people see the run of the workflow that this is a job of; "" where that is unknown."""
    parts = [environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else ""


def run_number(environment: Mapping[str, str]) -> RunNumber:
    """The run of the workflow that this is a job of; UNKNOWN_RUN outside of one."""
    return _run_number(environment.get("GITHUB_RUN_ID"), environment.get("GITHUB_RUN_ATTEMPT"))


def _run_number(number: object, attempt: object) -> RunNumber:
    """As an event or the environment has them. An attempt that nobody names is the first."""
    found, tried = str(number), str(attempt)
    if not _DIGITS.fullmatch(found):
        return UNKNOWN_RUN
    return RunNumber(int(found), int(tried) if _DIGITS.fullmatch(tried) else 1)


def event_of(payload: Mapping[str, Any], environment: Mapping[str, str]) -> Event:
    """The event that `payload` describes. environment: GITHUB_EVENT_NAME, GITHUB_REPOSITORY, GITHUB_SHA, GITHUB_REF."""
    name = environment.get("GITHUB_EVENT_NAME", "")
    pull_request = _pull_request(payload) if name in ("pull_request", "pull_request_target") else None
    branch = environment.get("GITHUB_REF", "").removeprefix(_BRANCH)
    base_branch = base_commit = ""
    if pull_request is not None:
        branch, base_branch = pull_request.head_branch, pull_request.base_branch
        base_commit = pull_request.base_commit
    elif name == "merge_group":
        base_branch = _text(payload, "merge_group", "base_ref").removeprefix(_BRANCH)
        base_commit = _text(payload, "merge_group", "base_sha")
    elif name == "push" and _text(payload, "before") != _NO_COMMIT:
        base_branch, base_commit = branch, _text(payload, "before")
    return Event(
        name=name,
        action=_text(payload, "action"),
        repository=environment.get("GITHUB_REPOSITORY", ""),
        commit=environment.get("GITHUB_SHA", ""),
        branch=branch,
        base_branch=base_branch,
        base_commit=base_commit,
        pull_request=pull_request,
        workflow_run=_workflow_run(payload) if name == "workflow_run" else None,
    )


def _pull_request(payload: Mapping[str, Any]) -> PullRequest:
    number = _at(payload, "pull_request", "number")
    if not isinstance(number, int):
        raise UsageError("the event file has no pull request with a number", _HINT)
    head_repository = _text(payload, "pull_request", "head", "repo", "full_name")
    return PullRequest(
        number=number,
        head_repository=head_repository,
        head_branch=_text(payload, "pull_request", "head", "ref"),
        head_commit=_text(payload, "pull_request", "head", "sha"),
        base_branch=_text(payload, "pull_request", "base", "ref"),
        base_commit=_text(payload, "pull_request", "base", "sha"),
        draft=_at(payload, "pull_request", "draft") is True,
        labels=tuple(_text(label, "name") for label in _list(payload, "pull_request", "labels")),
        from_fork=head_repository != _text(payload, "pull_request", "base", "repo", "full_name"),
    )


def _workflow_run(payload: Mapping[str, Any]) -> WorkflowRun:
    return WorkflowRun(
        event=_text(payload, "workflow_run", "event"),
        number=_run_number(_at(payload, "workflow_run", "id"), _at(payload, "workflow_run", "run_attempt")),
        conclusion=_text(payload, "workflow_run", "conclusion"),
        url=_text(payload, "workflow_run", "html_url"),
        head_repository=_text(payload, "workflow_run", "head_repository", "full_name"),
        head_branch=_text(payload, "workflow_run", "head_branch"),
        head_commit=_text(payload, "workflow_run", "head_sha"),
    )


def _text(payload: Any, *keys: str) -> str:
    found = _at(payload, *keys)
    return found if isinstance(found, str) else ""


def _list(payload: Any, *keys: str) -> list[Any]:
    found = _at(payload, *keys)
    return found if isinstance(found, list) else []


def _at(payload: Any, *keys: str) -> Any:
    """What lies at the end of these keys; None where any of them is missing or null."""
    for key in keys:
        payload = payload.get(key) if isinstance(payload, dict) else None
    return payload
