"""The one comment of a pull request, with a section for each configuration and job: edited, never repeated.

The comment is found by its markers and its author. Nothing is written before the whole list of comments was read. Where
nobody knows whether a comment was made, the list is read again before another one is; where the list cannot be read,
nothing is written at all.

**Jobs that end at the same moment.** GitHub has no compare-and-swap: of two edits the later one stands, whatever its
author had read before. So each job

1. reads the list, and merges what it finds with what it has seen before and with its own section (`sections.newest`: of
   each key the newest run; nothing of other commits than the newest run's). Where its own is not among the newest, it
   has nothing to say.
2. writes the merged sections into the comment with the lowest id, where they do not stand there yet; where there is no
   comment it makes one; where they stand there, it deletes our other comments. What it writes is made of what it has
   just read: after a wait or a failure it reads again, it does not repeat an old text.
3. pauses for longer than a job takes from reading to writing, and begins anew; it is done when it finds everything in
   one comment, and its own last edit is older than such a pause.

Why nothing is lost: let an edit take away a section for good. Its author had not seen that section, so it had read
before the edit that put it there last, whose author comes back after the pause. By then the edit that took it away has
landed, since every edit lands within a pause of its reading. So that author misses the section, and writes it again. An
older run's section loses to a newer one's whoever merges them; two first comments meet in the one with the lower id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from perfgate.errors import GithubError
from perfgate.github.api import Api, Item, RefusedError, StaleError, UncertainError
from perfgate.github.event import UNKNOWN_RUN
from perfgate.github.sections import LIMIT, CommentBody, PostedSection, Section, body_of, is_marked, newest, parts_of

ACTIONS_BOT = "github-actions[bot]"
"""Who comments with the GITHUB_TOKEN of a job."""

# Where GitHub says that a body is too long though it should not be: what to try then.
_LIMITS = (LIMIT, 30_000, 8_000, 1_000)
_MOST_FAILURES = 3
_MOST_ROUNDS = 40
# Longer than another job needs from reading the comment to editing it. GitHub ends requests after 10 s ("Timeouts" in
# "Troubleshooting the REST API"); how long one takes today shows in one's own.
_PAUSE = 2.0
_LONGEST_PAUSE = 12.0
# A list of many pages takes long; what was read at its beginning is old at its end.
_FRESH = 1.0
_ROUNDING = 0.01


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

    url: its page; "" where there is none.
    done: "created", "edited" or "unchanged"; "superseded" where a newer run has reported, and "not needed" where only
        an older report was to be replaced, and there is none.
    """

    url: str
    done: str


def post_comment(
    api: Api, thread: Thread, section: Section, write: Callable[[int], str], *, replacing: bool = False
) -> Posted:
    """Put a report into its section of the comment, and make the comment where there is none.

    write: makes a report of at most so many characters.
    replacing: only where the comment has this section already.
    GithubError where it cannot be done.
    """
    return _Posting(api, thread, section, write).post(replacing)


class _Posting:
    """One job that posts its section."""

    def __init__(self, api: Api, thread: Thread, section: Section, write: Callable[[int], str]) -> None:
        self._api = api
        self._thread = thread
        self._write = write
        self._own = section.part("")
        self._author = own_login(api)
        self._known: dict[str, PostedSection] = {}
        self._texts: set[str] = set()
        self._limits = list(_LIMITS)
        self._hopeless: set[object] = set()
        self._failures = 0
        self._read_at = self._sent_at = 0.0
        self._written_at: float | None = None
        self._pause = _PAUSE
        self._paused = 0.0
        self._posted: Posted | None = None

    def post(self, replacing: bool) -> Posted:
        """Read and write in turns, until all of it stands."""
        for _ in range(_MOST_ROUNDS):
            try:
                comments = self._find()
            except GithubError:
                if self._posted is None:
                    raise
                return self._posted  # it was written; only whether it still stands is not known
            url = _url(comments[0]) if comments else ""
            if self._written_at is None and (why := self._why_not(comments, replacing)):
                return Posted(url, why)
            if not self._stands(comments):
                self._put(comments)
            elif len(comments) > 1:
                self._remove(comments[1], url)
            elif self._written_at is None:
                return Posted(url, "unchanged")
            elif (left := self._pause - max(self._paused, self._read_at - self._written_at)) > _ROUNDING:
                self._wait(left)
            else:
                return self._posted or Posted(url, "unchanged")
        if self._posted is None:
            raise GithubError("the comment changes each time that perfgate reads it", "run fewer jobs at once")
        return self._posted

    def _find(self) -> list[Item]:
        """Our comments, the lowest id first, and what they add to what is known."""
        self._read_at = self._api.now()
        own = _own_comments(self._api, self._thread, self._author)
        own = sorted((one for one in own if one.get("id") not in self._hopeless), key=_number)
        if own and self._api.now() - self._read_at > _FRESH:
            self._read_at = self._api.now()
            with suppress(RefusedError):  # deleted since: editing it says so, too
                own[0] = self._api.get(self._path(own[0]), "read the comment on the pull request")
        read = [part for comment in own for part in parts_of(_text(comment))]
        if self._own.run == UNKNOWN_RUN and self._written_at is None:
            # Who posts by hand means what is posted to count.
            self._own = replace(self._own, run=max((part.run for part in read), default=UNKNOWN_RUN))
        self._known = newest([self._own, *read, *self._known.values()])
        return own

    @property
    def _counts(self) -> bool:
        """Whether no newer run has reported."""
        return self._known.get(self._own.key) is self._own

    def _why_not(self, comments: Sequence[Item], replacing: bool) -> str:
        """Why nothing is to be written; "" where something is."""
        if not self._counts:
            return "superseded"
        has_own = any(part.key == self._own.key for comment in comments for part in parts_of(_text(comment)))
        return "not needed" if replacing and not has_own else ""

    def _body(self) -> CommentBody:
        return body_of(self._known.values(), self._own if self._counts else None, self._write, self._limits[0])

    def _stands(self, comments: Sequence[Item]) -> bool:
        """Whether the first comment has the newest of everything, and nothing besides.

        Other jobs may shorten a text for want of room, ours as well.
        """
        if not comments:
            return False
        body = self._body()
        if self._written_at is None:
            return _text(comments[0]) == body.text
        parts = parts_of(_text(comments[0]))
        own = [part.text for part in parts if part.key == self._own.key]
        if self._counts and self._own.run == UNKNOWN_RUN and not self._texts.intersection(own):
            return False
        return {part.version for part in parts} == {part.version for part in body.parts}

    def _put(self, comments: Sequence[Item]) -> None:
        """Make or edit the comment, once."""
        body = self._body()
        self._sent_at = self._api.now()
        try:
            if comments:
                what, done = "edit the comment on the pull request", "edited"
                made = self._api.patch(self._path(comments[0]), what, {"body": body.text}, fresh=True)
            else:
                what, done = "comment on the pull request", "created"
                made = self._api.post(self._thread.path, what, {"body": body.text}, fresh=True)
        except StaleError:
            return
        except UncertainError as error:
            self._fail(error)
            self._wrote(body)
            self._wait(_PAUSE)
        except RefusedError as error:
            if error.status == 422 and "too long" in error.said.lower():
                self._write_shorter(error)
            elif error.status == 404 and comments:
                self._fail(error)  # it was deleted after it was listed: the list says whether there is another one
            else:
                raise
        else:
            self._wrote(body)
            self._posted = self._posted or Posted(_url(made), done)
            self._wait(self._pause)

    def _fail(self, error: GithubError) -> None:
        """Count a failure; the last one is raised."""
        self._failures += 1
        if self._failures == _MOST_FAILURES:
            raise error

    def _wait(self, seconds: float) -> None:
        self._api.pause(seconds)
        self._paused += seconds

    def _wrote(self, body: CommentBody) -> None:
        self._written_at, self._paused = self._api.now(), 0.0
        self._pause = min(_LONGEST_PAUSE, max(self._pause, 2 * (self._written_at - self._sent_at)))
        for part in body.parts:
            if part.key == self._own.key and self._counts:
                self._texts.update(one.text for one in (part, *part.shorter()))

    def _write_shorter(self, error: RefusedError) -> None:
        if len(self._limits) == 1:
            raise GithubError(f"even {_LIMITS[-1]:,} characters are too long: {error.message}", error.hint) from None
        del self._limits[0]

    def _remove(self, comment: Item, kept: str) -> None:
        """Take away a second comment of ours, as two jobs make that find none at the same moment."""
        self._hopeless.add(comment.get("id"))
        with suppress(GithubError):
            try:
                self._api.delete(self._path(comment), "delete a second comment on the pull request")
            except RefusedError as error:
                if error.status != 404:
                    told = {"body": f"The report is in {kept}."}
                    self._api.patch(self._path(comment), "fold a second comment", told)

    def _path(self, comment: Item) -> str:
        return f"/repos/{self._thread.repository}/issues/comments/{comment.get('id')}"


def posted_sections(api: Api, thread: Thread) -> list[PostedSection]:
    """The sections of our comments as they stand."""
    own = _own_comments(api, thread, own_login(api))
    return [part for comment in own for part in parts_of(_text(comment))]


def _own_comments(api: Api, thread: Thread, author: str) -> list[Item]:
    """By marker and author: anybody can write a marker into a comment of theirs."""
    listed = list(api.pages(thread.path, "list the comments of the pull request"))
    return [one for one in listed if is_marked(_text(one)) and _login(one) == author]


def own_login(api: Api) -> str:
    """Who the token writes as, by which what it wrote is found again."""
    try:
        return api.viewer()
    except RefusedError:
        return ACTIONS_BOT


def _text(comment: Item) -> str:
    return str(comment.get("body"))


def _number(comment: Item) -> int:
    number = comment.get("id")
    return number if isinstance(number, int) else 0


def _login(comment: Item) -> str:
    user = comment.get("user")
    return str(user.get("login", "")) if isinstance(user, dict) else ""


def _url(comment: Item) -> str:
    return str(comment.get("html_url", ""))
