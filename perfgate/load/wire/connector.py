"""Opening connections: name, address, proxy and TLS, all in the time that connecting may take."""

from __future__ import annotations

import ssl
import time
from collections.abc import Sequence
from typing import NamedTuple

import gevent

from perfgate.load.wire.failure import DeadlineExceeded, FailureKind, WireError, classify
from perfgate.load.wire.interface import Proxy, Route
from perfgate.load.wire.proxy import open_tunnel
from perfgate.load.wire.resolver import Resolver
from perfgate.load.wire.stream import ByteStream, Deadlines, Stream, new_socket
from perfgate.load.wire.tls import TlsStream, Trust


class Connected(NamedTuple):
    """A new connection, and what of the time it took was for TCP and for TLS (ns); the rest is names and proxies."""

    stream: ByteStream
    connecting_ns: int
    tls_ns: int


class Connector:
    """Opens connections for all VUs of a worker; they share what it learns of names and of whom to trust."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._resolver = Resolver()
        self._trust = Trust()

    def connect(self, route: Route, protocol: str, seconds: float) -> Connected:
        """A connection to the end of `route`, ready for `protocol` (an ALPN name), within `seconds`.

        Reading whom to trust is our own work and takes nothing of that time. WireError
        where there is none. OSError where `verify` or `cert` name files that cannot be used.
        """
        context = self._trust.context(route.verify, route.cert, protocol) if route.scheme == "https" else None
        deadline = time.monotonic() + seconds
        hop = route.proxy or route
        addresses = self._addresses(hop, deadline)
        began_ns = time.monotonic_ns()
        stream: ByteStream = self._reach(hop, addresses, deadline)
        connecting_ns, tls_ns = time.monotonic_ns() - began_ns, 0
        stream.deadline = deadline
        try:
            if route.proxy is not None:
                stream = self._pass_proxy(stream, route, route.proxy, protocol)
            if context is not None:
                began_ns = time.monotonic_ns()
                stream = _secured(stream, context, route.host)
                tls_ns = time.monotonic_ns() - began_ns
        except (OSError, DeadlineExceeded, WireError) as error:
            stream.close()
            raise classify(error, connecting=True) from None
        except BaseException:  # the greenlet is being ended
            stream.close()
            raise
        return Connected(stream, connecting_ns, tls_ns)

    def _addresses(self, hop: Route | Proxy, deadline: float) -> Sequence[tuple[int, object]]:
        known = self._resolver.known(*hop[:3])
        if known is not None:
            return known
        try:
            with gevent.Timeout(max(0.001, deadline - time.monotonic()), DeadlineExceeded()):
                return self._resolver.addresses(*hop[:3])
        except (OSError, UnicodeError, DeadlineExceeded) as error:
            raise _unresolved(error, hop.host) from None

    def _reach(self, hop: Route | Proxy, addresses: Sequence[tuple[int, object]], deadline: float) -> Stream:
        """A plain connection to the service or the proxy: the first of its addresses that takes one."""
        failure: Exception = OSError(f"no address for {hop.host}")
        for number, address in enumerate(addresses):
            # An address that swallows everything must leave time for the next one.
            share = (deadline - time.monotonic()) / (len(addresses) - number)
            try:
                stream = self._dial(*address, time.monotonic() + share)
            except (OSError, DeadlineExceeded) as error:
                failure = error
            else:
                self._resolver.prefer(hop.host, hop.port, address)
                return stream
        raise classify(failure, connecting=True) from None

    def _dial(self, family: int, address: object, deadline: float) -> Stream:
        stream = Stream(new_socket(family), self._deadlines)
        stream.deadline = deadline
        try:
            stream.connect(address)
        except BaseException:
            stream.close()
            raise
        return stream

    def _pass_proxy(self, stream: ByteStream, route: Route, proxy: Proxy, protocol: str) -> ByteStream:
        """Through a proxy to the service. It forwards plain HTTP/1.1 by itself; all else needs a tunnel."""
        if proxy.scheme == "https":
            stream = _secured(stream, self._trust.context(route.verify, None, "http/1.1"), proxy.host)
        if route.scheme == "https" or protocol != "http/1.1":
            open_tunnel(stream, route, proxy)
        return stream


def _secured(stream: ByteStream, context: ssl.SSLContext, name: str) -> TlsStream:
    secured = TlsStream(stream, context, name)
    try:
        secured.handshake()
    except ConnectionError as error:
        raise WireError(FailureKind.TLS, f"the connection broke in the handshake: {error}") from None
    return secured


def _unresolved(error: Exception, host: str) -> WireError:
    if isinstance(error, DeadlineExceeded):
        return WireError(FailureKind.DNS, f"{host} was not looked up in time")
    return WireError(FailureKind.DNS, f"{host}: {error}")
