"""Answers of services in HTTP/1.1 and HTTP/2, spoiled, from a real peer."""

from __future__ import annotations

import gzip
import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import strategies as st

from perfgate.load.generator.recorder import RoundRecorder
from perfgate.load.generator.unique_ids import UniqueIds
from perfgate.load.generator.user import User
from perfgate.load.http.session import Session
from perfgate.load.wire.connector import Connector
from perfgate.load.wire.http2 import Http2Connection
from perfgate.load.wire.http_wire import new_wire
from perfgate.load.wire.stream import Deadlines
from perfgate.metrics.request_names import Names
from perfgate.testing import ScriptedServer
from tests.support.h2_client import H2Client, heard, no_answer_differs
from tests.support.mutations import pieces_of, spoiled_bytes
from tests.support.spoiled_http2 import SEEDS

pytestmark = pytest.mark.fuzz

_SECONDS = 0.5  # of a request
_HEAD = b"HTTP/1.1 200 OK\r\n"
_PACKED = gzip.compress(b'{"id": 1, "name": "Rex"}' * 20)
HTTP1 = [
    _HEAD + b'Content-Type: application/json; charset=utf-8\r\nContent-Length: 9\r\n\r\n{"id": 1}',
    _HEAD + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
    _HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_PACKED) + _PACKED,
    _HEAD + b"Content-Encoding: gzip, deflate, br, zstd\r\nX: a\r\n b\r\n\r\n" + _PACKED,
    _HEAD + b"Set-Cookie: a=b; Path=/; Max-Age=9; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
    + _HEAD
    + b"Connection: close\r\nLink: <http://127.0.0.1/?page=2>; rel=next\r\n\r\nhello",
    b"HTTP/1.1 302 Found\r\nLocation: /next?a=b#c\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=a, nonce=b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n\x81\x02hi",
]


class _Peer(ScriptedServer):
    """Hears a request, says what it is told to, and hangs up."""

    answers: list[bytes]

    def __init__(self) -> None:
        super().__init__({})
        self.answers = []

    def __enter__(self) -> _Peer:
        super().__enter__()
        return self

    def _serve(self, connection: socket.socket) -> None:
        connection.recv(65_536)
        for piece in self.answers:
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(_SECONDS)
        while connection.recv(65_536):
            pass


@contextmanager
def _users_of(peer: _Peer, http_version: str) -> Iterator[Iterator[tuple[User, RoundRecorder]]]:
    """New users of the peer, each with the recorder that it counts into."""
    deadlines = Deadlines()
    connector = Connector(deadlines)

    def users() -> Iterator[tuple[User, RoundRecorder]]:
        for _ in itertools.count():
            session = Session(peer.url, new_wire(connector, http_version, keep_alive=True), _SECONDS)
            user = User(0, session, UniqueIds(1, 0, 1), {}, lambda _vu, _iteration: None)
            recorder = RoundRecorder(Names())
            user.enter(recorder, float("inf"), "1")
            yield user, recorder
            session.close()
            assert len(deadlines) == 0, "a connection was left open"

    try:
        yield users()
    finally:
        deadlines.stop()


def _look_at_all(user: User) -> None:
    """What a scenario does with an answer, short of what may raise by itself."""
    response = user.get("/pets")
    _ = response.status_code, response.ok, response.reason, response.elapsed, response.url, response.error
    if response.error is None:
        _ = response.content, response.text, dict(response.headers), response.encoding, response.history
        _ = response.links, list(response.cookies), response.is_redirect, list(response.iter_lines())
    user.post("/pets", json={"id": 1})


def _play(fuzz, seeds: list[bytes], http_version: str) -> None:
    with _Peer() as peer, _users_of(peer, http_version) as users:

        def play(given: tuple[bytes, int]) -> None:
            peer.answers = pieces_of(*given)
            user, recorder = next(users)
            user.iterate(_look_at_all)
            assert recorder.scenario_errors == {}
            assert recorder.tally.request_count >= 2

        fuzz(st.tuples(spoiled_bytes(seeds), st.integers(0, 2**16)), play)


def test_answers_in_http_1_1(fuzz):
    _play(fuzz, HTTP1, "1.1")


def test_answers_in_http_2(fuzz):
    _play(fuzz, SEEDS, "2")


def test_answers_in_http_2_are_those_that_h2_hears(fuzz):
    def compare(given: tuple[bytes, int, str]) -> None:
        pieces, method = pieces_of(*given[:2]), given[2]
        assert no_answer_differs(heard(Http2Connection, pieces, method), heard(H2Client, pieces, method))

    fuzz(st.tuples(spoiled_bytes(SEEDS), st.integers(0, 2**16), st.sampled_from(("GET", "HEAD"))), compare)
