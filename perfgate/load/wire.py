"""HTTP/1.1 on gevent sockets: one request out, one answer back, with the times of both.

The parser is llhttp (by httptools). Only what belongs to one exchange is here: redirects, cookies and encodings are the
session's.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import certifi
import gevent.socket
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from perfgate.load.failure import Expired, FailureKind, WireError, classify
from perfgate.load.stream import Deadlines, Stream, TlsStream, new_socket

MAXIMUM_BODY = 64 * 2**20
_MAXIMUM_HEAD = 2**20
_IDEMPOTENT = frozenset(("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"))


class Route(NamedTuple):
    """Where a connection goes to, and whom it trusts there.

    verify: True for the usual authorities, False for none, or the path of a CA bundle. cert: the path of a client
    certificate with its key, or the paths of both.
    """

    scheme: str
    host: str
    port: int
    verify: bool | str = True
    cert: str | tuple[str, str] | None = None


class Limits(NamedTuple):
    """Seconds to connect, seconds to the end of the answer, and the largest body that is taken, in bytes."""

    connect: float
    answer: float
    body: int


@dataclass
class Answer:
    """One whole answer. Times in Unix nanoseconds; `stamped`: received_ns is the kernel's, else this process's own.

    noticed_ns: when this process had it in hand, whichever clock says received_ns.
    """

    __slots__ = ("body", "headers", "noticed_ns", "received_bytes", "received_ns", "sent_ns", "stamped", "status")

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    sent_ns: int
    received_ns: int
    noticed_ns: int
    stamped: bool
    received_bytes: int


class Wire(Protocol):
    """What carries requests. Ours is HttpWire; tests and other transports stand in for it."""

    def exchange(self, route: Route, method: str, payload: bytes, limits: Limits) -> Answer:
        """Send `payload`, a whole request, and return its answer. WireError where there is none."""

    def close(self) -> None:
        """Close every connection; the next exchange opens anew."""


class _Connection:
    """One connection and the answer that is being read from it; llhttp calls the on_... methods."""

    def __init__(self, stream: Stream | TlsStream) -> None:
        self.stream = stream
        self.reusable = False
        self._parser = HttpResponseParser(self)
        self._begin()

    def _begin(self) -> None:
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._body_size = 0
        self._status = 0
        self._complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if not self._complete:
            self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._body_size += len(body)

    def on_message_complete(self) -> None:
        if self._complete:
            return
        if 100 <= self._status < 200 and self._status != 101:
            self._begin()
        else:
            self._complete = True
            self.reusable = self._parser.should_keep_alive()
            # Whatever a confused service sends after its answer must not leak into it.
            self._answer = self._headers, self._body
            self._headers, self._body = [], []

    def exchange(self, method: str, payload: bytes, limits: Limits) -> Answer:
        """One request and its answer. Raises what the network, llhttp or a limit raise."""
        self._begin()
        stream = self.stream
        stream.deadline = time.monotonic() + limits.answer
        sent_ns = time.time_ns()
        stream.send(payload)
        received_bytes = self._read(method, limits)
        noticed_ns = time.time_ns()
        # A stamp outside of the exchange (the clock was stepped, or there was none) gives way to the process clock.
        stamped = sent_ns <= stream.stamp <= noticed_ns
        received_ns = stream.stamp if stamped else noticed_ns
        headers, body = self._answer
        whole = body[0] if len(body) == 1 else b"".join(body)
        return Answer(self._status, headers, whole, sent_ns, received_ns, noticed_ns, stamped, received_bytes)

    def _read(self, method: str, limits: Limits) -> int:
        """Read until the answer is whole; the bytes it took."""
        received = 0
        while True:
            data = self.stream.receive()
            if not data:
                self._end_of_stream(received)
                return received
            received += len(data)
            self._feed(data)
            if self._complete:
                return received
            if self._status >= 200 and method == "HEAD":
                self._end_of_head()
                return received
            if self._body_size > limits.body:
                raise WireError(FailureKind.TOO_LARGE, f"the body is larger than {limits.body:,} bytes")
            if not self._status and received > _MAXIMUM_HEAD:
                raise WireError(FailureKind.PROTOCOL, f"the headers are larger than {_MAXIMUM_HEAD:,} bytes")

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self._complete, self._answer = True, (self._headers, self._body)
        except HttpParserError:
            if not self._complete:
                raise
            self.reusable = False  # the answer is whole, what came after it is not HTTP

    def _end_of_head(self) -> None:
        """HEAD has no body, whatever its headers say; llhttp would wait for one."""
        self.reusable = self._parser.should_keep_alive()
        self._answer = self._headers, []
        self._parser = HttpResponseParser(self)

    def _end_of_stream(self, received: int) -> None:
        """The peer closed: the end of a body without a length, or of a connection that broke."""
        names = {name.lower() for name, _ in self._headers}
        self.reusable = False
        if self._status >= 200 and not names & {b"content-length", b"transfer-encoding"}:
            self._answer = self._headers, self._body
        elif received:
            raise WireError(FailureKind.RESET, "the service closed the connection in the middle of an answer")
        else:
            raise ConnectionResetError("the service closed the connection without an answer")


_EXCHANGE_ERRORS = (OSError, HttpParserError, WireError, Expired)


class HttpWire:
    """HTTP/1.1 with keep-alive, one connection per route: what one VU uses, as one browser tab would."""

    def __init__(
        self,
        deadlines: Deadlines,
        resolve: Callable[[str, int], list[Any]],
        tls: Callable[[Route], ssl.SSLContext],
        keep_alive: bool = True,
    ) -> None:
        self._deadlines = deadlines
        self._resolve = resolve
        self._tls = tls
        self._keep_alive = keep_alive
        self._connections: dict[Route, _Connection] = {}

    def exchange(self, route: Route, method: str, payload: bytes, limits: Limits) -> Answer:
        """See Wire. A kept connection that the service closed meanwhile is replaced, as RFC 9112, 9.3.1 allows."""
        connection = self._connections.pop(route, None)
        if connection is not None and connection.stream.readable():
            connection.stream.close()
            connection = None
        kept = connection is not None
        if connection is None:
            connection = self._connect(route, limits)
        try:
            answer = connection.exchange(method, payload, limits)
        except _EXCHANGE_ERRORS as error:
            connection.stream.close()
            if kept and isinstance(error, ConnectionError) and method in _IDEMPOTENT:
                return self.exchange(route, method, payload, limits)
            raise classify(error, connecting=False) from None
        except BaseException:  # the greenlet is being ended: leave no half-read connection behind
            connection.stream.close()
            raise
        if self._keep_alive and connection.reusable:
            self._connections[route] = connection
        else:
            connection.stream.close()
        return answer

    def close(self) -> None:
        for connection in self._connections.values():
            connection.stream.close()
        self._connections.clear()

    def _connect(self, route: Route, limits: Limits) -> _Connection:
        deadline = time.monotonic() + limits.connect
        failure: Exception = OSError(f"no address for {route.host}")
        try:
            addresses = self._resolve(route.host, route.port)
        except OSError as error:
            raise classify(error, connecting=True) from None
        for family, address in addresses:
            stream = Stream(new_socket(family), self._deadlines)
            stream.deadline = deadline
            try:
                stream.connect(address)
                return _Connection(stream if route.scheme == "http" else self._secure(stream, route))
            except (OSError, Expired) as error:
                stream.close()
                failure = error
        raise classify(failure, connecting=True) from None

    def _secure(self, stream: Stream, route: Route) -> TlsStream:
        secured = TlsStream(stream, self._tls(route), route.host)
        secured.handshake()
        return secured


def cached_resolver() -> Callable[[str, int], list[Any]]:
    """Look a name up once and remember its addresses, as k6 does, so that DNS is not part of the load."""
    known: dict[tuple[str, int], list[Any]] = {}

    def resolve(host: str, port: int) -> list[Any]:
        if (host, port) not in known:
            found = gevent.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            known[host, port] = [(family, address) for family, _, _, _, address in found]
        return known[host, port]

    return resolve


def cached_tls_contexts() -> Callable[[Route], ssl.SSLContext]:
    """TLS contexts, made once for each kind of trust, since loading the authorities takes milliseconds."""
    known: dict[tuple[object, object], ssl.SSLContext] = {}

    def context_for(route: Route) -> ssl.SSLContext:
        key = (route.verify, route.cert)
        if key not in known:
            known[key] = _new_context(route)
        return known[key]

    return context_for


def _new_context(route: Route) -> ssl.SSLContext:
    if isinstance(route.verify, str):
        context = ssl.create_default_context()
        context.load_verify_locations(**{"capath" if os.path.isdir(route.verify) else "cafile": route.verify})
    else:
        context = ssl.create_default_context(cafile=certifi.where())
    if route.verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if isinstance(route.cert, str):
        context.load_cert_chain(route.cert)
    elif route.cert is not None:
        context.load_cert_chain(*route.cert)
    return context
