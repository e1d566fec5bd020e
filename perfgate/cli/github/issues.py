"""One issue for each slowdown of the default branch, and one for the way since a release: opened, edited, closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from perfgate.application.context import Context
from perfgate.cli.github.posting import configuration_of, connect
from perfgate.cli.github.workflow_log import log_lines
from perfgate.compare.stored.slowdowns import (
    KeptSlowdown,
    Slowdown,
    is_back,
    is_same,
    joined,
    kept_of,
    slowdowns_of,
    still_measured,
    told_by,
)
from perfgate.config.values import Config
from perfgate.errors import GithubError, UsageError
from perfgate.github.api import Api
from perfgate.github.comment import Posted
from perfgate.github.issues import Issue, IssueText, Tracker, close_issue, edit_issue, open_issue, own_issues
from perfgate.report.trend import release_issue, slowdown, slowdown_memory
from perfgate.report.trend.release_issue import WaySince
from perfgate.report.trend.trends import Trends


def keep_issues(
    context: Context, configuration: Path | None, config: Config, trends: Trends, way: WaySince | None
) -> None:
    """Bring the issues of the repository up to what the runs say. GithubError where one cannot be kept.

    way: that since the release that config pins; None where it pins none, or the history lacks it.
    """
    repository = context.environment.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise UsageError("the repository is not known", "set GITHUB_REPOSITORY to owner/name")
    tracker = Tracker(repository, configuration_of(context, configuration).as_posix())
    live = replace(trends, trends=still_measured(trends.trends))
    keeper = _Keeper(connect(context.environment, "keep issues"), tracker, live)
    keeper.keep(slowdowns_of(live.trends, config.rules), config.release, way)
    log_lines(*(f"perfgate: the issue is {posted.done}: {posted.url}" for posted in keeper.done))
    if keeper.failures:
        raise keeper.failures[0]
    if not keeper.done:
        log_lines("perfgate: nothing got slower, so there is no issue.")


class _Keeper:
    """trends: those that are still measured. done: what was done. failures: what GitHub refused, of which none keeps it
    from the rest.
    """

    def __init__(self, api: Api, tracker: Tracker, trends: Trends) -> None:
        self._api = api
        self._tracker = tracker
        self._trends = trends
        self.done: list[Posted] = []
        self.failures: list[GithubError] = []

    def keep(self, slowdowns: Sequence[Slowdown], release: str | None, way: WaySince | None) -> None:
        began = [point.started_at for trend in self._trends.trends for point in trend.points]
        oldest = min([*began, *([way.release.started_at] if way else [])], default=0.0)
        issues = own_issues(self._api, self._tracker, oldest)
        self._keep_slowdowns(issues, slowdowns)
        self._close_other_releases(issues, release)
        if way is not None:
            self._keep_release(issues, way)

    def _close_other_releases(self, issues: Sequence[Issue], release: str | None) -> None:
        pinned = None if release is None else release_issue.memory_of(release)
        for issue in issues:
            if issue.is_open and release_issue.is_about_a_release(issue.memory) and issue.memory != pinned:
                self._close(issue, release_issue.replaced(release))

    def _keep_release(self, issues: Sequence[Issue], way: WaySince) -> None:
        same = [issue for issue in issues if issue.memory == way.memory]
        for issue in (one for one in same if one.is_open):
            if way.beyond:
                self._edit(issue, _text_of_release(way))
            elif way.within:
                self._close(issue, release_issue.back(way))
        if way.beyond and not any(issue.is_open or issue.by_hand for issue in same):
            self._open(_text_of_release(way), lambda issue: issue.memory == way.memory)

    def _keep_slowdowns(self, issues: Sequence[Issue], slowdowns: Sequence[Slowdown]) -> None:
        kept = [(issue, memory) for issue in issues if (memory := slowdown_memory.loads(issue.memory))]
        closed = []
        for issue, memory in kept:
            if issue.is_open and (word := self._why_over(memory, slowdowns)):
                self._close(issue, word)
                closed.append(issue.number)
        known: dict[int, list[Slowdown]] = {}
        new: list[Slowdown] = []
        for one in slowdowns:
            same = [issue.number for issue, memory in kept if is_same(one, memory)]
            if same:
                known.setdefault(same[-1], []).append(one)
            elif new and is_same(one, kept_of(new[-1], None)):
                new[-1] = joined((new[-1], one))
            else:
                new.append(one)
        for one in new:
            self._open(self._text(one, None), partial(_is_of, one))
        for issue, memory in kept:
            if issue.is_open and issue.number in known and issue.number not in closed:
                self._edit(issue, self._text(joined(known[issue.number]), memory))

    def _why_over(self, kept: KeptSlowdown, slowdowns: Sequence[Slowdown]) -> str:
        """The word to close its issue with; "" where it goes on."""
        if not self._trends.trends or not kept.rows:
            return ""
        newest = max((trend.newest for trend in self._trends.trends), key=lambda point: point.started_at)
        told = told_by(kept, self._trends.trends)
        if is_back(kept, self._trends.trends):
            return slowdown.back(len(told), len(kept.rows) - len(told), newest)
        is_over = not told and not any(is_same(one, kept) for one in slowdowns)
        return slowdown.untold(newest) if is_over else ""

    def _text(self, one: Slowdown, before: KeptSlowdown | None) -> IssueText:
        memory = slowdown_memory.dumps(kept_of(one, before))
        return IssueText(slowdown.title(one), partial(slowdown.body, one, self._trends), memory)

    def _open(self, text: IssueText, is_same: Callable[[Issue], bool]) -> None:
        self._do(lambda: open_issue(self._api, self._tracker, text, is_same))

    def _edit(self, issue: Issue, text: IssueText) -> None:
        self._do(lambda: edit_issue(self._api, self._tracker, issue, text))

    def _close(self, issue: Issue, word: str) -> None:
        self._do(lambda: close_issue(self._api, self._tracker, issue, word))

    def _do(self, change: Callable[[], Posted]) -> None:
        try:
            self.done.append(change())
        except GithubError as error:
            self.failures.append(error)


def _is_of(one: Slowdown, issue: Issue) -> bool:
    memory = slowdown_memory.loads(issue.memory)
    return memory is not None and is_same(one, memory)


def _text_of_release(way: WaySince) -> IssueText:
    return IssueText(release_issue.title(way), partial(release_issue.body, way), way.memory)
