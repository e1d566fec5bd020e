"""The server of the embedded petstore: signals, ports and connections."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from gevent.pywsgi import WSGIServer

import perfgate
from perfgate.petstore.application import Application
from perfgate.petstore.handler import Handler
from perfgate.petstore.injections import parse_injections
from perfgate.petstore.stock import stocked_store
from perfgate.petstore.store import Shelf
from perfgate.service.own_service import OwnService
from tests.support.command import assert_no_traceback
from tests.support.pids import pid_of

COMMAND = [sys.executable, "-m", "perfgate.petstore"]
HOUSE = Path(perfgate.__file__).parent.parent


@contextmanager
def running(*options: str, stdin: int | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A petstore started by its command, and the URL that it says."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *options], stdin=stdin, stdout=pipe, text=True, cwd=HOUSE) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    parts = urlsplit(url)
    with closing(socket.create_connection((parts.hostname, parts.port), timeout=10)) as connection:
        yield connection


def exchange(url: str, request: bytes) -> bytes:
    """Everything the service says to bytes that end the connection."""
    with connected(url) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_the_petstore_says_the_url_that_it_serves_at() -> None:
    with running() as (_, url):
        assert requests.get(f"{url}/pet/1", timeout=10).json()["name"] == "Cat 1"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_though_a_connection_is_open(number: int) -> None:
    with running() as (process, url), requests.Session() as session:
        session.get(f"{url}/pet/1", timeout=10)
        process.send_signal(number)
        assert process.wait(60) == 0


def test_a_port_that_is_taken_is_a_clear_mistake(petstore: OwnService) -> None:
    port = urlsplit(petstore.instance.url).port
    ended = subprocess.run([*COMMAND, f"--port={port}"], capture_output=True, text=True, cwd=HOUSE, timeout=30)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in ended.stderr
    assert "--port" in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--port=65536"], "no port 65536"),
        (["--host=nowhere.invalid"], "cannot listen on nowhere.invalid"),
        (["--slow=x", "--errors=2"], "2 mistakes"),
    ],
)
def test_wrong_options_are_a_mistake_without_a_traceback(options: list[str], message: str) -> None:
    ended = subprocess.run([*COMMAND, *options], capture_output=True, text=True, cwd=HOUSE, timeout=30)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert_no_traceback(ended.stderr)


def test_a_port_can_be_used_again_at_once() -> None:
    with running() as (process, url):
        requests.get(f"{url}/pet/1", timeout=10)
        with connected(url) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert connection.recv(100)
            # The service closes first, so the port stays in TIME_WAIT on its side.
            process.terminate()
            process.wait(60)
    with running(f"--port={urlsplit(url).port}") as (_, again):
        assert again == url


def test_no_answer_waits_for_a_delayed_acknowledgement(petstore: OwnService, session: requests.Session) -> None:
    def seconds(number: int) -> float:
        began = time.perf_counter()
        answer = session.post(
            f"{petstore.instance.url}/pet", json={"id": 5000 + number, "name": "x" * 3000, "photoUrls": []}
        )
        assert answer.status_code == 200
        return time.perf_counter() - began

    # The system delays it after a few answers, by 40 ms. On a busy machine others may be late, but never all of them.
    assert min([seconds(number) for number in range(60)][30:]) < 0.03


class RecordingSocket(socket.socket):
    """A connection that remembers what was sent at once."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(fileno=connection.detach())
        self.sent: list[bytes] = []

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        self.sent.append(bytes(data))
        super().sendall(data, flags)


def test_an_answer_is_sent_at_once_and_without_delay() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=10)
        accepted = RecordingSocket(listener.accept()[0])
    with closing(client):
        client.sendall(b"GET /pet/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        application = Application(stocked_store(), parse_injections([], ""), None)
        handler = Handler(accepted, accepted.getpeername(), WSGIServer(("127.0.0.1", 0), application))
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        handler.handle()
        assert len(accepted.sent) == 1
        assert accepted.sent[0].startswith(b"HTTP/1.1 200 OK\r\n")
        assert accepted.sent[0].endswith(b'"status":"available"}')


def test_requests_sent_at_once_are_answered_in_order(petstore: OwnService) -> None:
    request = b"".join(b"GET /pet/%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in (1, 4, 2, 5, 3))
    names = re.findall(rb'"name":"((?:Cat|Dog) .)"', exchange(petstore.instance.url, request))
    assert names == [b"Cat 1", b"Dog 1", b"Cat 2", b"Dog 2", b"Cat 3"]


def test_a_connection_ends_when_the_client_says_so(petstore: OwnService) -> None:
    with connected(petstore.instance.url) as connection:
        connection.sendall(b"GET /pet/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"".join(iter(lambda: connection.recv(65536), b"")).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_chunked_body_is_read(petstore: OwnService) -> None:
    pieces = iter([b'{"id": 77, ', b'"name": "chunked"}'])
    answer = requests.post(
        f"{petstore.instance.url}/pet", data=pieces, headers={"Content-Type": "application/json"}, timeout=10
    )
    assert answer.json()["name"] == "chunked"


def test_a_client_that_waits_to_be_told_to_continue_is_told(petstore: OwnService) -> None:
    body = b'{"id": 78, "name": "patient"}'
    with connected(petstore.instance.url) as connection:
        head = f"POST /pet HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        connection.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")
        connection.sendall(body)
        assert b'"patient"' in connection.recv(65536)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n",
        b"POST /pet HTTP/1.1\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_and_harms_nobody(petstore: OwnService, request_bytes: bytes) -> None:
    assert exchange(petstore.instance.url, request_bytes).startswith(b"HTTP/1.1 400 ")
    assert petstore.instance.alive()
    assert requests.get(petstore.instance.url, timeout=10).status_code == 200


def test_a_client_that_goes_away_harms_nobody(petstore: OwnService) -> None:
    for _ in range(5):
        with connected(petstore.instance.url) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            connection.sendall(b"POST /pet HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    assert requests.get(petstore.instance.url, timeout=10).status_code == 200


def test_answers_carry_what_http_asks_for(petstore: OwnService) -> None:
    parts = urlsplit(petstore.instance.url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)) as connection:
        connection.request("DELETE", "/store/order/999")
        answer = connection.getresponse()
        assert (answer.read(), answer.headers["Content-Length"]) == (b"", "0")
        assert answer.headers["Date"].endswith("GMT")


def test_it_ends_with_its_lifeline() -> None:
    with running("--lifeline", stdin=subprocess.PIPE) as (process, url):
        assert url.startswith("http://")
        assert process.stdin is not None
        process.stdin.write("a word is not the end\n")
        process.stdin.flush()
        assert requests.get(url, timeout=10).status_code == 200
        process.stdin.close()
        assert process.wait(60) == 0


def test_without_a_lifeline_the_end_of_standard_input_means_nothing() -> None:
    with running(stdin=subprocess.DEVNULL) as (_, url):
        assert requests.get(url, timeout=10).status_code == 200


def test_a_shelf_keeps_the_newest() -> None:
    shelf: Shelf[int, str] = Shelf(3)
    for number in (1, 2, 3):
        shelf.put(number, str(number))
    shelf.put(1, "one")
    shelf.put(4, "4")
    assert (list(shelf), len(shelf), shelf.get(2)) == (["3", "one", "4"], 3, None)
    shelf.remove(3)
    shelf.remove(3)
    assert list(shelf) == ["one", "4"]


def test_a_store_does_not_grow_beyond_its_limit() -> None:
    store = stocked_store(limit=20)
    for number in range(100, 200):
        store.put_pet({"id": number})
        store.put_order({"id": number, "quantity": 1, "status": "placed"})
        store.put_user({"username": f"u{number}"})
    assert (len(store.pets), len(store.orders), len(store.users)) == (20, 20, 20)
    assert store.inventory() == {"placed": 20}


def test_importing_the_options_of_the_petstore_brings_no_gevent() -> None:
    code = "import sys, perfgate.service.opening; sys.exit('gevent' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=HOUSE, timeout=30).returncode == 0


def test_many_connections_at_once_are_served(open_petstore: Callable[[str], OwnService]) -> None:
    url = open_petstore("petstore").instance.url
    parts = urlsplit(url)
    connections = [socket.create_connection((parts.hostname, parts.port), timeout=10) for _ in range(200)]
    try:
        for connection in connections:
            connection.sendall(b"GET /pet/1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert all(connection.recv(65536).startswith(b"HTTP/1.1 200 ") for connection in connections)
    finally:
        for connection in connections:
            connection.close()


def test_the_process_of_the_tests_has_no_children_left(open_petstore: Callable[[str], OwnService]) -> None:
    service = open_petstore("petstore")
    service.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid_of(service), 0)
