"""Issues that perfgate keeps: opened once, edited while they last, closed with a word.

An issue is found by its marker, the last line of its body, and its author. The marker holds what the caller wants to
know of it the next time. Where nobody knows whether an issue was made, the list is read again before another one is;
of two that jobs made at the same moment the later one is closed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from perfgate.errors import GithubError
from perfgate.github.api import Api, Item, RefusedError, UncertainError
from perfgate.github.comment import Posted, own_login
from perfgate.github.sections import LIMIT

# Longer than GitHub needs until a new issue is in the list of all.
_PAUSE = 2.0
_TRIES = 3
_MARKER = re.compile(r"<!-- perfgate:issue (\S+) (\S+) -->")
_OPENING = "<!-- perfgate:"
# What the body of an issue begins with that perfgate itself closed.
_BACK = "✅ Closed: "
_SAME_AS = "The same as #"
_TITLE_LIMIT = 256
_UNFIT = re.compile(r"[^A-Za-z0-9._/]+")
_WRITE = "give the job the right to keep issues: `permissions: issues: write` in the workflow"
_OFF = "issues are switched off in the settings of the repository, or the token must not see them"


@dataclass(frozen=True)
class Tracker:
    """Where the issues are.

    repository: "owner/name".
    name: of what keeps them, as several configurations of a repository do: no other one's are touched.
    """

    repository: str
    name: str

    @property
    def path(self) -> str:
        return f"/repos/{self.repository}/issues"

    def marker(self, memory: str) -> str:
        """The hidden line that ends the body of an issue."""
        return f"<!-- perfgate:issue {_UNFIT.sub('-', self.name).strip('-') or 'default'} {memory} -->"


@dataclass(frozen=True)
class Issue:
    """An issue as it is now.

    is_open: whether it is.
    by_hand: whether it is closed, and somebody else than perfgate did that.
    memory: what its marker holds.
    """

    number: int
    url: str
    is_open: bool
    by_hand: bool
    body: str
    memory: str


@dataclass(frozen=True)
class IssueText:
    """What an issue says.

    title: one line.
    write: makes a body of at most so many characters.
    memory: for its marker; without white space.
    """

    title: str
    write: Callable[[int], str]
    memory: str


def own_issues(api: Api, tracker: Tracker, closed_since: float) -> list[Issue]:
    """All open issues of this tracker, and those that were closed since then (Unix seconds); the oldest first."""
    author = own_login(api)
    since = datetime.fromtimestamp(max(0.0, closed_since), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: dict[int, Issue] = {}
    for query in ({"state": "open", "creator": author}, {"state": "closed", "creator": author, "since": since}):
        with _Answered():
            items = list(api.pages(tracker.path, "list the issues", query))
        for item in items:
            issue = _issue_of(item, tracker, author)
            if issue is not None:
                found[issue.number] = issue
    return [found[number] for number in sorted(found)]


def open_issue(api: Api, tracker: Tracker, text: IssueText, is_same: Callable[[Issue], bool]) -> Posted:
    """A new issue, unless one that is the same has come into being by now."""
    for last in [False] * (_TRIES - 1) + [True]:
        made: Issue | None = None
        try:
            made = _made(api, tracker, text)
        except UncertainError:
            if last:
                raise
        api.pause(_PAUSE)
        try:
            standing = [one for one in own_issues(api, tracker, _SOON) if one.is_open and is_same(one)]
        except GithubError:
            if made is None:
                raise
            return Posted(made.url, "created")  # only whether it is alone is not known
        if made is None and not standing:
            continue
        first = min([*standing, *([made] if made else [])], key=lambda issue: issue.number)
        if made is not None and made.number != first.number:
            _close(api, tracker, made, f"{_SAME_AS}{first.number}.\n\n{tracker.marker(made.memory)}", "not_planned")
        return Posted(first.url, "created" if made and made.number == first.number else "unchanged")
    raise AssertionError("the last try returns or raises")


def edit_issue(api: Api, tracker: Tracker, issue: Issue, text: IssueText) -> Posted:
    """Write the body anew, and leave the title as people may have changed it."""
    body = _body(tracker, text)
    if body == issue.body:
        return Posted(issue.url, "unchanged")
    with _Answered():
        api.patch(f"{tracker.path}/{issue.number}", "edit the issue", {"body": body})
    return Posted(issue.url, "edited")


def close_issue(api: Api, tracker: Tracker, issue: Issue, word: str) -> Posted:
    """Close it, with a word in a comment and above what its body said. The word is one line, and says why."""
    word = f"{_BACK}{word}"
    text = issue.body.removesuffix(tracker.marker(issue.memory)).rstrip()
    marker = tracker.marker(issue.memory)
    room = LIMIT - len(word) - len(marker) - 4
    _close(api, tracker, issue, f"{word}\n\n{text[:room]}\n\n{marker}", "completed")
    with _Answered():
        api.post(f"{tracker.path}/{issue.number}/comments", "comment on the issue", {"body": word})
    return Posted(issue.url, "closed")


# The list of what was just made: closed ones are of no interest there.
_SOON = 4_102_444_800.0


class _Answered:
    """Within it, a refusal says what issues need."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, RefusedError) and error.status in (403, 404, 410):
            raise GithubError(error.message, _WRITE if error.status == 403 else _OFF) from None


def _made(api: Api, tracker: Tracker, text: IssueText) -> Issue:
    words = {"title": text.title[:_TITLE_LIMIT], "body": _body(tracker, text)}
    with _Answered():
        item = api.post(tracker.path, "open an issue", words)
    number = item.get("number")
    if not isinstance(number, int):
        raise GithubError("the answer of GitHub is no issue, so perfgate cannot tell whether it was opened")
    return Issue(number, str(item.get("html_url", "")), True, False, str(item.get("body")), text.memory)


def _close(api: Api, tracker: Tracker, issue: Issue, body: str, reason: str) -> None:
    change = {"body": body, "state": "closed", "state_reason": reason}
    with _Answered():
        api.patch(f"{tracker.path}/{issue.number}", "close the issue", change)


def _body(tracker: Tracker, text: IssueText) -> str:
    marker = tracker.marker(text.memory)
    return f"{text.write(LIMIT - len(marker) - 2).replace(_OPENING, '<!- perfgate:')}\n\n{marker}"


def _issue_of(item: Item, tracker: Tracker, author: str) -> Issue | None:
    """None where it is a pull request, somebody else's, or another tracker's."""
    user: Any = item.get("user")
    login = user.get("login") if isinstance(user, dict) else None
    number, body = item.get("number"), str(item.get("body")).replace("\r\n", "\n").rstrip()
    marker = _MARKER.fullmatch(body.rpartition("\n")[2])
    if "pull_request" in item or login != author or marker is None or not isinstance(number, int):
        return None
    if tracker.marker(marker[2]) != marker[0]:
        return None
    is_open = item.get("state") == "open"
    by_hand = not is_open and not body.startswith((_BACK, _SAME_AS))
    return Issue(number, str(item.get("html_url", "")), is_open, by_hand, body, marker[2])
