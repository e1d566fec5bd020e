"""HTTP/2: against nginx, and against a service that breaks the rules."""

import itertools
import time

import pytest
from requests.utils import DEFAULT_ACCEPT_ENCODING

from perfgate.load.http.urls import split_url
from perfgate.load.wire.failure import FailureKind
from perfgate.load.wire.interface import Request
from perfgate.load.wire.proxy import proxy_for
from perfgate.load.wire.stream import KERNEL_CLOCK
from perfgate.testing import ScriptedServer
from tests.support.asking import LIMITS, OK, ask, failure, first_stamped, heard_more, until
from tests.support.http2_server import Http2Server, answer, data, frame, go_away, head, reset
from tests.support.proxy_server import ProxyServer

CLOSE = ScriptedServer.CLOSE


@pytest.fixture
def user_of(new_user, certified):
    """Makes users of nginx's HTTP/2 listeners: "h2c" without TLS, "h2" with it."""

    def make(nginx, name):
        user, recorder = new_user(nginx.urls[name], http_version="2")
        user.verify = certified.pem
        return user, recorder

    return make


@pytest.mark.parametrize("name", ["h2c", "h2"])
def test_nginx_hears_http_2(user_of, nginx, name):
    user, recorder = user_of(nginx, name)
    response = user.post("/seen?a=1", json={"id": 1}, headers={"Authorization": "Bearer mine"})
    assert response.status_code == 200
    assert response.text.splitlines() == [
        "POST /seen?a=1 HTTP/2.0",
        f"Host: {nginx.urls[name].partition('://')[2]}",
        "Cookie: ",
        "Authorization: Bearer mine",
        "Type: application/json",
        "Length: 9",
        "TE: ",
        f"Accept-Encoding: {DEFAULT_ACCEPT_ENCODING}",
    ]
    assert recorder.tally.requests["POST /seen"].ok.count == 1


@pytest.mark.parametrize("name", ["h2c", "h2"])
@pytest.mark.parametrize(
    "path", ["/pets.json", "/long.txt", "/plain/picture", "/empty.txt", "/status/204", "/status/304"]
)
def test_nginx_says_the_same_in_both_versions(user_of, new_user, nginx, name, path):
    user, _ = user_of(nginx, name)
    other, _ = new_user(nginx.urls["http"])
    ours, theirs = user.get(path), other.get(path)
    assert (ours.status_code, ours.content) == (theirs.status_code, theirs.content)
    different = {"date", "connection", "transfer-encoding"}
    pairs = [{k.lower(): v for k, v in each.headers.items() if k.lower() not in different} for each in (ours, theirs)]
    assert pairs[0] == pairs[1]


def test_a_connection_of_nginx_that_is_used_up_is_replaced(user_of, nginx):
    """nginx says GOAWAY with the fifth answer, before that answer has come."""
    user, recorder = user_of(nginx, "h2c")
    for _ in range(23):
        assert user.post("/seen", json={}).status_code == 200
    assert recorder.tally.failed_count == 0


def test_redirects_cookies_and_head_work_in_http_2(user_of, nginx):
    user, _ = user_of(nginx, "h2")
    response = user.get("/go/302/seen")
    assert [hop.status_code for hop in response.history] == [302]
    assert response.text.startswith("GET /seen HTTP/2.0")
    assert user.get("/cookies").status_code == 204
    assert "Cookie: session=abc; seen=1\n" in user.get("/seen").text.replace(
        "seen=1; session=abc", "session=abc; seen=1"
    )
    head_only = user.head("/long.txt")
    assert (head_only.status_code, head_only.content) == (200, b"")


def test_bodies_larger_than_the_windows_go_both_ways(new_user):
    content = bytes(range(256)) * 8_000
    with Http2Server({"/": [answer(body=content)]}) as server:
        user, _ = new_user(server.url, http_version="2")
        for body in (content, iter([content[:1_000_000], b"", content[1_000_000:]])):
            assert user.post("/", data=body).content == content
        assert [body == content for _, body in server.requests] == [True, True]
        assert server.connections == 1


def test_a_body_that_opens_its_window_again_and_again_comes_whole(user_of, nginx):
    user, _ = user_of(nginx, "h2c")
    assert user.get("/plain/large").content == bytes(6 * 2**20)


def test_one_connection_serves_request_after_request(wire2, certified):
    with Http2Server({"/": [answer()]}, tls=certified.server()) as server:
        for _ in range(20):
            assert ask(wire2, server, verify=certified.pem).body == b"hi"
        assert server.connections == 1


@pytest.mark.skipif(not KERNEL_CLOCK, reason="only Linux stamps received segments")
@pytest.mark.parametrize("secure", [False, True])
def test_the_kernels_stamp_is_that_of_the_last_frame(wire2, certified, secure):
    steps = [head(), data(b"h"), 0.2, data(b"i", end=True)]
    with Http2Server({"/": steps}, tls=certified.server() if secure else None) as server:
        answered = first_stamped(lambda: ask(wire2, server, verify=certified.pem))
    assert answered.received_ns - answered.sent_ns > 0.19e9


def test_a_small_body_goes_with_its_headers_and_its_end(wire2):
    """Else a service that answers at once would have answered half a request, and the connection be lost."""
    with Http2Server({"/": [answer()]}, early=("/",)) as server:
        for _ in range(20):
            assert ask(wire2, server, method="POST", body=b"small").body == b"hi"
        assert server.connections == 1


def test_the_request_is_written_as_http_2_wants_it(new_user):
    with Http2Server({"/pet": [answer()]}) as server:
        user, recorder = new_user(server.url, http_version="2")
        user.put("/pet", data="body", headers={"X-Mine": "Yes", "TE": "trailers", "Upgrade": "h2c"}, cookies={"a": "b"})
        headers, body = server.requests[0]
    names = [":method", ":scheme", ":authority", ":path"]
    assert [headers.pop(name) for name in names] == ["PUT", "http", server.url.removeprefix("http://"), "/pet"]
    assert {"host", "connection", "upgrade", "transfer-encoding"} & set(headers) == set()
    assert (headers["x-mine"], headers["te"], headers["cookie"], headers["content-length"]) == (
        "Yes",
        "trailers",
        "a=b",
        "4",
    )
    assert body == b"body"
    assert recorder.tally.data_sent > 100


def test_interim_answers_and_trailers_are_left_out(wire2):
    steps = [
        lambda connection, stream_id: connection.send_headers(stream_id, [(":status", "103"), ("link", "</a>")]),
        answer(headers=[("a", "1")], trailers=[("checksum", "5")]),
    ]
    with Http2Server({"/": steps}) as server:
        answered = ask(wire2, server)
    assert (answered.status, answered.headers, answered.body) == (200, [(b"a", b"1")], b"hi")


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([reset(0x0)], FailureKind.RESET),
        ([reset(0x1)], FailureKind.PROTOCOL),
        ([reset(0x2)], FailureKind.RESET),
        ([reset(0x7)], FailureKind.RESET),
        ([reset(0xB)], FailureKind.RESET),
        ([reset(0xD)], FailureKind.PROTOCOL),
        ([reset(0xFFFF)], FailureKind.RESET),
        ([head(), data(b"half"), reset(0x2)], FailureKind.RESET),
        ([go_away(0, 0)], FailureKind.RESET),
        ([go_away(0, 0x1)], FailureKind.PROTOCOL),
        ([go_away(1, 0xB)], FailureKind.RESET),
        ([go_away(2**31 - 1, 0), CLOSE], FailureKind.RESET),
        ([CLOSE], FailureKind.RESET),
        ([None], FailureKind.RESET),
        ([head(), data(b"half"), CLOSE], FailureKind.RESET),
        ([head(headers=[("content-length", "10")]), data(b"short", end=True)], FailureKind.PROTOCOL),
        ([head(headers=[("content-length", "1")]), data(b"long", end=True)], FailureKind.PROTOCOL),
        ([head(headers=[("Upper", "1")])], FailureKind.PROTOCOL),
        ([head(headers=[("connection", "close")])], FailureKind.PROTOCOL),
        ([head(headers=[(":path", "/")])], FailureKind.PROTOCOL),
        ([head("abc")], FailureKind.PROTOCOL),
        ([head("99")], FailureKind.PROTOCOL),
        ([head("101")], FailureKind.PROTOCOL),
        ([frame(0x1, 1, b"\xff\xff\xff\xff", 0x5)], FailureKind.PROTOCOL),
        ([frame(0x0, 1, b"data before headers")], FailureKind.PROTOCOL),
        ([frame(0x0, 0, b"data for nobody")], FailureKind.PROTOCOL),
        ([frame(0x0, 2, b"data for a stream that is not")], FailureKind.PROTOCOL),
        ([frame(0x5, 1, b"\x00\x00\x00\x02\x88", 0x4)], FailureKind.PROTOCOL),
        ([frame(0x4, 0, b"12345")], FailureKind.PROTOCOL),
        ([frame(0x4, 0, b"\x00\x04\xff\xff\xff\xff")], FailureKind.PROTOCOL),
        ([frame(0x8, 0, b"\x00\x00\x00\x00")], FailureKind.PROTOCOL),
        ([frame(0x8, 0, b"\x7f\xff\xff\xff")], FailureKind.PROTOCOL),
        ([frame(0x6, 0, b"ping")], FailureKind.PROTOCOL),
        ([frame(0x7, 0, b"short")], FailureKind.PROTOCOL),
        ([frame(0x9, 1, b"continues nothing")], FailureKind.PROTOCOL),
        ([frame(0x0, 1, bytes(16_385))], FailureKind.PROTOCOL),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], FailureKind.PROTOCOL),
        ([head(headers=[(f"x-{number}", "y" * 4_000) for number in range(20)])], FailureKind.PROTOCOL),
        ([head(), *[data(bytes(16_000)) for _ in range(70)]], FailureKind.TOO_LARGE),
    ],
)
def test_a_misbehaving_service_is_one_of_a_few_kinds_of_failure(wire2, steps, kind):
    with Http2Server({"/": [0.02, *steps]}) as server:
        assert failure(wire2, server, method="POST") is kind
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "steps",
    [
        [60.0],
        [head(), 60.0],
        [head(), data(b"half"), 60.0],
        itertools.chain([head()], itertools.cycle([data(b"."), 0.02])),
        itertools.cycle([frame(0x6, 0, bytes(8))]),
        itertools.cycle([frame(0x4, 0, b"")]),
        itertools.cycle([frame(0xBE, 0, b"grease")]),
        [frame(0x0, 1, b"")[:5], 60.0],
    ],
    ids=["silence", "half a head", "half a body", "drip", "pings", "settings", "unknown frames", "half a frame"],
)
def test_an_answer_that_takes_too_long_times_out(wire2, steps):
    with Http2Server({"/": steps}) as server:
        assert failure(wire2, server, limits=LIMITS._replace(answer=0.15)) is FailureKind.TIMEOUT


def test_an_endless_run_of_empty_frames_times_out(wire2):
    endless = itertools.chain([head()], itertools.cycle([data(b"")]))
    with Http2Server({"/": endless}) as server:
        assert failure(wire2, server, limits=LIMITS._replace(answer=0.15)) is FailureKind.TIMEOUT


def test_a_window_that_never_opens_times_out(wire2):
    with Http2Server({"/": [answer()]}, settings={4: 0}, early=()) as server:
        ask(wire2, server)  # so that the settings are known
        limits = LIMITS._replace(answer=0.15)
        assert failure(wire2, server, method="POST", body=b"stuck", limits=limits) is FailureKind.TIMEOUT


def test_a_window_that_opens_late_is_waited_for(wire2):
    def open_window(connection, stream_id):
        connection.update_settings({4: 65_535})

    steps = [0.1, open_window, 0.1, answer()]
    for body in (b"x" * 100, iter([b"x" * 50, b"x" * 50])):
        with Http2Server({"/": [answer()], "/late": steps}, settings={4: 0}, early=("/late",)) as server:
            ask(wire2, server)  # so that the settings are known
            assert ask(wire2, server, "/late", method="POST", body=body).body == b"hi"


@pytest.mark.parametrize("code", [None, 0])
def test_an_answer_to_half_a_request_is_an_answer(wire2, code):
    steps = [answer(413, b"no"), *([reset(code)] if code is not None else [])]
    with Http2Server({"/": steps}, early=("/",)) as server:
        for body in (bytes(5_000_000), iter([bytes(100_000)] * 50)):
            answered = ask(wire2, server, method="POST", body=body)
            assert (answered.status, answered.body) == (413, b"no")
        assert server.connections == 2, "one that still waits for a body is not used again"


def test_what_a_service_refuses_to_begin_is_sent_again_on_a_new_connection(wire2):
    turns = iter([[answer()], [reset(0x7)], [answer(body=b"again")]])
    with Http2Server({}) as server:
        server._script = type("Script", (), {"__getitem__": lambda self, path: next(turns)})()
        assert ask(wire2, server).body == b"hi"
        assert ask(wire2, server, method="POST", body=b"x").body == b"again"
        assert server.connections == 2


@pytest.mark.parametrize("farewell", [go_away(1, 0), CLOSE])
def test_a_connection_that_the_service_ended_meanwhile_is_replaced(wire2, farewell):
    with Http2Server({"/": [answer(), farewell]}) as server:
        for number in range(4):
            assert ask(wire2, server, method="POST", body=b"x").body == b"hi"
            until(lambda: heard_more(wire2))
            assert server.connections == number + 1


def test_what_comes_while_nobody_asks_is_dealt_with(wire2):
    with Http2Server({"/": [answer(), frame(0x6, 0, bytes(8)), frame(0x4, 0, b"")]}) as server:
        for _ in range(3):
            assert ask(wire2, server, method="POST").body == b"hi"
            time.sleep(0.02)  # it comes with the answer, before the next request, or with the next answer
        assert server.connections == 1


def test_nonsense_after_an_answer_leaves_it_whole(wire2):
    with Http2Server(
        {"/": [lambda c, s: (answer()(c, s), c._data_to_send.extend(b"HTTP/1.1 nonsense" * 3))]}
    ) as server:
        for _ in range(3):
            assert ask(wire2, server, method="POST").body == b"hi"


def test_a_service_without_http_2_is_a_protocol_failure(wire2, certified):
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server:
        assert failure(wire2, server, verify=certified.pem) is FailureKind.PROTOCOL
    with ScriptedServer({"*": [b"HTTP/1.1 400 Bad Request\r\n\r\n"]}) as server:
        assert failure(wire2, server) is FailureKind.PROTOCOL


def test_a_service_that_insists_on_http_1_is_a_failure(wire2, certified):
    context = certified.server()
    context.set_alpn_protocols(["http/1.1"])
    with ScriptedServer({"/": [OK]}, tls=context) as server:
        assert failure(wire2, server, verify=certified.pem) in (FailureKind.PROTOCOL, FailureKind.TLS)


@pytest.mark.parametrize("secure", [False, True])
def test_http_2_goes_through_a_tunnel(wire2, certified, secure):
    with Http2Server({"/": [answer()]}, tls=certified.server() if secure else None) as server, ProxyServer() as proxy:
        proxied = {"verify": certified.pem, "proxy": proxy_for("http://x", {"http": proxy.url})}
        for _ in range(2):
            assert ask(wire2, server, **proxied).body == b"hi"
        assert [request.split()[0] for request in proxy.requests] == [b"CONNECT"]


def test_http_2_goes_over_a_unix_socket(nginx, new_user):
    user, _ = new_user(nginx.urls["unix2"], http_version="2")
    assert user.get("/seen").text.startswith("GET /seen HTTP/2.0")


def test_the_certificate_matters_in_http_2_too(wire2, certified):
    with Http2Server({"/": [answer()]}, tls=certified.server("other.example.com")) as server:
        assert failure(wire2, server, verify=certified.pem) is FailureKind.TLS
        assert ask(wire2, server, verify=False).body == b"hi"


@pytest.mark.skipif(not KERNEL_CLOCK, reason="else the clock is that of a busy process")
def test_the_phases_of_an_exchange_are_told_where_they_took_time(wire2):
    with Http2Server({"/": [head(), 0.2, data(b"hi", end=True)], "/at-once": [answer()]}) as server:
        opened = ask(wire2, server, "/at-once")
        assert opened.phases.blocked_ns >= opened.phases.connecting_ns > 0
        assert first_stamped(lambda: ask(wire2, server)).phases.receiving_ns > 0.19e9
        assert ask(wire2, server, "/at-once").phases is None


def test_events_come_one_by_one_in_http_2_too(new_user):
    events = [data(b"data: %d\n\n" % number, end=number == 3) for number in (1, 2, 3)]
    start = head(200, [("content-type", "text/event-stream")])
    with Http2Server({"/": [start, events[0], 0.1, events[1], 0.1, events[2]], "/x": [answer()]}) as server:
        user, recorder = new_user(server.url, http_version="2")
        seen = []
        for event in user.get("/", stream=True).iter_events():
            seen.append((event.data, recorder.tally.requests["GET /"].phases.of("sse_event_waiting").count))
        assert user.get("/x").content == b"hi"
        assert server.connections == 1
    assert seen == [("1", 1), ("2", 2), ("3", 3)]
    assert recorder.tally.requests["GET /"].phases.of("http_req_receiving").count == 1


def test_a_stream_of_http_2_that_is_reset_is_a_failed_request(new_user):
    start = head(200, [("content-type", "text/event-stream")])
    with Http2Server({"/": [start, data(b"data: 1\n\n", end=False), reset(2)]}) as server:
        user, recorder = new_user(server.url, http_version="2")
        response = user.get("/", stream=True)
        assert [event.data for event in response.iter_events()] in (["1"], [])  # the reset may come with the head
    assert recorder.tally.requests["GET /"].errors == {"reset": 1}


def test_an_answer_of_http_2_may_be_larger_than_what_is_kept(wire2):
    script = {"/": [head(), *[data(b"x" * 16_000)] * 200, data(b"", end=True)]}
    with Http2Server(script) as server:
        route, _ = split_url(server.url)
        request = Request("GET", "/", f"Host: {route.authority}\r\n", b"")
        answer = wire2.stream(route, request, LIMITS)
        sizes = [len(piece) for piece in iter(answer.next, b"")]
    assert sum(sizes) == 3_200_000 > LIMITS.body
    assert answer.answer.received_bytes > 3_200_000
    assert not answer.is_open
