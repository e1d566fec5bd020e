"""GitHub's REST interface, as far as perfgate asks it anything; and an answer to each of its faults.

Questions are repeated after server errors and time-outs; what would be done twice if it were repeated (`post`) is not:
then nobody knows whether it was done, and UncertainError says so. Rate limits are waited for, as long as GitHub asks,
within reason. Source: GitHub, "Rate limits for the REST API" and "Best practices for using the REST API".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perfgate.errors import GithubError

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

Item = dict[str, Any]
"""A comment, a pull request: an object as GitHub's JSON has it."""

PER_PAGE = 100
_MOST_PAGES = 100
_SECONDS_TO_CONNECT = 5.0
_TRIES = 4
_FIRST_PAUSE = 1.0
# GitHub's advice for a secondary limit that names no time.
_UNNAMED_PAUSE = 60.0
_VERSION = "2022-11-28"


class RefusedError(GithubError):
    """GitHub said no. status: of HTTP. said: GitHub's own words."""

    def __init__(self, status: int, said: str, what: str) -> None:
        self.status = status
        self.said = said
        words = f": {said}" if said else ""
        super().__init__(f"GitHub refused to {what} ({status}{words})", _hint(status, said))


class UncertainError(GithubError):
    """The connection or the server failed while something was written: nobody knows whether it was done."""


class StaleError(GithubError):
    """A rate limit was waited for, and nothing was written: what is to be written was made of what was read before."""


@dataclass
class Patience:
    """How to wait.

    sleep, clock: of the time module, or of a test.
    most: the time spent on waiting for rate limits, altogether (s).
    answer: the time until an answer must begin (s).
    """

    sleep: Callable[[float], None]
    clock: Callable[[], float]
    most: float = 180.0
    answer: float = 20.0
    spent: float = field(default=0.0, init=False)

    def wait(self, seconds: float) -> bool:
        """Wait so long, unless that is longer than is left; whether it did."""
        if self.spent + seconds > self.most:
            return False
        self.spent += seconds
        self.sleep(seconds)
        return True


class Api:
    """One address of GitHub's interface, asked with one token. url: https://api.github.com, or that of a GHES."""

    def __init__(self, session: Session, url: str, token: str, patience: Patience) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._token = token
        self._patience = patience

    def pages(self, path: str, what: str, query: Mapping[str, str | int] | None = None) -> Iterator[Item]:
        """All items of a list, over all its pages. An error where one page cannot be had: a part is never the whole.

        what: to do what, for the error: "list the comments".
        """
        for page in range(1, _MOST_PAGES + 1):
            wanted = {**(query or {}), "per_page": PER_PAGE, "page": page}
            answer = self._repeated("GET", self._url + path, what, wanted, None)
            yield from _items(answer, what)
            # Only whether there is a next page: its address could be anywhere, and the token goes along.
            if "next" not in answer.links:
                return
        raise GithubError(f"there are more than {_MOST_PAGES} pages to {what}", "delete what is no longer needed there")

    def newest(self, path: str, what: str, query: Mapping[str, str | int]) -> list[Item]:
        """The first page of a list that begins with what is newest."""
        return _items(self._repeated("GET", self._url + path, what, {**query, "per_page": PER_PAGE}, None), what)

    def patch(self, path: str, what: str, body: Mapping[str, Any], *, fresh: bool = False) -> Item:
        """Change what lies at a path; to do it twice is to do it once.

        fresh: the body was made of what has just been read, so it is sent at once or not at all: UncertainError where
            nobody knows whether it was done, StaleError after a wait.
        """
        ask = self._at_once if fresh else self._repeated
        return _item(ask("PATCH", self._url + path, what, None, body), what)

    def post(self, path: str, what: str, body: Mapping[str, Any], *, fresh: bool = False) -> Item:
        """Make something new, at most once. UncertainError where nobody knows whether it was made.

        fresh: as of patch.
        """
        ask = self._at_once if fresh else self._once_allowed
        return _item(ask("POST", self._url + path, what, None, body), what)

    def get(self, path: str, what: str, query: Mapping[str, str | int] | None = None) -> Item:
        """What lies at a path."""
        return _item(self._repeated("GET", self._url + path, what, query, None), what)

    def delete(self, path: str, what: str) -> None:
        """Take away what lies at a path."""
        self._repeated("DELETE", self._url + path, what, None, None)

    def viewer(self) -> str:
        """The login that this token writes as, such as "github-actions[bot]".

        GET /user refuses the tokens of apps, of which the GITHUB_TOKEN is one; GraphQL's viewer answers all of them.
        """
        address = f"{self._url.removesuffix('/v3')}/graphql"
        asked = {"query": "query { viewer { login } }"}
        what = "tell who the token belongs to"
        found: Any = _plain(self._repeated("POST", address, what, None, asked), what)
        for key in ("data", "viewer", "login"):
            found = found.get(key) if isinstance(found, dict) else None
        if not isinstance(found, str) or not found:
            raise RefusedError(403, "no viewer in the answer", what)
        return found

    def now(self) -> float:
        """The time by the clock of its patience (s)."""
        return self._patience.clock()

    def pause(self, seconds: float) -> None:
        """Wait before something is looked at again."""
        self._patience.sleep(seconds)

    def _repeated(
        self, method: str, address: str, what: str, query: Mapping[str, Any] | None, body: Mapping[str, Any] | None
    ) -> Response:
        """The answer to something that may be asked again."""
        pause = _FIRST_PAUSE
        for attempt in range(1, _TRIES + 1):
            try:
                return self._once_allowed(method, address, what, query, body)
            except UncertainError:
                if attempt == _TRIES:
                    raise
                self._patience.sleep(pause)
                pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def _once_allowed(
        self, method: str, address: str, what: str, query: Mapping[str, Any] | None, body: Mapping[str, Any] | None
    ) -> Response:
        """The answer to one question, asked again only where a rate limit kept it from being looked at."""
        while True:
            with suppress(StaleError):
                return self._at_once(method, address, what, query, body)

    def _at_once(
        self, method: str, address: str, what: str, query: Mapping[str, Any] | None, body: Mapping[str, Any] | None
    ) -> Response:
        """The answer to one question. StaleError once a rate limit that kept it from being looked at is over."""
        answer = self._send(method, address, what, query, body)
        pause = _pause(answer, self._patience.clock())
        if pause is None:
            return _accepted(answer, what)
        if not self._patience.wait(pause):
            hint = "run fewer jobs at once, or post again later with perfgate comment"
            raise GithubError(f"GitHub's rate limit allows no more for {pause:.0f} s; could not {what}", hint)
        raise StaleError(f"GitHub's rate limit was waited for: could not {what}", "read again, then write again")

    def _send(
        self, method: str, address: str, what: str, query: Mapping[str, Any] | None, body: Mapping[str, Any] | None
    ) -> Response:
        from requests import RequestException

        try:
            # No redirects: a repository that has moved says so, and the token stays at the address it is for.
            return self._session.request(
                method,
                address,
                params=query,
                json=body,
                headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": _VERSION},
                auth=self._authorise,
                timeout=(_SECONDS_TO_CONNECT, self._patience.answer),
                allow_redirects=False,
            )
        except RequestException as error:
            raise UncertainError(f"GitHub could not be asked to {what}: {type(error).__name__}", _NETWORK) from None

    def _authorise(self, request: PreparedRequest) -> PreparedRequest:
        """As an auth handler, the token goes before what a .netrc file says."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _accepted(answer: Response, what: str) -> Response:
    """The answer where it is a good one; else the error that it stands for."""
    if 200 <= answer.status_code < 300:
        return answer
    if answer.status_code >= 500:
        raise UncertainError(f"GitHub failed to {what} ({answer.status_code})", _NETWORK)
    raise RefusedError(answer.status_code, _said(answer), what)


def _plain(answer: Response, what: str) -> Any:
    """What an answer holds. GithubError where that is no JSON: some proxies answer with a page."""
    try:
        return answer.json()
    except ValueError:
        raise GithubError(f"the answer of GitHub is no JSON, so perfgate cannot {what}", _ADDRESS) from None


def _items(answer: Response, what: str) -> list[Item]:
    found = _plain(answer, what)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise GithubError(f"the answer of GitHub is no list, so perfgate cannot {what}", _ADDRESS)
    return found


def _item(answer: Response, what: str) -> Item:
    found = _plain(answer, what)
    if not isinstance(found, dict):
        raise GithubError(f"the answer of GitHub is no object, so perfgate cannot {what}", _ADDRESS)
    return found


def _pause(answer: Response, now: float) -> float | None:
    """How many seconds a rate limit asks to wait; None where it is none."""
    if answer.status_code not in (403, 429):
        return None
    asked = answer.headers.get("Retry-After", "")
    if asked.isdecimal():
        return max(1.0, float(asked))
    reset = answer.headers.get("X-RateLimit-Reset", "")
    if answer.headers.get("X-RateLimit-Remaining") == "0" and reset.isdecimal():
        return max(1.0, float(reset) - now + 1)
    if answer.status_code == 429 or "rate limit" in _said(answer).lower():
        return _UNNAMED_PAUSE
    return None


_SAID_LIMIT = 300
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


def _said(answer: Response) -> str:
    """GitHub's own words: its message, and what it says of each mistake; one line of ASCII."""
    try:
        plain = answer.json()
    except ValueError:
        return ""
    if not isinstance(plain, dict):
        return ""
    errors = plain.get("errors")
    parts = [plain.get("message"), *(errors if isinstance(errors, list) else [])]
    texts = [part.get("message") if isinstance(part, dict) else part for part in parts]
    return _UNPRINTABLE.sub(" ", "; ".join(str(text) for text in texts if text))[:_SAID_LIMIT]


_NETWORK = "the report is in the summary of the job; perfgate comment posts a stored result again"
_ADDRESS = "does GITHUB_API_URL name GitHub's REST interface?"


def _hint(status: int, said: str) -> str:
    """What to do about an answer."""
    if status == 401:
        return "the token is wrong or has expired: GITHUB_TOKEN or PERFGATE_TOKEN holds it"
    if "locked" in said.lower():
        return "unlock the conversation, or read the report in the summary of the job"
    if status == 403:
        return "give the job the right to comment: `permissions: pull-requests: write` in the workflow"
    if status == 404:
        return "the token must see the repository: `permissions: pull-requests: write` and `contents: read`"
    if 300 <= status < 400:
        return "the repository or the address has moved: see GITHUB_REPOSITORY and GITHUB_API_URL"
    return "the report is in the summary of the job"
