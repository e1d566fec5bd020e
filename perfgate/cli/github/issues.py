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
from perfgate.report.trend import release_issue, slowdown, slowdown_memory
from perfgate.report.trend.release_issue import WaySince
from perfgate.report.trend.trends import Trends


def keep_issues(
    context: Context, configuration: Path | None, rules: Rules, trends: Trends, way: WaySince | None
) -> None:
    """Bring the issues of the repository up to what the runs say. GithubError where one cannot be kept.

    way: that since a pinned release.
    """
    repository = context.environment.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise UsageError("the repository is not known", "set GITHUB_REPOSITORY to owner/name")
    tracker = Tracker(repository, configuration_of(context, configuration).as_posix())
    keeper = _Keeper(connect(context.environment, "keep issues"), tracker, trends, slowdowns_of(trends.trends, rules))
    done = list(keeper.keep(way))
    log_lines(*(f"perfgate: the issue is {posted.done}: {posted.url}" for posted in done))
    if not done:
        log_lines("perfgate: nothing got slower, so there is no issue.")


class _Keeper:
    def __init__(self, api: Api, tracker: Tracker, trends: Trends, slowdowns: tuple[Slowdown, ...]) -> None:
        self._api = api
        self._tracker = tracker
        self._trends = trends
        self._slowdowns = slowdowns

    def keep(self, way: WaySince | None) -> Iterable[Posted]:
        began = [point.started_at for trend in self._trends.trends for point in trend.points]
        oldest = min([*began, *([way.release.started_at] if way else [])], default=0.0)
        issues = own_issues(self._api, self._tracker, oldest)
        yield from self._keep_slowdowns(issues)
        if way is not None:
            yield from self._keep_release(issues, way)

    def _keep_release(self, issues: Iterable[Issue], way: WaySince) -> Iterable[Posted]:
        same = [issue for issue in issues if issue.memory == way.memory]
        beyond = bool(way.beyond)
        for issue in (one for one in same if one.is_open):
            if beyond:
                yield edit_issue(self._api, self._tracker, issue, _text_of_release(way))
            elif way.rows:
                yield close_issue(self._api, self._tracker, issue, release_issue.back(way))
        if beyond and not same:
            text = _text_of_release(way)
            yield open_issue(self._api, self._tracker, text, lambda issue: issue.memory == way.memory)

    def _keep_slowdowns(self, issues: Iterable[Issue]) -> Iterable[Posted]:
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


def _text_of_release(way: WaySince) -> IssueText:
    return IssueText(release_issue.title(way), partial(release_issue.body, way), way.memory)
