"""A session's default headers (headers, auth, cookies) as ready HTTP/1.1 lines, for the fast path."""

from __future__ import annotations

import math
import re
import time
from typing import Any

import requests
from requests.auth import _basic_auth_str
from requests.cookies import RequestsCookieJar
from requests.cookies import get_cookie_header as cookie_header
from requests.structures import CaseInsensitiveDict

# Set by requests from the request itself: a session that sets one of these for all requests leaves the fast path.
_OWN = frozenset(("host", "cookie", "content-length", "content-type", "transfer-encoding"))
_LINE_BREAK = re.compile(r"[\r\n]")


class TrackedHeaders(CaseInsensitiveDict[Any]):
    """Headers with a count of their changes."""

    changes = 0

    def __setitem__(self, name: str, value: Any) -> None:
        self.changes += 1
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        self.changes += 1
        super().__delitem__(name)


class TrackedCookies(RequestsCookieJar):
    """Cookies with a count of their changes. All of http.cookiejar's ways to change a jar pass here."""

    changes = 0

    def set_cookie(self, *arguments: Any, **options: Any) -> Any:
        self.changes += 1
        return super().set_cookie(*arguments, **options)

    def clear(self, *arguments: Any, **options: Any) -> None:
        self.changes += 1
        super().clear(*arguments, **options)


class DefaultHeaders:
    """The header lines of every request of one session to one service, made anew when the session's settings change.

    names: of the headers that a person chose, in lower case.
    """

    def __init__(self, session: requests.Session, url: str, host: str) -> None:
        self.names: frozenset[str] = frozenset()
        self._session = session
        self._url = url
        self._host = host
        self._state: object = None
        self._lines: str | None = None
        self._until = math.inf

    def lines(self) -> str | None:
        """The header lines, each with its line end; None where only requests itself can tell what to send."""
        session: Any = self._session
        state = (session.headers.changes, session.cookies.changes, session.auth)
        if state != self._state or time.time() > self._until:
            self._state = state
            self._lines = self._renewed()
        return None if session.proxies else self._lines

    def _renewed(self) -> str | None:
        session: Any = self._session
        headers = {name: value for name, value in session.headers.items() if value is not None}
        if not all(is_plain(name, value) for name, value in headers.items()):
            return None
        self.names = frozenset(name.lower() for name in headers)
        if self.names & _OWN:
            return None
        if "accept-encoding" not in self.names:
            headers["Accept-Encoding"] = "identity"  # what http.client says for those who say nothing
        if session.auth is not None:
            if not (isinstance(session.auth, tuple) and [type(part) for part in session.auth] == [str, str]):
                return None
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            headers["Authorization"] = _basic_auth_str(*session.auth)
            self.names |= {"authorization"}
        cookies = list(session.cookies)
        if any(cookie.path != "/" for cookie in cookies):
            return None
        self._until = min((cookie.expires for cookie in cookies if cookie.expires is not None), default=math.inf)
        of_jar: Any = cookie_header
        # Of a copy, as requests takes one: in some versions of Python that puts them in order.
        header = of_jar(session.cookies.copy(), requests.Request("GET", self._url).prepare())
        if header:
            headers["Cookie"] = header
        if not is_plain("Cookie", header or ""):
            return None
        return self._host + "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def is_plain(name: object, value: object) -> bool:
    """Whether a header can be written as it is: text (of an Enum format() makes its name), and no line break."""
    return (
        type(name) is str
        and type(value) is str
        and value.isascii()
        and name.isascii()
        and not _LINE_BREAK.search(value)
        and not _LINE_BREAK.search(name)
    )
