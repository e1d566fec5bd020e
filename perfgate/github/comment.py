"""The one comment of a configuration on a pull request: found by its marker and its author, edited, never repeated.

Nothing is written before the whole list of comments was read. Where nobody knows whether a comment was made, the list
is read again before another one is; where the list cannot be read, nothing is written at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from perfgate.errors import GithubError
from perfgate.github.api import Api, Item, RefusedError, UncertainError

LIMIT = 65_536
"""The most characters that GitHub takes for a comment."""

ACTIONS_BOT = "github-actions[bot]"
"""Who comments with the GITHUB_TOKEN of a job."""

# Where GitHub says that a body is too long though it should not be: what to try then.
_LIMITS = (LIMIT, 30_000, 8_000, 1_000)
_ROUNDS = 3
_PAUSE = 2.0


@dataclass(frozen=True)
class Thread:
    """The conversation of one pull request.

    repository: "owner/name".
    number: of the pull request.
    """

    repository: str
    number: int

    @property
    def path(self) -> str:
        """Where the interface has its comments: for those a pull request is an issue."""
        return f"/repos/{self.repository}/issues/{self.number}/comments"


@dataclass(frozen=True)
class Posted:
    """The comment as it is now.

    url: its page.
    done: "created", "edited" or "unchanged".
    """

    url: str
    done: str


def marker_of(configuration: Path) -> str:
    """The hidden line that a configuration's comment is known by; of its name only what an HTML comment can hold."""
    name = re.sub(r"[^A-Za-z0-9._/]+", "-", configuration.as_posix()).strip("-")
    return f"<!-- perfgate:{name or 'default'} -->"


def post_comment(api: Api, thread: Thread, marker: str, write: Callable[[int], str]) -> Posted:
    """Put a report into the comment with this marker, a new one where there is none.

    write: makes a report of at most so many characters. GithubError where it cannot be done.
    """
    author = _author(api)
    for last in [False] * (_ROUNDS - 1) + [True]:
        own = _find(api, thread, marker, author)
        try:
            return _put(api, thread, own, lambda limit: _body(write, marker, limit))
        except UncertainError:
            if last:
                raise
            api.pause(_PAUSE)
        except RefusedError as error:
            # It was deleted after it was listed: the list is read again, and says whether there is another one.
            if own is None or error.status != 404 or last:
                raise
    raise AssertionError("the last round returns or raises")


def _author(api: Api) -> str:
    try:
        return api.viewer()
    except RefusedError:
        return ACTIONS_BOT


def _find(api: Api, thread: Thread, marker: str, author: str) -> Item | None:
    """The first comment with this marker by this author: anybody can write the marker into a comment of theirs."""
    found = None
    for comment in api.pages(thread.path, "list the comments of the pull request"):
        if found is None and _is_marked(comment, marker) and _login(comment) == author:
            found = comment
    return found


def _is_marked(comment: Item, marker: str) -> bool:
    """Whether it ends with the marker: anywhere else it could be quoted, such as from the log of a service."""
    return str(comment.get("body")).rstrip().endswith(marker)


def _login(comment: Item) -> str:
    user = comment.get("user")
    return str(user.get("login", "")) if isinstance(user, dict) else ""


def _body(write: Callable[[int], str], marker: str, limit: int) -> str:
    return f"{write(limit - len(marker) - 2)}\n\n{marker}"


def _put(api: Api, thread: Thread, own: Item | None, write: Callable[[int], str]) -> Posted:
    """Edit or create, shorter and shorter as long as GitHub finds it too long."""
    for limit in _LIMITS:
        body = write(limit)
        if own is not None and own.get("body") == body:
            return Posted(_url(own), "unchanged")
        try:
            if own is None:
                return Posted(_url(api.post(thread.path, "comment on the pull request", {"body": body})), "created")
            path = f"/repos/{thread.repository}/issues/comments/{own.get('id')}"
            return Posted(_url(api.patch(path, "edit the comment on the pull request", {"body": body})), "edited")
        except RefusedError as error:
            if error.status != 422 or "too long" not in error.said.lower():
                raise
            refused = error
    raise GithubError(f"even {_LIMITS[-1]:,} characters are too long: {refused.message}", refused.hint)


def _url(comment: Item) -> str:
    return str(comment.get("html_url", ""))
