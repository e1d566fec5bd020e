"""A service that misbehaves in every way we could think of: each ends in time, in the right kind of failure."""

import itertools

import gevent
import pytest

from perfgate.load.wire.failure import FailureKind
from perfgate.testing import ScriptedServer
from tests.support.asking import LIMITS, OK, ask, failure, heard_more, until

CLOSE, RESET = ScriptedServer.CLOSE, None
HEAD = b"HTTP/1.1 200 OK\r\n"
TWO = b"Content-Length: 2\r\n\r\nhi"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
HALF = HEAD + b"Content-Length: 100\r\n\r\nhalf"


def forever(*pieces, first=()):
    """Pieces without end, after the first ones."""
    return itertools.chain(first, itertools.cycle(pieces))


class Endless(dict):
    """A script that answers every path with pieces made anew."""

    def __init__(self, make):
        super().__init__()
        self._make = make

    def __getitem__(self, path):
        return self._make()


# Ends of connections.
ENDS = {
    "no answer": ([CLOSE], FailureKind.RESET),
    "no answer, and rudely": ([RESET], FailureKind.RESET),
    "half a status line": ([HEAD[:7], CLOSE], FailureKind.RESET),
    "half a header": ([HEAD + b"Content-Le", CLOSE], FailureKind.RESET),
    "headers only": ([HEAD + b"Content-Length: 2\r\n", CLOSE], FailureKind.RESET),
    "headers, then rudely": ([HEAD + b"Content-Length: 2\r\n\r\n", 0.05, RESET], FailureKind.RESET),
    "half a body": ([HALF, CLOSE], FailureKind.RESET),
    "half a body, then rudely": ([HALF, 0.05, RESET], FailureKind.RESET),
    "half a chunk": ([CHUNKED + b"a\r\nhalf", CLOSE], FailureKind.RESET),
    "half a chunk's size": ([CHUNKED + b"1", CLOSE], FailureKind.RESET),
    "no last chunk": ([CHUNKED + b"2\r\nhi\r\n", CLOSE], FailureKind.RESET),
    "half a last chunk": ([CHUNKED + b"2\r\nhi\r\n0\r\n", CLOSE], FailureKind.RESET),
    "body without length, then rudely": ([HEAD + b"\r\nhi", 0.05, RESET], FailureKind.RESET),
    "interim answer only": ([b"HTTP/1.1 100 Continue\r\n\r\n", CLOSE], FailureKind.RESET),
}

# What is no HTTP.
NONSENSE = {
    "two lengths in a line": [HEAD + b"Content-Length: 2, 3\r\n\r\nhi!"],
    "a folded header before nonsense": [HEAD + b"X: a\r\n b\r\nno header\r\n\r\n"],
    "something else": [b"220 mail.example.com ESMTP\r\n"],
    "HTML": [b"<html>hi</html>"],
    "zeros": [bytes(1_000)],
    "TLS": [b"\x15\x03\x01\x00\x02\x02\x46" * 10],
    "HTTP/2": [b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" * 10],
    "HTTP/2 by name": [b"HTTP/2 200 OK\r\n" + TWO],
    "small letters": [b"http/1.1 200 OK\r\n" + TWO],
    "an answer of radio stations": [b"ICY 200 OK\r\n" + TWO],
    "a request": [b"GET / HTTP/1.1\r\n\r\n"],
    "no status": [b"HTTP/1.1 OK\r\n" + TWO],
    "status in words": [b"HTTP/1.1 two OK\r\n" + TWO],
    "status 0": [b"HTTP/1.1 000 Zero\r\n" + TWO],
    "status 99": [b"HTTP/1.1 099 Low\r\n" + TWO],
    "status 1000": [b"HTTP/1.1 1000 High\r\n" + TWO],
    "status below nothing": [b"HTTP/1.1 -200 OK\r\n" + TWO],
    "a header without colon": [HEAD + b"nonsense\r\n" + TWO],
    "a header without name": [HEAD + b": nobody\r\n" + TWO],
    "a name with a space": [HEAD + b"X Y: z\r\n" + TWO],
    "a zero in a header": [HEAD + b"X: a\x00b\r\n" + TWO],
    "a bare CR in a header": [HEAD + b"X: a\rY: b\r\n" + TWO],
    "length below nothing": [HEAD + b"Content-Length: -2\r\n\r\nhi"],
    "length in words": [HEAD + b"Content-Length: two\r\n\r\nhi"],
    "length beyond numbers": [HEAD + b"Content-Length: 99999999999999999999999\r\n\r\nhi"],
    "two lengths": [HEAD + b"Content-Length: 3\r\n" + TWO],
    "chunk size in words": [CHUNKED + b"two\r\nhi\r\n0\r\n\r\n"],
    "chunk size below nothing": [CHUNKED + b"-2\r\nhi\r\n0\r\n\r\n"],
    "chunk size beyond numbers": [CHUNKED + b"fffffffffffffffff1\r\nhi"],
    "chunk longer than it says": [CHUNKED + b"2\r\nhigh\r\n0\r\n\r\n"],
}

# What a careful client still understands, and what it understands.
ODD = {
    "lines without CR": ([b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"], (200, b"hi")),
    "no reason": ([b"HTTP/1.1 200\r\n" + TWO], (200, b"hi")),
    "an empty line before": ([b"\r\n" + HEAD + TWO], (200, b"hi")),
    "no space behind a colon": ([HEAD + b"Content-Length:2\r\n\r\nhi"], (200, b"hi")),
    "a tab": ([HEAD + b"Content-Length:\t2 \r\n\r\nhi"], (200, b"hi")),
    "letters beyond ASCII": ([HEAD + b"X: \xe4\xff\r\n" + TWO], (200, b"hi")),
    "status 999": ([b"HTTP/1.1 999 Odd\r\n" + TWO], (999, b"hi")),
    "length and chunks": ([HEAD + b"Content-Length: 9\r\n" + CHUNKED[17:] + b"2\r\nhi\r\n0\r\n\r\n"], (200, b"hi")),
    "chunks with extensions": ([CHUNKED + b"2;a=b\r\nhi\r\n0;c\r\n\r\n"], (200, b"hi")),
    "chunks with trailers": ([CHUNKED + b"2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n"], (200, b"hi")),
    "spaces behind a chunk's size": ([CHUNKED + b"2 \r\nhi\r\n0\r\n\r\n"], (200, b"hi")),
    "zeros before a chunk's size": ([CHUNKED + b"0002\r\nhi\r\n000\r\n\r\n"], (200, b"hi")),
    "a coding that nobody knows": ([HEAD + b"Transfer-Encoding: odd\r\n\r\nhi", CLOSE], (200, b"hi")),
    "a coding that is none": ([HEAD + b"Transfer-Encoding: identity\r\n" + TWO, CLOSE], (200, b"hi")),
    "old, yet kept": ([b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + TWO], (200, b"hi")),
    "a length said twice alike": ([HEAD + b"Content-Length: 2\r\n" + TWO], (200, b"hi")),
    "a length said twice in a line": ([HEAD + b"Content-Length: 2, 2\r\n\r\nhi"], (200, b"hi")),
    "a length twice after an interim answer": (
        [b"HTTP/1.1 102 Wait\r\n\r\n" + HEAD + b"content-length: 2\r\n" + TWO],
        (200, b"hi"),
    ),
    "a folded header": ([HEAD + b"X: a\r\n  b\r\n\tc\r\n" + TWO], (200, b"hi")),
    "a header folded at once": ([HEAD + b"X:\r\n a\r\n" + TWO], (200, b"hi")),
    "a folded header in pieces": (
        [HEAD + b"X: a\r\n", b"  ", b"b\r\nContent-", b"Length: 2\r\n\r", b"\nhi"],
        (200, b"hi"),
    ),
    "a folded header before chunks": (
        [HEAD + b"X: a\r\n b\r\n" + CHUNKED[17:] + b"2\r\nhi\r\n0\r\n\r\n"],
        (200, b"hi"),
    ),
    "many headers": ([HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(1_000)) + TWO], (200, b"hi")),
    "a long header": ([HEAD + b"X: " + b"y" * 200_000 + b"\r\n" + TWO], (200, b"hi")),
    "many interim answers": ([b"HTTP/1.1 102 Wait\r\n\r\n" * 50 + HEAD + TWO], (200, b"hi")),
    "a body where there is none": ([b"HTTP/1.1 204 No\r\n" + TWO], (204, b"")),
    "an upgrade": ([b"HTTP/1.1 101 Go\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\nother words"], (101, b"")),
    "byte by byte": ([bytes((byte,)) for byte in HEAD + TWO], (200, b"hi")),
}

# What has no end: the time, or the room, runs out.
ENDLESS = {
    "silence": (lambda: [60.0], FailureKind.TIMEOUT),
    "silence after the headers": (lambda: [HEAD + b"Content-Length: 2\r\n\r\n", 60.0], FailureKind.TIMEOUT),
    "silence in a body": (lambda: [HALF, 60.0], FailureKind.TIMEOUT),
    "a chunk that does not come": (lambda: [CHUNKED + b"2\r\n", 60.0], FailureKind.TIMEOUT),
    "a length that is too long": (lambda: [HEAD + b"Content-Length: 3\r\n\r\nhi", 60.0], FailureKind.TIMEOUT),
    "headers drop by drop": (lambda: forever(b"x", 0.02, first=[HEAD]), FailureKind.TIMEOUT),
    "a body drop by drop": (lambda: forever(b"x", 0.02, first=[HEAD + b"\r\n"]), FailureKind.TIMEOUT),
    "chunks drop by drop": (lambda: forever(b"1\r\nx\r\n", 0.02, first=[CHUNKED]), FailureKind.TIMEOUT),
    "interim answers drop by drop": (lambda: forever(b"HTTP/1.1 102 Wait\r\n\r\n", 0.02), FailureKind.TIMEOUT),
    "a status line without end": (lambda: forever(b"x" * 50_000, first=[HEAD[:-2]]), FailureKind.PROTOCOL),
    "a header without end": (lambda: forever(b"y" * 50_000, first=[HEAD + b"X: "]), FailureKind.PROTOCOL),
    "headers without end": (lambda: forever(b"X: y\r\n" * 10_000, first=[HEAD]), FailureKind.PROTOCOL),
    "interim answers without end": (lambda: forever(b"HTTP/1.1 102 Wait\r\n\r\n" * 1_000), FailureKind.PROTOCOL),
    "empty lines without end": (lambda: forever(b"\r\n" * 10_000), FailureKind.PROTOCOL),
    "a body without end": (lambda: forever(b"x" * 50_000, first=[HEAD + b"\r\n"]), FailureKind.TOO_LARGE),
    "a body as long as it says": (
        lambda: forever(b"x" * 50_000, first=[HEAD + b"Content-Length: 999999999999\r\n\r\n"]),
        FailureKind.TOO_LARGE,
    ),
    "chunks without end": (lambda: forever(b"1\r\nx\r\n" * 10_000, first=[CHUNKED]), FailureKind.TOO_LARGE),
    "a chunk without end": (lambda: forever(b"x" * 50_000, first=[CHUNKED + b"fffffffff\r\n"]), FailureKind.TOO_LARGE),
    "a chunk's size without end": (lambda: forever(b"0" * 50_000, first=[CHUNKED]), FailureKind.PROTOCOL),
    "an extension without end": (lambda: forever(b"y" * 50_000, first=[CHUNKED + b"2;x="]), FailureKind.PROTOCOL),
    "trailers without end": (lambda: forever(b"X: y\r\n" * 10_000, first=[CHUNKED + b"0\r\n"]), FailureKind.PROTOCOL),
}


def named(cases):
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


@named(ENDS)
def test_an_end_too_early_is_a_reset(wire, case):
    pieces, kind = case
    with ScriptedServer({"/": pieces}) as server:
        assert failure(wire, server, method="POST") is kind
        assert server.connections == 1


@named(NONSENSE)
@pytest.mark.parametrize("size", [None, 1], ids=["at once", "byte by byte"])
def test_nonsense_is_a_protocol_failure(wire, case, size):
    pieces = case if size is None else [bytes((byte,)) for byte in b"".join(case)]
    with ScriptedServer({"/": [*pieces, 60.0]}) as server:
        assert failure(wire, server, method="POST") is FailureKind.PROTOCOL


@named(ODD)
def test_what_is_merely_odd_is_understood_again_and_again(wire, case):
    pieces, meant = case
    with ScriptedServer({"/": pieces, "/next": [OK]}) as server:
        for _ in range(2):
            answer = ask(wire, server)
            assert (answer.status, answer.body) == meant
            assert ask(wire, server, "/next").body == b"hi"


@named(ENDLESS)
def test_what_has_no_end_is_given_up(wire, case):
    make, kind = case
    with ScriptedServer(Endless(make)) as server:
        limits = LIMITS._replace(answer=0.15 if kind is FailureKind.TIMEOUT else 20.0)
        assert failure(wire, server, limits=limits) is kind


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    "extra",
    [b"HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\nbad", b"HTTP/1.1 500 Oops\r\nConte", b"H", b"nonsense", bytes(9)],
)
def test_what_nobody_asked_for_is_no_answer_to_the_next_request(wire, extra, late):
    pieces = [OK, 0.02, extra] if late else [OK + extra]
    with ScriptedServer({"/": pieces, "/next": [HEAD + b"Content-Length: 4\r\n\r\nnext"]}) as server:
        for _ in range(3):
            assert ask(wire, server).body == b"hi"
            until(lambda: heard_more(wire))
            answer = ask(wire, server, "/next")
            assert (answer.status, answer.body) == (200, b"next")


def test_a_body_of_head_is_no_answer_to_the_next_request(wire):
    with ScriptedServer({"/": [OK], "/next": [HEAD + b"Content-Length: 4\r\n\r\nnext"]}) as server:
        for _ in range(3):
            assert ask(wire, server, method="HEAD").body == b""
            assert ask(wire, server, "/next", method="POST").body == b"next"


def test_the_rest_of_a_body_of_head_is_no_answer_to_the_next_request(wire):
    head: list[bytes | float | None] = [HEAD + b"Content-Length: 4\r\n\r\nhi", 0.05, b"gh"]
    with ScriptedServer({"/": head, "/next": [0.1, HEAD + b"Content-Length: 4\r\n\r\nnext"]}) as server:
        for _ in range(2):
            assert ask(wire, server, method="HEAD").body == b""
            assert ask(wire, server, "/next", method="POST").body == b"next"


def test_a_connection_that_speaks_something_else_now_is_not_used_again(wire):
    upgrade = b"HTTP/1.1 101 Go\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n"
    with ScriptedServer({"/": [upgrade], "/next": [OK]}) as server:
        assert ask(wire, server).status == 101
        assert ask(wire, server, "/next").body == b"hi"
        assert server.connections == 2


def test_an_answer_before_the_request_is_no_kernel_time(wire):
    with ScriptedServer({"/": []}, greeting=OK) as server:
        greenlet = gevent.spawn(ask, wire, server)
        answer = greenlet.get()
    assert answer.body == b"hi"
    assert answer.sent_ns <= answer.received_ns <= answer.noticed_ns


def test_every_third_connection_reset_is_every_third_request_failed(new_user):
    turns = itertools.cycle([[OK], [OK], [RESET]])
    with ScriptedServer(Endless(lambda: next(turns))) as server:
        user, recorder = new_user(server.url)
        for _ in range(30):
            user.post("/pet", json={})
    tally = recorder.tally.requests["POST /pet"]
    assert (tally.ok.count, tally.failed.count, tally.errors) == (20, 10, {"reset": 10})


def test_a_request_that_is_ended_by_force_leaves_no_connection(wire, deadlines):
    with ScriptedServer({"/": [HALF, 60.0]}) as server:
        greenlet = gevent.spawn(ask, wire, server)
        while not server.requests:
            gevent.sleep(0.01)
        greenlet.kill()
    assert len(deadlines) == 0


def test_a_peer_that_reads_nothing_costs_the_time_of_an_answer(wire):
    with Deaf({}) as server:
        limits = LIMITS._replace(answer=0.15)
        assert failure(wire, server, method="POST", body=bytes(20_000_000), limits=limits) is FailureKind.TIMEOUT


class Deaf(ScriptedServer):
    """Takes connections and reads nothing."""

    def _serve(self, connection):
        self._over.wait()


LOCATIONS = [
    b"/go",
    b"http://",
    b"http://[::1",
    b"http://127.0.0.1:99999/",
    b"http://127.0.0.1:x/",
    b"http://a..b/",
    b"ftp://127.0.0.1/",
    b"file:///etc/passwd",
    b"javascript:alert(1)",
    b"\xff\xfe\xfd",
    b"//",
    b"http://\xe2\x84\xaa%00/",
]


@pytest.mark.parametrize("params", [None, {"a": ["b"]}], ids=["short way", "requests"])
@pytest.mark.parametrize("location", LOCATIONS)
def test_a_redirect_that_leads_nowhere_is_a_failure_and_no_exception(new_user, location, params):
    found = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    with ScriptedServer({"/go": [found]}) as server:
        user, recorder = new_user(server.url)
        user.iterate(lambda user: user.get("/go", name="go", params=params))
        assert recorder.scenario_errors == {}
        assert recorder.tally.requests["go"].failed.count == 1
        response = user.get("/go", allow_redirects=False, params=params)
        assert response.status_code == 302


@pytest.mark.parametrize(
    "cookie",
    [b"", b"=", b";", b"a", b"a=\xff\xfe", b"a=b; Expires=never", b"a=b; Max-Age=x", b"a=b; Domain=.", b"a" * 50_000],
)
def test_cookies_that_are_none_do_no_harm(new_user, cookie):
    with ScriptedServer({"/": [HEAD + b"Set-Cookie: " + cookie + b"\r\n" + TWO]}) as server:
        user, recorder = new_user(server.url)
        for _ in range(2):
            user.iterate(lambda user: user.get("/").raise_for_status())
    assert recorder.scenario_errors == {}
    assert recorder.tally.requests["GET /"].ok.count == 2


@pytest.mark.parametrize("kind", [b"text/html; charset=nonsense", b"; charset=", b"\xff", b"application/json"])
def test_content_types_that_are_none_do_no_harm(new_user, kind):
    with ScriptedServer({"/": [HEAD + b"Content-Type: " + kind + b"\r\n" + TWO]}) as server:
        user, _ = new_user(server.url)
        assert user.get("/").text == "hi"


REQUESTS_KINDS = {
    "no answer": ([CLOSE], FailureKind.RESET),
    "rude": ([RESET], FailureKind.RESET),
    "half a body": ([HALF, CLOSE], FailureKind.RESET),
    "half a chunk": ([CHUNKED + b"a\r\nhalf", CLOSE], FailureKind.RESET),
    "no last chunk": ([CHUNKED + b"2\r\nhi\r\n", CLOSE], FailureKind.RESET),
    "bad chunk": ([CHUNKED + b"zz\r\nhi\r\n"], FailureKind.PROTOCOL),
    "no HTTP": ([b"220 mail.example.com ESMTP\r\n"], FailureKind.PROTOCOL),
    "too many headers": ([HEAD + b"X: y\r\n" * 200 + TWO], FailureKind.PROTOCOL),
    "silence": ([60.0], FailureKind.TIMEOUT),
    "silence in a body": ([HALF, 60.0], FailureKind.TIMEOUT),
    "nowhere": ([b"HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\nContent-Length: 0\r\n\r\n"], FailureKind.PROTOCOL),
    "a loop": ([b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"], FailureKind.PROTOCOL),
}


@named(REQUESTS_KINDS)
def test_the_kinds_of_failure_are_the_same_through_requests(new_user, case):
    pieces, kind = case
    with ScriptedServer({"/": pieces}) as server:
        user, recorder = new_user(server.url, "requests")
        response = user.post("/", timeout=0.3 if kind is FailureKind.TIMEOUT else 20.0)
    assert response.error.kind is kind
    assert recorder.tally.requests["POST /"].errors == {kind.value: 1}


@pytest.mark.parametrize(
    ("url", "kind"), [("http://no-such-host.invalid/", FailureKind.DNS), ("http://127.0.0.1:1/", FailureKind.CONNECT)]
)
@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_who_is_not_there_is_the_same_through_requests(new_user, transport, url, kind):
    user, _ = new_user("http://127.0.0.1:1", transport)
    assert user.get(url).error.kind is kind


@pytest.mark.parametrize("transport", ["wire", "requests"])
@pytest.mark.parametrize(
    "request_of",
    [
        lambda user: user.get("http://"),
        lambda user: user.get("gopher://127.0.0.1/"),
        lambda user: user.get("/", headers={"X": "a\r\nY: b"}),
        lambda user: user.get("/", headers={"X": 1}),
        lambda user: user.post("/", json={"number": float("nan")}, params={"a": ["b"]}),
    ],
    ids=["no host", "no scheme that we speak", "a line break", "a number", "no JSON"],
)
def test_a_request_that_makes_no_sense_is_the_scenarios_mistake(new_user, transport, request_of):
    user, recorder = new_user("http://127.0.0.1:1", transport)
    user.iterate(request_of)
    assert len(recorder.scenario_errors) == 1
    assert recorder.tally.request_count == 0
