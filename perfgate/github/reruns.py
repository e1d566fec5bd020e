"""The newest run of a workflow on a commit, run again once it has ended.

A job of it that has ended has looked at the labels already, however long the others go on; and GitHub starts nothing
again before all of a run has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from perfgate.errors import GithubError
from perfgate.github.api import Api, Item, RefusedError, UncertainError

_PRESS = "press re-run on the page of the run"
_PAUSE = 20.0
# A gate has 30 minutes in the workflow that init writes; the job that waits for it has 60.
_LONGEST = 45 * 60.0


@dataclass(frozen=True)
class Rerun:
    """What became of a run.

    url: its page; "" where there is none.
    done: "started" again; "green" where no job of it failed; "missing" where there was none.
    """

    url: str
    done: Literal["started", "green", "missing"]


@dataclass(frozen=True)
class GateRuns:
    """The runs of a workflow for the pull request with one commit.

    repository: "owner/name". workflow: its file. commit: the tip of the pull request's branch.
    """

    repository: str
    workflow: str
    commit: str


def run_again(api: Api, runs: GateRuns, failed: bool, waiting: Callable[[str], None]) -> Rerun:
    """Start the newest run again; where it still runs, once it has ended. GithubError where that takes too long.

    failed: only the jobs that failed. waiting: is told once, with the page of the run that is waited for.
    """
    try:
        run = _ended(api, runs, waiting)
        if run is None:
            return Rerun("", "missing")
        if failed and run.get("conclusion") == "success":
            return Rerun(_url(run), "green")
        jobs = "rerun-failed-jobs" if failed else "rerun"
        api.post(f"/repos/{runs.repository}/actions/runs/{run.get('id')}/{jobs}", f"run {runs.workflow} again", {})
    except RefusedError as error:
        raise GithubError(error.message, _hint(error)) from None
    except UncertainError as error:
        raise GithubError(error.message, f"if the gate does not run again, {_PRESS}") from None
    return Rerun(_url(run), "started")


def _ended(api: Api, runs: GateRuns, waiting: Callable[[str], None]) -> Item | None:
    """The newest run, once it has ended; None where there is none."""
    until = api.now() + _LONGEST
    run = _newest(api, runs)
    if run is not None and not _has_ended(run):
        waiting(_url(run))
    while run is not None and not _has_ended(run):
        if api.now() >= until:
            message = f"{runs.workflow} still runs after {_LONGEST / 60:.0f} minutes of waiting"
            raise GithubError(message, f"once it has ended, {_PRESS}: {_url(run)}")
        api.pause(_PAUSE)
        with suppress(UncertainError):  # asked again after the next pause
            run = _newest(api, runs)
    return run


def _newest(api: Api, runs: GateRuns) -> Item | None:
    query: dict[str, str | int] = {"event": "pull_request", "head_sha": runs.commit, "per_page": 1}
    path = f"/repos/{runs.repository}/actions/workflows/{runs.workflow}/runs"
    found = api.get(path, f"list the runs of {runs.workflow}", query).get("workflow_runs")
    return found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else None


def _has_ended(run: Item) -> bool:
    return run.get("status") == "completed"


def _url(run: Item) -> str:
    return str(run.get("html_url", ""))


def _hint(error: RefusedError) -> str:
    """What to do about a refusal: that of the interface is about comments."""
    if error.status == 401:
        return error.hint
    if error.status == 404:
        return "name the file of the gate: --workflow FILE, or PERFGATE_WORKFLOW in the env of the job"
    return f"give the job `actions: write`; or {_PRESS}" if error.status == 403 else _PRESS
