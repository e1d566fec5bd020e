"""A session that behaves as a `requests.Session` does, over our wire.

Most requests of a load test are plain: a path, a JSON body, perhaps headers and parameters, the session's default
headers (a token, a cookie), and an answer that is no redirect. Those take the fast path. Everything else (files,
redirects, proxies, auth plug-ins, odd URLs) goes through requests itself, with our wire as its transport adapter, so
its behaviour is requests' own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from itertools import chain
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from requests.cookies import extract_cookies_to_jar
from requests.utils import DEFAULT_ACCEPT_ENCODING

from perfgate.load.http.asked import never_answered
from perfgate.load.http.default_headers import DefaultHeaders, is_plain
from perfgate.load.http.json_body import encode_json
from perfgate.load.http.notable_headers import notable_in
from perfgate.load.http.offline_session import USER_AGENT, OfflineSession
from perfgate.load.http.requests_failure import failure_of, is_mistake
from perfgate.load.http.response import Response, answer_of
from perfgate.load.http.urls import TargetUrls, absolute, place_of, split_url
from perfgate.load.http.wire_adapter import BodyError, ExchangeStats, WireAdapter, counting_into, limits_of
from perfgate.load.wire.failure import WireError
from perfgate.load.wire.interface import UNIX, Request, Wire

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
# Paths that requests would send as they are: nothing to quote, no dot segments to fold.
_PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_~!$&'()*+,;=:@-]+(?:\.[A-Za-z0-9_~-]+)*/?)*(?:\?[A-Za-z0-9_~.=&-]*)?")
# The first ones, which were looked at: a scenario without ids in its paths has no others.
_PLAIN_PATHS: set[str] = set()
_MOST_PATHS = 1000
# Those of requests.Session.request, of which None is as good as nothing.
_OPTIONS = frozenset(("params", "data", "json", "headers", "cookies", "files", "auth", "timeout"))
_OPTIONS |= {"proxies", "hooks", "stream", "verify", "cert"}
# Parts of a query that requests writes as str() does. Not what derives from them: str() of an Enum is its name.
_PLAIN_TYPES = frozenset((str, int, float, bool))


class Session:
    """Requests to one base URL as one user sends them: cookies are kept, connections too.

    urls: those of the target.
    """

    def __init__(self, base_url: str, wire: Wire, timeout: float) -> None:
        self.urls = TargetUrls(base_url)
        self._route, self._prefix = split_url(base_url)
        parts = urlsplit(base_url)
        self._base_url = f"{parts.scheme}://{place_of(parts)}{self._prefix}"
        self._wire = wire
        self._timeout = timeout
        self._limits = limits_of(None, timeout)
        self._offline_session: OfflineSession | None = None
        self._default_headers: DefaultHeaders | None = None
        self._adapter = WireAdapter(wire, timeout)
        self._fast_path = not self._prefix or _PLAIN_PATH.fullmatch(self._prefix) is not None
        self._host = f"Host: {self._route.authority}\r\n"
        self._fields = (
            f"{self._host}User-Agent: {USER_AGENT}\r\n"
            f"Accept-Encoding: {DEFAULT_ACCEPT_ENCODING}\r\nAccept: */*\r\nConnection: keep-alive\r\n"
        )
        if parts.username is not None:
            self.offline_session.auth = requests.utils.get_auth_from_url(base_url)

    @property
    def offline_session(self) -> OfflineSession:
        """The requests.Session whose headers, cookies and auth apply."""
        if self._offline_session is None:
            self._offline_session = OfflineSession()
            self._default_headers = DefaultHeaders(self._offline_session, self._base_url, self._host)
            self._offline_session.verify, self._offline_session.cert = self._route.verify, self._route.cert
            for scheme in ("http", "https", UNIX):
                self._offline_session.mount(f"{scheme}://", self._adapter)
        return self._offline_session

    @property
    def verify(self) -> Any:
        """As of a requests.Session."""
        return self._route.verify

    @verify.setter
    def verify(self, value: Any) -> None:
        self._route = self._route._replace(verify=value)
        if self._offline_session is not None:
            self._offline_session.verify = value

    @property
    def cert(self) -> Any:
        """As of a requests.Session."""
        return self._route.cert

    @cert.setter
    def cert(self, value: Any) -> None:
        self._route = self._route._replace(cert=tuple(value) if isinstance(value, list) else value)
        if self._offline_session is not None:
            self._offline_session.cert = value

    def send(self, method: str, url: str, options: dict[str, Any]) -> tuple[Response, ExchangeStats]:
        """Send one request; `options` are the keyword arguments of `requests.Session.request`. Raises WireError."""
        timeout = options.pop("timeout", None)
        allow_redirects = options.pop("allow_redirects", method != "HEAD")
        if self._fast_path and (url in _PLAIN_PATHS or _is_plain_path(url)):
            plain = self._plain(method, url, options)
            if plain is not None:
                return self._send_plain(self._base_url + plain[0], plain[1], timeout, allow_redirects)
        return self._send_via_requests(method, url, {"allow_redirects": allow_redirects, "timeout": timeout, **options})

    def _plain(self, method: str, url: str, options: dict[str, Any]) -> tuple[str, Request] | None:
        """The path with its parameters and the whole request, or None where requests has to look at it."""
        defaults = self._default_headers
        lines = self._fields if defaults is None else defaults.lines()
        if lines is None:
            return None
        body = b""
        for name, value in options.items():
            if value is None and name in _OPTIONS:
                continue
            if name == "json" and not options.get("data"):
                body = encode_json(value)
                lines += "Content-Type: application/json\r\n"
            elif name == "data" and isinstance(value, (str, bytes)):
                body = value.encode() if isinstance(value, str) else value
            elif name == "params" and isinstance(value, Mapping) and value and "?" not in url:
                if not _PLAIN_TYPES.issuperset(map(type, chain(value, value.values()))):
                    return None
                url += "?" + urlencode(value)
            elif name == "headers" and isinstance(value, Mapping) and _plain_headers(value, defaults):
                lines += "".join(f"{header}: {content}\r\n" for header, content in value.items())
            else:
                return None
        if body or method not in ("GET", "HEAD"):
            lines += f"Content-Length: {len(body)}\r\n"
        return url, Request(method, self._prefix + url, lines, body)

    def _send_plain(
        self, url: str, request: Request, timeout: Any, allow_redirects: bool
    ) -> tuple[Response, ExchangeStats]:
        limits = self._limits if timeout is None else limits_of(timeout, self._timeout)
        answer = self._wire.exchange(self._route, request, limits)
        stats = ExchangeStats(answer, answer, answer.sent_bytes, answer.received_bytes)
        response = Response(url, answer, asked=request)
        if answer.status in _REDIRECTS and allow_redirects:
            return self._follow(response, timeout, stats)
        notable = notable_in(answer.headers)
        if notable.sets_cookies:
            self._take_cookies(response)
        if notable.is_encoded:
            _unpack(response)
        return response, stats

    def _take_cookies(self, response: Response) -> None:
        extract: Any = extract_cookies_to_jar
        extract(self.offline_session.cookies, requests.Request("GET", response.url).prepare(), response.real.raw)

    def mount(self, prefix: str, adapter: Any) -> None:
        """Send requests to URLs that begin with `prefix` through another adapter; from now on requests looks at all."""
        self._fast_path = False
        self.offline_session.mount(prefix, adapter)

    def _follow(self, response: Response, timeout: Any, stats: ExchangeStats) -> tuple[Response, ExchangeStats]:
        """Hand a redirect over to requests."""
        first = response.real
        session = self.offline_session
        first.request.__dict__["_cookies"] = session.cookies.copy()
        self._take_cookies(response)
        first.__dict__["connection"] = self._adapter
        trust: dict[str, Any] = {"verify": session.verify, "cert": session.cert, "proxies": session.proxies}
        try:
            with counting_into(stats):
                chain = [first, *session.resolve_redirects(first, first.request, timeout=timeout, **trust)]
        except requests.RequestException as error:
            raise failure_of(error) from None
        final = chain.pop()
        final.history = chain
        stats.redirected_to = str(final.url) if chain else ""
        response = Response.of(final, stats.last or response.answer)
        if not chain:  # it leads nowhere, so nothing has looked at its body yet
            _unpack(response)
        return response, stats

    def _send_via_requests(self, method: str, url: str, options: dict[str, Any]) -> tuple[Response, ExchangeStats]:
        whole = absolute(self._base_url, url)
        session = self.offline_session
        stats = ExchangeStats(None, None, 0, 0)
        sent_ns = time.time_ns()
        try:
            with counting_into(stats):
                real = session.request(method, whole, **options)
        except requests.RequestException as error:
            if is_mistake(error):
                raise
            raise failure_of(error) from None
        except BodyError as error:
            raise error.__cause__ or error from None
        if stats.last is None:  # an adapter that the scenario mounted has sent it
            answer = answer_of(real, sent_ns, time.time_ns())
            stats = ExchangeStats(answer, answer, answer.sent_bytes, answer.received_bytes)
        stats.redirected_to = str(real.url) if real.history else ""
        return Response.of(real, stats.last), stats

    def unanswered(self, method: str, url: str, options: dict[str, Any], why: WireError) -> Response:
        """The response of a request that no answer came to."""
        return Response(url, None, why, never_answered(method, absolute(self._base_url, url), options))

    def close(self) -> None:
        """Close the connections; cookies stay."""
        self._wire.close()


def _is_plain_path(url: str) -> bool:
    if _PLAIN_PATH.fullmatch(url) is None:
        return False
    if len(_PLAIN_PATHS) < _MOST_PATHS:
        _PLAIN_PATHS.add(url)
    return True


def _unpack(response: Response) -> None:
    """Decode the body now: an answer that cannot be decoded counts as failed, even if nobody reads it."""
    try:
        _ = response.real.content
    except requests.RequestException as error:
        raise failure_of(error) from None


def _plain_headers(headers: Mapping[str, Any], defaults: DefaultHeaders | None) -> bool:
    """Whether headers can be added to the default ones as they are."""
    taken = _OWN_HEADERS if defaults is None else _OWN_HEADERS | defaults.names
    return all(is_plain(name, value) and name.lower() not in taken for name, value in headers.items())


_OWN_HEADERS = frozenset(
    ("host", "user-agent", "accept-encoding", "accept", "connection", "content-length", "content-type", "cookie")
)
