"""The wire that VUs use: keep-alive connections, and another try where a kept one turns out to be stale."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Protocol

from perfgate.load.wire.connector import Connector
from perfgate.load.wire.failure import Unprocessed, classify
from perfgate.load.wire.http1 import Http1Connection
from perfgate.load.wire.interface import IDEMPOTENT, Limits, Phases, RawResponse, Request, Route, StreamedAnswer
from perfgate.load.wire.stream import ByteStream
from perfgate.load.wire.streamed import EXCHANGE_ERRORS, AnswerInPieces


class Connection(Protocol):
    """One connection to one service, in whatever version of HTTP. reusable, heard: see Http1Connection."""

    reusable: bool

    @property
    def heard(self) -> bool: ...

    def idle(self) -> bool: ...

    def exchange(self, request: Request, limits: Limits) -> RawResponse: ...

    def begin(self, request: Request, limits: Limits) -> tuple[RawResponse, int]: ...

    def more(self, answer: RawResponse, seconds: float) -> bytes: ...

    def close(self) -> None: ...


class HttpWire:
    """HTTP with keep-alive: what one VU uses, as one browser tab would.

    One connection per route does, and as many as there are requests under way at the same time.

    protocol: what TLS is to agree on (ALPN). new_connection: what speaks it on a stream that is connected.
    """

    def __init__(
        self,
        connector: Connector,
        keep_alive: bool = True,
        protocol: str = Http1Connection.PROTOCOL,
        new_connection: Callable[[ByteStream, Route], Connection] = Http1Connection,
    ) -> None:
        self._connector = connector
        self._keep_alive = keep_alive
        self._protocol = protocol
        self._new_connection = new_connection
        self._connections: dict[Route, list[Connection]] = {}
        self._streaming: set[Connection] = set()

    def exchange(self, route: Route, request: Request, limits: Limits) -> RawResponse:
        """See Wire. A kept connection that the service closed meanwhile is replaced, as RFC 9112, 9.3.1 allows."""
        connection = self._kept(route)
        if connection is None:
            connection, opening = self._open(route, limits)
        else:
            opening = None
        try:
            answer = connection.exchange(request, limits)
        except EXCHANGE_ERRORS as error:
            connection.close()
            if opening is None and _may_be_repeated(request, error, connection.heard):
                return self.exchange(route, request, limits)
            raise classify(error, connecting=False) from None
        except BaseException:  # the greenlet is being ended: leave no half-read connection behind
            connection.close()
            raise
        if opening is not None:
            answer.phases = _after(opening, answer.phases)
        self._put_back(route, connection)
        return answer

    def stream(self, route: Route, request: Request, limits: Limits) -> StreamedAnswer:
        """See Wire."""
        connection = self._kept(route)
        kept, opening = connection is not None, None
        if connection is None:
            connection, opening = self._open(route, limits)
        try:
            begun = connection.begin(request, limits)
        except EXCHANGE_ERRORS as error:
            connection.close()
            if kept and _may_be_repeated(request, error, connection.heard):
                return self.stream(route, request, limits)
            raise classify(error, connecting=False) from None
        except BaseException:
            connection.close()
            raise
        if opening is not None:
            begun[0].phases = _after(opening, begun[0].phases)
        self._streaming.add(connection)
        take_back = partial(self._take_back, route, connection)
        return AnswerInPieces(connection, begun, limits.answer, take_back)

    def _kept(self, route: Route) -> Connection | None:
        """A connection to that end which was kept, if it is still there."""
        kept = self._connections.get(route)
        if not kept:
            return None
        connection = kept.pop()
        if not connection.idle():
            connection.close()
            return None
        return connection

    def _put_back(self, route: Route, connection: Connection) -> None:
        """Keep a connection for the next request, if it is good for one."""
        if self._keep_alive and connection.reusable:
            self._connections.setdefault(route, []).append(connection)
        else:
            connection.close()

    def _open(self, route: Route, limits: Limits) -> tuple[Connection, Phases]:
        """A new connection, and the time that it took."""
        began_ns = time.monotonic_ns()
        stream, connecting_ns, tls_ns = self._connector.connect(route, self._protocol, limits.connect)
        blocked_ns = time.monotonic_ns() - began_ns
        return self._new_connection(stream, route), Phases(blocked_ns, connecting_ns, tls_ns, 0, 0)

    def _take_back(self, route: Route, connection: Connection) -> None:
        """A connection whose answer has been read, or is not to be."""
        if connection not in self._streaming:
            return  # closed meanwhile
        self._streaming.discard(connection)
        self._put_back(route, connection)

    def close(self) -> None:
        for connection in (*chain.from_iterable(self._connections.values()), *self._streaming):
            connection.close()
        self._connections.clear()
        self._streaming.clear()


def _after(opening: Phases, phases: Phases | None) -> Phases:
    """The phases of an exchange whose connection was opened for it."""
    return opening if phases is None else Phases(*opening[:3], *phases[3:])


def _may_be_repeated(request: Request, error: Exception, heard: bool) -> bool:
    """Whether a request that failed on a kept connection can be sent again without harm."""
    if not isinstance(request.body, bytes):
        return False
    if isinstance(error, Unprocessed):
        return True
    return isinstance(error, ConnectionError) and not heard and request.method in IDEMPOTENT


def new_wire(connector: Connector, http_version: str, keep_alive: bool) -> HttpWire:
    """A wire for one VU. http_version: "1.1", or "2", for which the hpack library must be there."""
    if http_version == "2":
        from perfgate.load.wire.http2 import Http2Connection  # hpack is an extra

        return HttpWire(connector, keep_alive, Http2Connection.PROTOCOL, Http2Connection)
    return HttpWire(connector, keep_alive)
