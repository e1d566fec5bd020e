"""The wire that VUs use: keep-alive connections, and another try where a kept one turns out to be stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from perfgate.load.wire.connector import Connector
from perfgate.load.wire.failure import DeadlineExceeded, Unprocessed, WireError, classify
from perfgate.load.wire.http1 import Http1Connection
from perfgate.load.wire.interface import IDEMPOTENT, Limits, RawResponse, Request, Route
from perfgate.load.wire.stream import ByteStream

_EXCHANGE_ERRORS = (OSError, WireError, DeadlineExceeded)


class Connection(Protocol):
    """One connection to one service, in whatever version of HTTP. reusable, heard: see Http1Connection."""

    reusable: bool

    @property
    def heard(self) -> bool: ...

    def idle(self) -> bool: ...

    def exchange(self, request: Request, limits: Limits) -> RawResponse: ...

    def close(self) -> None: ...


class HttpWire:
    """HTTP with keep-alive, one connection per route: what one VU uses, as one browser tab would.

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
        self._connections: dict[Route, Connection] = {}

    def exchange(self, route: Route, request: Request, limits: Limits) -> RawResponse:
        """See Wire. A kept connection that the service closed meanwhile is replaced, as RFC 9112, 9.3.1 allows."""
        connection = self._connections.pop(route, None)
        if connection is not None and not connection.idle():
            connection.close()
            connection = None
        kept = connection is not None
        if connection is None:
            stream = self._connector.connect(route, self._protocol, limits.connect)
            connection = self._new_connection(stream, route)
        try:
            answer = connection.exchange(request, limits)
        except _EXCHANGE_ERRORS as error:
            connection.close()
            if kept and _may_be_repeated(request, error, connection.heard):
                return self.exchange(route, request, limits)
            raise classify(error, connecting=False) from None
        except BaseException:  # the greenlet is being ended: leave no half-read connection behind
            connection.close()
            raise
        if self._keep_alive and connection.reusable:
            self._connections[route] = connection
        else:
            connection.close()
        return answer

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()


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
