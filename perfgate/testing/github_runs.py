"""The runs of workflows that the fake GitHub has, and which of them were started again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_RUNS = re.compile(r"/repos/([^/]+/[^/]+)/actions/workflows/([^/]+)/runs")
_AGAIN = re.compile(r"/repos/([^/]+/[^/]+)/actions/runs/(\d+)/(rerun|rerun-failed-jobs)")


class FakeRuns:
    """Runs of workflows in one repository.

    again: the runs that were started again, by their ids, each with "rerun" or "rerun-failed-jobs".
    """

    def __init__(self, repository: str) -> None:
        self.again: list[tuple[int, str]] = []
        self._repository = repository
        self._runs: list[tuple[str, dict[str, Any]]] = []

    def add(
        self, number: int, workflow: str, commit: str, conclusion: str | None, rest: Mapping[str, Any] | None = None
    ) -> None:
        """A run for a pull request. conclusion: None while it still runs. rest: all else of it."""
        run = {
            **(rest or {}),
            "id": number,
            "path": f".github/workflows/{workflow}",
            "display_title": f"Run {number}",
            "event": "pull_request",
            "head_sha": commit,
            "status": "in_progress" if conclusion is None else "completed",
            "conclusion": conclusion,
            "html_url": f"https://github.com/{self._repository}/actions/runs/{number}",
        }
        self._runs.insert(0, (workflow, run))

    def end(self, number: int, conclusion: str) -> None:
        """A run that still runs ends."""
        for _, run in self._runs:
            if run["id"] == number:
                run |= {"status": "completed", "conclusion": conclusion}

    def listed(self, path: str, query: Mapping[str, str]) -> dict[str, Any] | None:
        """The runs of a workflow, the newest first; None of other paths."""
        match = _RUNS.fullmatch(path)
        if match is None or match[1] != self._repository:
            return None
        runs = [run for workflow, run in self._runs if workflow == match[2] and _is_wanted(run, query)]
        return {"total_count": len(runs), "workflow_runs": runs[: int(query.get("per_page", "30"))]}

    def start_again(self, path: str) -> bool:
        """Start a run again; whether there is one at that path."""
        match = _AGAIN.fullmatch(path)
        if match is None or not any(run["id"] == int(match[2]) for _, run in self._runs):
            return False
        self.again.append((int(match[2]), match[3]))
        return True


def _is_wanted(run: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    return all(run[key] == query[key] for key in ("event", "head_sha") if key in query)
