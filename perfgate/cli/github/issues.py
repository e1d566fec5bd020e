"""One issue for each slowdown of the default branch: opened, edited, closed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from perfgate.application.context import Context
from perfgate.cli.github.posting import configuration_of, connect
from perfgate.cli.github.workflow_log import log_lines
from perfgate.compare.rules import Rules
from perfgate.compare.stored.slowdowns import KeptSlowdown, Slowdown, is_back, is_same, kept_of, slowdowns_of
from perfgate.errors import UsageError
from perfgate.github.api import Api
from perfgate.github.comment import Posted
from perfgate.github.issues import Issue, IssueText, Tracker, close_issue, edit_issue, open_issue, own_issues
from perfgate.report.trend import slowdown, slowdown_memory
from perfgate.report.trend.trends import Trends


def keep_issues(context: Context, configuration: Path | None, rules: Rules, trends: Trends) -> None:
    """Bring the issues of the repository up to what the runs say. GithubError where one cannot be kept."""
    repository = context.environment.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise UsageError("the repository is not known", "set GITHUB_REPOSITORY to owner/name")
    tracker = Tracker(repository, configuration_of(context, configuration).as_posix())
    keeper = _Keeper(connect(context.environment, "keep issues"), tracker, rules, trends)
    done = list(keeper.keep())
    log_lines(*(f"perfgate: the issue is {posted.done}: {posted.url}" for posted in done))
    if not done:
        log_lines("perfgate: no slowdown, so no issue.")


class _Keeper:
    def __init__(self, api: Api, tracker: Tracker, rules: Rules, trends: Trends) -> None:
        self._api = api
        self._tracker = tracker
        self._trends = trends
        self._slowdowns = slowdowns_of(trends.trends, rules)

    def keep(self) -> Iterable[Posted]:
        oldest = min((point.started_at for trend in self._trends.trends for point in trend.points), default=0.0)
        issues = own_issues(self._api, self._tracker, oldest)
        kept = [(issue, memory) for issue in issues if (memory := slowdown_memory.loads(issue.memory))]
        closed = []
        for issue, memory in kept:
            if issue.is_open and is_back(memory, self._trends.trends):
                newest = max((trend.newest for trend in self._trends.trends), key=lambda point: point.started_at)
                yield close_issue(self._api, self._tracker, issue, slowdown.back(len(memory.rows), newest))
                closed.append(issue.number)
        for one in self._slowdowns:
            same = [(issue, memory) for issue, memory in kept if is_same(one, memory, self._trends.trends)]
            if not same:
                yield open_issue(self._api, self._tracker, self._text(one, None), partial(self._is_of, one))
            for issue, memory in same[-1:]:
                if issue.is_open and issue.number not in closed:
                    yield edit_issue(self._api, self._tracker, issue, self._text(one, memory))

    def _is_of(self, one: Slowdown, issue: Issue) -> bool:
        memory = slowdown_memory.loads(issue.memory)
        return memory is not None and is_same(one, memory, self._trends.trends)

    def _text(self, one: Slowdown, before: KeptSlowdown | None) -> IssueText:
        memory = slowdown_memory.dumps(kept_of(one, before))
        return IssueText(slowdown.title(one), partial(slowdown.body, one, self._trends), memory)
