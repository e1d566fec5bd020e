"""The newest run of a workflow on a commit, run again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from perfgate.errors import GithubError
from perfgate.github.api import Api, RefusedError

_HINT = "give the job `actions: write`; or press re-run on the page of the run"


@dataclass(frozen=True)
class Rerun:
    """What became of a run.

    url: its page; "" where there is none.
    done: "started" again; "running" still; "green" where no job of it failed; "missing" where there was none.
    """

    url: str
    done: Literal["started", "running", "green", "missing"]


def run_again(api: Api, repository: str, workflow: str, commit: str, failed: bool) -> Rerun:
    """Start the newest run of a workflow for the pull request with this commit again.

    workflow: its file. failed: only the jobs that failed.
    """
    path = f"/repos/{repository}/actions"
    query: dict[str, str | int] = {"event": "pull_request", "head_sha": commit, "per_page": 1}
    try:
        found = api.get(f"{path}/workflows/{workflow}/runs", f"list the runs of {workflow}", query)
        runs = found.get("workflow_runs")
        run = runs[0] if isinstance(runs, list) and runs and isinstance(runs[0], dict) else None
        if run is None:
            return Rerun("", "missing")
        url = str(run.get("html_url", ""))
        if run.get("status") != "completed":
            return Rerun(url, "running")
        if failed and run.get("conclusion") == "success":
            return Rerun(url, "green")
        jobs = "rerun-failed-jobs" if failed else "rerun"
        api.post(f"{path}/runs/{run.get('id')}/{jobs}", f"run {workflow} again", {})
    except RefusedError as error:
        raise GithubError(error.message, _HINT) from None
    return Rerun(url, "started")
