"""The one comment of a pull request, with a section for each configuration and testbed: edited, never repeated.

The comment is found by its marker and its author. Nothing is written before the whole list of comments was read. Where
nobody knows whether a comment was made, the list is read again before another one is; where the list cannot be read,
nothing is written at all. Jobs that end at the same moment read the same list, so what was written is looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
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
# Longer than another job needs from reading the comment to editing it.
_PAUSE = 2.0
_MARKER = re.compile(r"^<!-- perfgate:(\S+)(?: (\S+))? -->$", re.MULTILINE)
_UNFIT = re.compile(r"[^A-Za-z0-9._/]+")
_OPENING = "<!-- perfgate:"
_FOLD = re.compile(r"\n*<details>.*?</details>", re.DOTALL)


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
class PostedSection:
    """A section as it stands in a comment. key, commit: as its marker has them."""

    key: str
    commit: str
    text: str

    @property
    def marker(self) -> str:
        return f"{_OPENING}{self.key}{' ' * bool(self.commit)}{self.commit} -->"

    @property
    def heading(self) -> str:
        """Where there are several: whose it is."""
        configuration, _, testbed = self.key.partition("@")
        return f"`{configuration}`" + (f" on testbed `{testbed}`" if testbed else "")


@dataclass(frozen=True)
class Section:
    """The part of the comment that one configuration on one testbed has.

    configuration: the file, from the top of the repository.
    testbed: the id of the machine; "" where it is not known.
    commit: the newest commit of the pull request that it is about; "" where it is not known.
    """

    configuration: Path
    testbed: str
    commit: str

    @property
    def key(self) -> str:
        """The name of the section; of all words only what an HTML comment can hold."""
        name = _UNFIT.sub("-", self.configuration.as_posix()).strip("-") or "default"
        testbed = _UNFIT.sub("-", self.testbed).strip("-")
        return f"{name}@{testbed}" if testbed else name

    @property
    def marker(self) -> str:
        """The hidden line that ends the section."""
        return self.part("").marker

    def part(self, text: str) -> PostedSection:
        """The section with its text, as it stands in the comment."""
        return PostedSection(self.key, _UNFIT.sub("-", self.commit).strip("-"), text)


@dataclass(frozen=True)
class Posted:
    """The comment as it is now.

    url: its page.
    done: "created", "edited" or "unchanged".
    """

    url: str
    done: str


def post_comment(api: Api, thread: Thread, section: Section, write: Callable[[int], str]) -> Posted:
    """Put a report into its section of the comment, and make the comment where there is none.

    Sections of other commits go. write: makes a report of at most so many characters. GithubError where it cannot be
    done.
    """
    author = _author(api)
    posted: Posted | None = None
    written = ""
    for last in [False] * (_ROUNDS - 1) + [True]:
        try:
            own = _find(api, thread, author)
        except GithubError:
            if posted is None:
                raise
            return posted  # it was written; only whether it still stands is not known
        if posted is not None and len(own) == 1 and written in str(own[0].get("body")):
            return posted
        try:
            posted, written = _put(api, thread, own, section, write)
        except UncertainError:
            if last:
                raise
            api.pause(_PAUSE)
            continue
        except RefusedError as error:
            # It was deleted after it was listed: the list is read again, and says whether there is another one.
            if not own or error.status != 404 or last:
                raise
            continue
        for other in own[1:]:
            _remove(api, thread, other, posted.url)
        if posted.done == "unchanged" and len(own) == 1:
            return posted
        if not last:
            api.pause(_PAUSE)
    assert posted is not None
    return posted


def _author(api: Api) -> str:
    try:
        return api.viewer()
    except RefusedError:
        return ACTIONS_BOT


def _find(api: Api, thread: Thread, author: str) -> list[Item]:
    """The comments with a marker by this author: anybody can write a marker into a comment of theirs."""
    comments = list(api.pages(thread.path, "list the comments of the pull request"))
    return [comment for comment in comments if _is_marked(comment) and _login(comment) == author]


def _is_marked(comment: Item) -> bool:
    """Whether it ends with a marker: anywhere else it could be quoted, such as from the log of a service."""
    last_line = str(comment.get("body")).rstrip().rpartition("\n")[2]
    return _MARKER.fullmatch(last_line) is not None


def _login(comment: Item) -> str:
    user = comment.get("user")
    return str(user.get("login", "")) if isinstance(user, dict) else ""


def _parts_of(comments: Sequence[Item]) -> dict[str, PostedSection]:
    """The sections of comments, by their keys."""
    found: dict[str, PostedSection] = {}
    for comment in comments:
        body, began = str(comment.get("body")).replace("\r\n", "\n"), 0
        for marker in _MARKER.finditer(body):
            part = PostedSection(marker[1], marker[2] or "", body[began : marker.start()].strip())
            found.setdefault(part.key, replace(part, text=part.text.removeprefix(part.heading).strip()))
            began = marker.end()
    return found


def _put(
    api: Api, thread: Thread, own: Sequence[Item], section: Section, write: Callable[[int], str]
) -> tuple[Posted, str]:
    """Edit or create, shorter and shorter as long as GitHub finds it too long; the section as it was written, too."""
    own_part = section.part("")
    others = [
        part
        for part in _parts_of(own).values()
        if part.key != own_part.key and (part.commit == own_part.commit or not own_part.commit)
    ]
    for limit in _LIMITS:
        body, written = _body(others, section, write, limit)
        if own and own[0].get("body") == body:
            return Posted(_url(own[0]), "unchanged"), written
        try:
            if not own:
                made = api.post(thread.path, "comment on the pull request", {"body": body})
                return Posted(_url(made), "created"), written
            made = api.patch(_path(thread, own[0]), "edit the comment on the pull request", {"body": body})
            return Posted(_url(made), "edited"), written
        except RefusedError as error:
            if error.status != 422 or "too long" not in error.said.lower():
                raise
            refused = error
    raise GithubError(f"even {_LIMITS[-1]:,} characters are too long: {refused.message}", refused.hint)


def _body(
    others: Sequence[PostedSection], section: Section, write: Callable[[int], str], limit: int
) -> tuple[str, str]:
    """All sections in the order of their keys, and the one that is written. Others give way where there is no room."""
    fair = limit // (len(others) + 1)
    kept = list(others)
    if sum(map(len, map(_shown, kept))) > limit - fair:
        kept = [replace(part, text=_FOLD.sub("", part.text)) for part in kept]
    if sum(map(len, map(_shown, kept))) > limit - fair:
        kept = []
    own = section.part("")
    frame = (lambda part: f"{part.text}\n\n{part.marker}") if not kept else _shown
    room = limit - sum(len(_shown(part)) + 2 for part in kept) - len(frame(own))
    # A line of a report that reads like a marker would part its section in two.
    own = replace(own, text=write(room).replace(_OPENING, "<!- perfgate:"))
    written = frame(own)
    parts = {part.key: _shown(part) for part in kept} | {own.key: written}
    return "\n\n".join(parts[key] for key in sorted(parts)), f"{own.text}\n\n{own.marker}"


def _shown(part: PostedSection) -> str:
    return f"{part.heading}\n\n{part.text}\n\n{part.marker}"


def _remove(api: Api, thread: Thread, comment: Item, kept: str) -> None:
    """Take away a second comment of ours, as two jobs make that find none at the same moment."""
    with suppress(GithubError):
        try:
            api.delete(_path(thread, comment), "delete a second comment on the pull request")
        except RefusedError as error:
            if error.status != 404:
                api.patch(_path(thread, comment), "fold a second comment", {"body": f"The report is in {kept}."})


def _path(thread: Thread, comment: Item) -> str:
    return f"/repos/{thread.repository}/issues/comments/{comment.get('id')}"


def _url(comment: Item) -> str:
    return str(comment.get("html_url", ""))
