"""How the tests of the wire ask: one request to a server, and the answer or the kind of failure."""

import re
import socket
import time
from contextlib import closing, contextmanager

import pytest

from perfgate.load.http.urls import split_url
from perfgate.load.wire.failure import WireError
from perfgate.load.wire.interface import Limits, Request

LIMITS = Limits(connect=5.0, answer=5.0, body=1_000_000)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def ask(wire, server, path="/", method="GET", limits=LIMITS, fields="", body=b"", **trust):
    """The answer of `server` (or of a URL); `trust` is for the route: verify, cert, proxy."""
    route, _ = split_url(server if isinstance(server, str) else server.url)
    route = route._replace(**trust)
    return wire.exchange(route, Request(method, path, f"Host: {route.authority}\r\n{fields}", body), limits)


def until(holds):
    """Wait until something holds, however long a busy machine takes for it; half a minute is for ever."""
    deadline = time.monotonic() + 30
    while not (found := holds()):
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.002)
    return found


def heard_more(wire):
    """Whether each connection that a wire keeps has something to read that it has not yet looked at."""
    return all(connection._stream.readable() for kept in wire._connections.values() for connection in kept)


def faults(played):
    """Problems of a round other than those that a busy neighbour makes, who keeps the generator from its CPU."""
    return [problem for problem in played.problems if not re.search("of its CPU| late |were dropped", problem)]


def first_stamped(ask_once):
    """The first answer that the kernel stamped: it begins to do so a moment after it was told to."""

    def stamped():
        answer = ask_once()
        return answer if answer.stamped else None

    return until(stamped)


@contextmanager
def nobody():
    """The URL of a port that is nobody's, and that nobody else can take meanwhile: bound, but not listened on."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def failure(wire, server, **options):
    """The kind of failure, and what is said about it."""
    with pytest.raises(WireError) as caught:
        ask(wire, server, **options)
    return caught.value.kind
