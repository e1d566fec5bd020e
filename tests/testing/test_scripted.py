"""The end of a scripted server, while its clients stay."""

from __future__ import annotations

import socket
import ssl
import threading
import time

import pytest
import trustme

from perfgate.testing import ScriptedServer
from perfgate.testing.scripted import Answers

SAID = {
    "nothing": b"",
    "half a request": b"GET / HTTP/1.1\r\n",
    "a request that is answered": b"GET / HTTP/1.1\r\n\r\n",
    "one before a pause": b"GET /pause HTTP/1.1\r\n\r\n",
    "one for more than is read": b"GET /much HTTP/1.1\r\n\r\n",
}
SCRIPT: Answers = {"/": [b"HTTP/1.1 204 No Content\r\n\r\n"], "/pause": [3600.0], "/much": [bytes(50_000_000)]}


class Watched(ScriptedServer):
    """Keeps of each connection whether it was open as long as its thread used it."""

    def __init__(self, tls=None):
        self.kept_open = []
        super().__init__(SCRIPT, tls=tls)

    def __enter__(self) -> Watched:
        super().__enter__()
        return self

    def _serve(self, connection):
        try:
            super()._serve(connection)
        finally:
            self.kept_open.append(connection.fileno() >= 0)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def certified(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def connect(server):
    return socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))


def until_heard(server, said):
    while not (server.requests if said.endswith(b"\r\n\r\n") else server.connections):
        time.sleep(0.001)


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_a_server_ends_all_its_threads_and_closes_no_connection_under_one(said):
    with Watched() as server:
        client = connect(server)
        client.sendall(said)
        until_heard(server, said)
    assert all(server.kept_open)
    client.close()


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_so_it_does_over_tls(certified, trusting, said):
    with Watched(certified) as server:
        client = trusting.wrap_socket(connect(server), server_hostname="localhost")
        client.sendall(said)
        until_heard(server, said)
    assert server.kept_open == [True]
    client.close()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n"])
def test_so_it_does_in_the_midst_of_a_handshake(certified, said):
    with Watched(certified) as server:
        client = connect(server)
        client.sendall(said)
        until_heard(server, b"")
    assert server.kept_open == []
    client.close()
