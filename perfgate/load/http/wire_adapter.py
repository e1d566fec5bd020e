"""Our wire as the transport of a requests.Session: prepared requests become ours, answers become requests' own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import BaseAdapter

from perfgate.load.http.response import to_requests
from perfgate.load.http.streamed_body import StreamedBody
from perfgate.load.http.urls import split_url
from perfgate.load.wire.interface import MAXIMUM_BODY, UNOPENED, Limits, Phases, RawResponse, Request, Wire
from perfgate.load.wire.proxy import proxy_for

_WITHOUT_BODY = frozenset(("GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"))
_PIECE = 65_536


@dataclass(slots=True)
class ExchangeStats:
    """One request of a scenario as the wire saw it, its redirects included.

    first, last: the first and the last answer; None until one has come.
    sent_bytes, received_bytes: of all exchanges together.
    streamed: the body of the last answer, where it is still to come.
    redirected_to: the URL that answered in the end, where that is another one.
    """

    first: RawResponse | None
    last: RawResponse | None
    sent_bytes: int
    received_bytes: int
    streamed: StreamedBody | None = None
    redirected_to: str = ""


# What exchanges are counted into. Each greenlet and thread has its own: a user may send several requests at once, and
# one within another, as an auth plug-in does that fetches a token.
_STATS: ContextVar[ExchangeStats | None] = ContextVar("stats", default=None)


@contextmanager
def counting_into(stats: ExchangeStats) -> Iterator[ExchangeStats]:
    """Count the exchanges that are made meanwhile into `stats`."""
    token = _STATS.set(stats)
    try:
        yield stats
    finally:
        _STATS.reset(token)


class BodyError(Exception):
    """Reading the body that a scenario wants to send failed; the cause is its own mistake."""


class WireAdapter(BaseAdapter):
    """Our wire as the transport of a requests.Session. WireError passes through requests as it is."""

    def __init__(self, wire: Wire, timeout: float) -> None:
        super().__init__()
        self._wire = wire
        self._timeout = timeout

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """See requests.adapters.BaseAdapter.send."""
        url = str(request.url)
        route, _ = split_url(url)
        route = route._replace(
            verify=verify, cert=tuple(cert) if isinstance(cert, list) else cert, proxy=proxy_for(url, proxies)
        )
        drop = "Proxy-Authorization" if route.proxy and route.proxy.authorization else None
        asked = as_request(request, route.authority, drop), limits_of(timeout, self._timeout)
        body = None
        if stream:
            body = StreamedBody(self._wire.stream(route, *asked))
            answer = body.streamed.answer
        else:
            answer = self._wire.exchange(route, *asked)
        stats = _STATS.get()
        if stats is not None:
            _count(stats, answer, body)
        real = to_requests(url, answer, request, body)
        real.request = request
        real.__dict__["connection"] = self  # which auth plug-ins use to ask again
        return real

    def close(self) -> None:
        self._wire.close()


def _count(stats: ExchangeStats, answer: RawResponse, body: StreamedBody | None) -> None:
    """Add an exchange to those that belong to the same request of a scenario."""
    before = stats.last
    if before is not None and before.phases is not None:
        answer.phases = _one_after_the_other(before.phases, answer.phases or UNOPENED)
    stats.first = stats.first or answer
    stats.last, stats.streamed = answer, body
    stats.sent_bytes += answer.sent_bytes
    stats.received_bytes += answer.received_bytes


def _one_after_the_other(one: Phases, other: Phases) -> Phases:
    """The phases of two exchanges; what is received first is waited for."""
    return Phases(
        one.blocked_ns + other.blocked_ns,
        one.connecting_ns + other.connecting_ns,
        one.tls_ns + other.tls_ns,
        one.sending_ns + other.sending_ns,
        other.receiving_ns,
    )


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


def _text(value: object) -> str:
    """A header's name or value as http.client writes it: of an Enum of text its value, not what str() says."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str.__str__(value) if isinstance(value, str) else str(value)


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
