"""How the tests of the wire ask: one request to a server, and the answer or the kind of failure."""

import pytest

from perfgate.load.urls import split_url
from perfgate.load.wire.contract import Limits, Request
from perfgate.load.wire.failure import WireError

LIMITS = Limits(connect=5.0, answer=5.0, body=1_000_000)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def ask(wire, server, path="/", method="GET", limits=LIMITS, fields="", body=b"", **trust):
    """The answer of `server` (or of a URL); `trust` is for the route: verify, cert, proxy."""
    route, _ = split_url(server if isinstance(server, str) else server.url)
    route = route._replace(**trust)
    return wire.exchange(route, Request(method, path, f"Host: {route.authority}\r\n{fields}", body), limits)


def first_stamped(ask_once):
    """The first answer that the kernel stamped: it begins to do so a moment after it was told to."""
    return next(answer for answer in (ask_once() for _ in range(500)) if answer.stamped)


def failure(wire, server, **options):
    """The kind of failure, and what is said about it."""
    with pytest.raises(WireError) as caught:
        ask(wire, server, **options)
    return caught.value.kind
