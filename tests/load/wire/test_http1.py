"""The wire against a service that sends exactly what the test says."""

import socket
import threading
import time

import pytest

from perfgate.load.wire.failure import FailureKind, WireError
from perfgate.load.wire.interface import Request, Route
from perfgate.load.wire.stream import KERNEL_CLOCK, Stream
from perfgate.testing import ScriptedServer
from tests.support.asking import LIMITS, OK, ask, failure, first_stamped, heard_more, nobody, until

GET = Request("GET", "/", "Host: x\r\n", b"")


def test_an_answer_comes_whole_with_its_times(wire):
    with ScriptedServer({"/": [OK]}) as server:
        answer = ask(wire, server)
    assert (answer.status, answer.body, answer.headers) == (200, b"hi", [(b"Content-Length", b"2")])
    assert answer.sent_ns < answer.received_ns <= answer.noticed_ns
    assert answer.received_bytes == len(OK)


@pytest.mark.skipif(not KERNEL_CLOCK, reason="only Linux stamps received segments")
def test_the_kernel_says_when_an_answer_came(wire):
    with ScriptedServer({"/": [OK]}) as server:
        answer = first_stamped(lambda: ask(wire, server))
    assert answer.sent_ns < answer.received_ns < answer.noticed_ns


def test_the_kernels_stamp_is_that_of_the_last_piece(wire):
    with ScriptedServer({"/": [OK[:-1], 0.2, OK[-1:]]}) as server:
        answer = ask(wire, server)
    assert answer.received_ns - answer.sent_ns > 0.19e9


def test_a_connection_is_used_again(wire):
    with ScriptedServer({"/": [OK]}) as server:
        for _ in range(3):
            ask(wire, server)
        assert server.connections == 1


def test_closing_the_wire_opens_the_next_connection_anew(wire):
    with ScriptedServer({"/": [OK]}) as server:
        ask(wire, server)
        wire.close()
        ask(wire, server)
        assert server.connections == 2


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        (
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"],
            b"abcde",
        ),
        ([b"HTTP/1.1 200 OK\r\n\r\nto the end", ScriptedServer.CLOSE], b"to the end"),
        ([b"HTTP/1.0 200 OK\r\n\r\nold", ScriptedServer.CLOSE], b"old"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n" + OK], b"hi"),
        ([b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK], b"hi"),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"], b""),
        ([OK[:10], OK[10:20], OK[20:]], b"hi"),
    ],
    ids=["chunked", "no length", "HTTP/1.0", "100", "103", "204", "304", "in pieces"],
)
def test_bodies_end_where_http_says(wire, pieces, body):
    with ScriptedServer({"/": pieces}) as server:
        assert ask(wire, server).body == body


def test_head_has_no_body_and_keeps_the_connection(wire):
    with ScriptedServer({"/": [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"], "/next": [OK]}) as server:
        assert ask(wire, server, method="HEAD").body == b""
        assert ask(wire, server, "/next").body == b"hi"
        assert server.connections == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("answer", [b"200 OK\r\nContent-Length: 2\r\n\r\nhi", b"204 No Content\r\n\r\n"])
def test_connection_close_is_obeyed(wire, method, answer):
    answer = answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    answer = answer.removesuffix(b"hi") if method == "HEAD" else answer
    with ScriptedServer({"/": [b"HTTP/1.1 " + answer]}) as server:
        ask(wire, server, method=method)
        ask(wire, server, method=method)
        assert server.connections == 2


def test_a_connection_that_the_service_closed_meanwhile_is_replaced(wire):
    with ScriptedServer({"/": [OK, ScriptedServer.CLOSE]}) as server:
        for _ in range(5):
            assert ask(wire, server, method="GET").status == 200
        until(lambda: heard_more(wire))
        assert ask(wire, server, method="POST").status == 200, "it was seen to be closed before anything was sent"


def test_what_follows_an_answer_does_not_leak_into_it_or_the_next(wire):
    extra = b"HTTP/1.1 500 Oops\r\nX: y\r\nContent-Length: 3\r\n\r\nbad"
    with ScriptedServer({"/": [OK + extra], "/next": [OK]}) as server:
        first = ask(wire, server)
        assert (first.status, first.body, len(first.headers)) == (200, b"hi", 1)
        assert ask(wire, server, "/next").status == 200


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", ScriptedServer.CLOSE], FailureKind.RESET),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ScriptedServer.CLOSE], FailureKind.RESET),
        ([ScriptedServer.CLOSE], FailureKind.RESET),
        ([None], FailureKind.RESET),
        ([b"this is not HTTP\r\n\r\n"], FailureKind.PROTOCOL),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"], FailureKind.PROTOCOL),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], FailureKind.PROTOCOL),
        ([b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"y" * 1_200_000], FailureKind.PROTOCOL),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 2_000_000], FailureKind.TOO_LARGE),
    ],
    ids=["short", "short chunk", "no answer", "reset", "not HTTP", "bad length", "bad chunk", "long header", "large"],
)
def test_a_misbehaving_service_is_one_of_a_few_kinds_of_failure(wire, pieces, kind):
    with ScriptedServer({"/": pieces}) as server:
        assert failure(wire, server) is kind


@pytest.mark.parametrize(
    "pieces",
    [[10.0], [b"HTTP/1.1 200 OK\r\n", 10.0], [OK[:-1], 10.0], [b"HTTP/1.1 200 OK\r\n\r\n", *[b"drip", 0.05] * 200]],
    ids=["silence", "in the headers", "in the body", "an endless drip"],
)
def test_an_answer_that_takes_too_long_times_out(wire, pieces):
    with ScriptedServer({"/": pieces}) as server:
        assert failure(wire, server, limits=LIMITS._replace(answer=0.3)) is FailureKind.TIMEOUT


def test_a_refused_connection_is_a_connect_failure(wire):
    with nobody() as url:
        assert failure(wire, url) is FailureKind.CONNECT


def test_a_name_that_does_not_resolve_is_a_dns_failure(wire):
    with pytest.raises(WireError) as caught:
        wire.exchange(Route("http", "no-such-host.invalid", 80), GET, LIMITS)
    assert caught.value.kind is FailureKind.DNS


def test_plain_http_on_a_tls_port_is_a_tls_failure(wire):
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_answer_garbage_to_tls, args=(listener,)).start()
    with pytest.raises(WireError) as caught:
        wire.exchange(Route("https", "127.0.0.1", listener.getsockname()[1]), GET, LIMITS)
    assert caught.value.kind is FailureKind.TLS


def _answer_garbage_to_tls(listener):
    connection, _ = listener.accept()
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    connection.close()
    listener.close()


def test_a_post_on_a_broken_connection_is_not_sent_twice(wire):
    with ScriptedServer({"/": [OK], "/once": [ScriptedServer.CLOSE]}) as server:
        ask(wire, server)
        assert failure(wire, server, path="/once", method="POST") is FailureKind.RESET
        assert sum(b"/once" in request for request in server.requests) == 1


def test_half_an_answer_is_not_asked_for_again(wire):
    half: list[bytes | float | None] = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 0.05, None]
    with ScriptedServer({"/": [OK], "/half": half}) as server:
        ask(wire, server)
        assert failure(wire, server, path="/half", method="GET") is FailureKind.RESET
        assert sum(b"/half" in request for request in server.requests) == 1


def test_trailers_are_no_headers(wire):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n"
    with ScriptedServer({"/": [chunked]}) as server:
        assert ask(wire, server).headers == [(b"Transfer-Encoding", b"chunked")]


def test_the_reason_is_the_services_own(wire):
    with ScriptedServer({"/": [OK.replace(b"200 OK", b"200 Good dog")]}) as server:
        assert ask(wire, server).reason == b"Good dog"


def test_an_idempotent_request_on_a_stale_connection_is_repeated_once(wire):
    with ScriptedServer({"/": [OK], "/once": [ScriptedServer.CLOSE]}) as server:
        ask(wire, server)
        assert failure(wire, server, path="/once", method="GET") is FailureKind.RESET
        assert sum(b"/once" in request for request in server.requests) == 2


def test_a_folded_header_is_one_with_a_space_at_each_fold(wire):
    head = b"HTTP/1.1 200 OK\r\nX-Note: a\r\n   b\r\n\tc \r\nContent-Length: 2\r\n\r\n"
    with ScriptedServer({"/": [head + b"hi"]}) as server:
        answer = ask(wire, server)
        assert ask(wire, server).body == b"hi"
        assert server.connections == 1
    assert answer.headers == [(b"X-Note", b"a b c"), (b"Content-Length", b"2")]


def test_the_phases_of_an_exchange_are_told_where_they_took_time(wire):
    with ScriptedServer({"/": [OK], "/slow": [OK[:-1], 0.2, OK[-1:]]}) as server:
        opened, kept, slow = (ask(wire, server, path) for path in ("/", "/", "/slow"))
    assert opened.phases.blocked_ns >= opened.phases.connecting_ns > 0
    assert opened.phases[2:] == (0, 0, 0)
    assert kept.phases is None
    # Of a first byte without a stamp it is known when it was noticed, which may be late.
    assert 0 < slow.phases.receiving_ns < slow.received_ns - slow.sent_ns
    assert slow.phases[:4] == (0, 0, 0, 0)


def test_a_body_that_the_kernel_does_not_take_at_once_was_sent_for_a_while(wire):
    with ScriptedServer({"/": [OK]}) as server:
        answer = ask(wire, server, method="POST", fields="Content-Length: 100000\r\n", body=bytes(100_000))
    assert answer.phases.sending_ns > 0


def test_a_connection_that_was_idle_often_is_not_asked_right_after_an_answer_and_is_asked_later(wire, monkeypatch):
    asked = []
    readable = Stream.readable

    def ask_it(stream):
        asked.append(stream)
        return readable(stream)

    monkeypatch.setattr(Stream, "readable", ask_it)
    with ScriptedServer({"/": [OK]}) as server:
        for _ in range(500):
            ask(wire, server)
        assert 8 <= len(asked) < 500
        before = len(asked)
        until(lambda: time.time_ns() - next(iter(wire._connections.values()))[-1]._noticed_ns > 1_000_000)
        ask(wire, server)
        assert len(asked) == before + 1
