"""A real requests.Session on our wire: requests and answers are treated exactly as requests treats them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import BaseAdapter

from perfgate.load.http.default_headers import TrackedCookies, TrackedHeaders
from perfgate.load.http.response import to_requests
from perfgate.load.http.urls import join, split_url
from perfgate.load.wire.interface import MAXIMUM_BODY, UNIX, Limits, RawResponse, Request, Wire
from perfgate.load.wire.proxy import proxy_for
from perfgate.version import VERSION

USER_AGENT = f"perfgate/{VERSION}"
_WITHOUT_BODY = frozenset(("GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"))
_PIECE = 65_536


@dataclass(slots=True)
class ExchangeStats:
    """One request of a scenario as the wire saw it, its redirects included.

    first, last: the first and the last answer; None until one has come.
    sent_bytes, received_bytes: of all exchanges together.
    """

    first: RawResponse | None
    last: RawResponse | None
    sent_bytes: int
    received_bytes: int


class BodyError(Exception):
    """Reading the body that a scenario wants to send failed; the cause is its own mistake."""


class MisdirectedError(requests.RequestException):
    """A redirect to an impossible URL: the service's mistake, not one of the scenario."""


class OfflineSession(requests.Session):
    """A requests.Session that takes nothing from the environment.

    Neither its proxies (HTTP_PROXY and the like: a load test must not go through a proxy by accident), nor
    REQUESTS_CA_BUNDLE, nor ~/.netrc; what a scenario sets itself counts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.headers = TrackedHeaders({**self.headers, "User-Agent": USER_AGENT})
        self.cookies = TrackedCookies()

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """The URL of a redirect. Python itself joins no URLs of unix sockets."""
        target = super().get_redirect_target(resp)
        return join(resp.url, target) if target and resp.url.startswith(UNIX) else target

    def resolve_redirects(self, *arguments: Any, **options: Any) -> Iterator[Any]:
        """See requests.Session.resolve_redirects. MisdirectedError where the redirect is nonsense."""
        try:
            yield from super().resolve_redirects(*arguments, **options)
        except ValueError as error:
            if not options.get("yield_requests"):  # else nobody wants to go there
                raise MisdirectedError(f"a redirect leads nowhere: {error}") from None


class WireAdapter(BaseAdapter):
    """Our wire as the transport of a requests.Session. WireError passes through requests as it is."""

    def __init__(self, wire: Wire, timeout: float) -> None:
        super().__init__()
        self._wire = wire
        self._timeout = timeout
        self.stats = ExchangeStats(None, None, 0, 0)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """See requests.adapters.BaseAdapter.send. With `stream` too the whole answer comes first: it is measured."""
        url = str(request.url)
        route, _ = split_url(url)
        route = route._replace(
            verify=verify, cert=tuple(cert) if isinstance(cert, list) else cert, proxy=proxy_for(url, proxies)
        )
        drop = "Proxy-Authorization" if route.proxy and route.proxy.authorization else None
        answer = self._wire.exchange(
            route, as_request(request, route.authority, drop), limits_of(timeout, self._timeout)
        )
        stats = self.stats
        stats.first = stats.first or answer
        stats.last = answer
        stats.sent_bytes += answer.sent_bytes
        stats.received_bytes += answer.received_bytes
        real = to_requests(url, answer, request)
        real.request = request
        real.__dict__["connection"] = self  # which auth plug-ins use to ask again
        return real

    def close(self) -> None:
        self._wire.close()


def as_request(prepared: requests.PreparedRequest, authority: str, drop: str | None = None) -> Request:
    """A prepared request as our own; `authority` is what Host says if it says nothing, `drop` a header to leave out."""
    headers = prepared.headers.copy()
    method = str(prepared.method)
    if drop is not None:
        headers.pop(drop, None)
    headers.setdefault("Accept-Encoding", "identity")  # what http.client says for those who say nothing
    host = "" if "Host" in headers else f"Host: {authority}\r\n"
    if prepared.body is None and method not in _WITHOUT_BODY and "Content-Length" not in headers:
        headers["Content-Length"] = "0"  # as urllib3 does for a request that a redirect took the body of
    fields = host + "".join(f"{_text(name)}: {_text(value)}\r\n" for name, value in headers.items())
    return Request(method, prepared.path_url, fields, _body(prepared.body))


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body(body: Any) -> bytes | Iterator[bytes]:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    return _pieces(body)


def _pieces(body: Any) -> Iterator[bytes]:
    """A file or any iterable piece by piece. BodyError where reading it fails as a network could."""
    try:
        for piece in _read(body) if hasattr(body, "read") else body:
            yield piece.encode() if isinstance(piece, str) else memoryview(piece).tobytes()
    except OSError as error:
        raise BodyError from error


def _read(file: Any) -> Iterator[Any]:
    while piece := file.read(_PIECE):
        yield piece


def limits_of(timeout: Any, default: float) -> Limits:
    """requests' timeout (seconds, or a pair of connect and read) as limits; None is the scenario's own."""
    if timeout is None:
        return Limits(default, default, MAXIMUM_BODY)
    if isinstance(timeout, (int, float)):
        return Limits(timeout, timeout, MAXIMUM_BODY)
    connect, answer = timeout
    return Limits(default if connect is None else connect, default if answer is None else answer, MAXIMUM_BODY)
