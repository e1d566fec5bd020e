"""Answers whose heads came before are what the parser would make of them."""

import pytest

from perfgate.load.wire import http1
from perfgate.load.wire.failure import FailureKind
from perfgate.load.wire.interface import Headers
from perfgate.load.wire.seen_heads import SeenHead, SeenHeads
from perfgate.testing import ScriptedServer
from tests.support.asking import ask, failure


@pytest.fixture(autouse=True)
def seen(monkeypatch):
    """Heads that no other test has seen."""
    heads = SeenHeads()
    monkeypatch.setattr(http1, "_SEEN", heads)
    return heads


def answer(body, *fields, status="200 OK"):
    head = [f"HTTP/1.1 {status}".encode(), *fields, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def what(answer):
    return answer.status, answer.reason, list(answer.headers), answer.body, answer.received_bytes


def test_the_parser_is_asked_once_for_a_head(wire, seen, monkeypatch):
    script = {"/a": [answer(b"one", b"X: y")], "/b": [answer(b"two", b"X: y")], "/c": [answer(b"three", b"X: y")]}
    with ScriptedServer(script) as server:
        first = ask(wire, server, "/a")
        monkeypatch.setattr(http1.Http1Connection, "_feed", None)
        second = ask(wire, server, "/b")
        monkeypatch.undo()
        monkeypatch.setattr(http1, "_SEEN", seen)
        third = ask(wire, server, "/c")
        assert server.connections == 1
    assert what(second) == (200, b"OK", [(b"X", b"y"), (b"Content-Length", b"3")], b"two", len(script["/b"][0]))
    assert second.headers is first.headers
    assert third.body == b"three"


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nhi"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"],
        [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"hi"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more"],
        [b"HTTP/1.1 200 OK\r\n\r\nhi", ScriptedServer.CLOSE],
    ],
    ids=["chunked", "folded", "length twice", "100", "two pieces", "too much", "no length"],
)
def test_whatever_is_not_plain_is_read_by_the_parser_every_time(wire, seen, pieces):
    with ScriptedServer({"/": pieces}) as server:
        answers = [ask(wire, server) for _ in range(3)]
    assert {found.body for found in answers} <= {b"hi", b""}
    assert len({what(found)[:3] == what(answers[0])[:3] for found in answers}) == 1
    assert all(head.startswith(b"HTTP/1.1 100") is False for head in seen._heads)
    if pieces[0].endswith((b"more", b"0\r\n\r\n")):
        assert not seen._heads


def test_a_head_that_came_before_says_whether_the_connection_lives_on(wire):
    with ScriptedServer({"/": [answer(b"hi", b"Connection: close")]}) as server:
        assert [ask(wire, server).body for _ in range(3)] == [b"hi"] * 3
        assert server.connections == 3


def test_a_head_is_no_answer_to_head(wire):
    with ScriptedServer({"/": [answer(b"hi")], "/head": [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"]}) as server:
        assert ask(wire, server).body == b"hi"
        assert ask(wire, server, "/head", method="HEAD").body == b""
        assert ask(wire, server).body == b"hi"


def test_a_body_that_is_shorter_than_its_head_says_is_still_a_failure(wire):
    with ScriptedServer({"/": [answer(b"hello")], "/cut": [answer(b"hello")[:-1], ScriptedServer.CLOSE]}) as server:
        ask(wire, server)
        assert failure(wire, server, path="/cut") is FailureKind.RESET


def test_heads_that_never_come_again_are_not_looked_for_for_ever():
    heads = SeenHeads()
    for number in range(2000):
        data = b"HTTP/1.1 200 OK\r\nX-Id: %d\r\n\r\n" % number
        assert heads.find(data) is None
        heads.keep(data, SeenHead(200, b"OK", Headers(), 0, True), b"")
    assert not heads._is_useful
    assert len(heads._heads) <= 512


def test_heads_that_come_again_are_kept_though_many_others_come():
    heads = SeenHeads()
    for number in range(3000):
        for path in (b"same", b"%d" % number):
            data = b"HTTP/1.1 200 OK\r\nX-Id: %s\r\n\r\n" % path
            if heads.find(data) is None:
                heads.keep(data, SeenHead(200, b"OK", Headers(), 0, True), b"")
    assert heads._is_useful
    assert len(heads._heads) <= 512
