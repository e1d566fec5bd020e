"""Exchanges with a real nginx: the wire gives what requests gives."""

import pytest

from perfgate.load.wire.failure import FailureKind
from tests.support.differential import NoAnswer, ask_requests, ask_us, named

LAST_MODIFIED = "Tue, 14 Nov 2023 22:13:20 GMT"  # of every file, see nginx_server
LATER, EARLIER = "Wed, 15 Nov 2023 00:00:00 GMT", "Mon, 13 Nov 2023 00:00:00 GMT"
FILES = ["/index.html", "/", "/empty.txt", "/pets.json", "/long.txt", "/picture", "/with%20space.txt", "/deep/"]


def ranges(*texts):
    return [("GET", "/plain/picture", {"headers": {"Range": f"bytes={text}"}}) for text in texts]


def conditions(**headers):
    named_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return [(method, path, {"headers": named_headers}) for method in ("GET", "HEAD") for path in ("/index.html", "/no")]


EXCHANGES = [
    *[(method, path, {}) for method in ("GET", "HEAD") for path in FILES],
    *[(method, "/index.html", {}) for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")],
    ("TRACE", "/index.html", {}),
    ("GET", "/no/such/file", {}),
    ("GET", "/with space.txt", {}),
    ("GET", "/deep", {}),
    ("GET", "/deep", {"allow_redirects": False}),
    ("GET", "/listed/", {}),
    ("GET", "/deep/../pets.json", {}),
    ("GET", "//pets.json", {}),
    ("GET", "/%70ets.json", {}),
    ("GET", "/pets.json?a=1&b=%20", {}),
    ("GET", "/pets.json#part", {}),
    ("GET", "/" + "x" * 3_000, {}),
    ("GET", "/" + "x" * 5_000, {}),
    ("GET", "/seen", {"headers": {"X-Long": "y" * 5_000}}),
    ("GET", "/seen", {"headers": {"Host": "other.example.com"}}),
    ("GET", "/seen", {"headers": {"Accept-Encoding": "identity"}}),
    ("GET", "/seen", {"headers": {"Accept-Encoding": None}}),
    ("GET", "/seen", {"headers": {"Connection": "close"}}),
    *ranges("0-9", "100-", "-100", "0-0", "0-9,20-29", "99999-", "0-99999", "9-0", "words"),
    ("HEAD", "/plain/picture", {"headers": {"Range": "bytes=0-9"}}),
    ("GET", "/plain/picture", {"headers": {"Range": "bytes=0-9", "If-Range": LAST_MODIFIED}}),
    ("GET", "/plain/picture", {"headers": {"Range": "bytes=0-9", "If-Range": EARLIER}}),
    *conditions(If_Modified_Since=LAST_MODIFIED),
    *conditions(If_Modified_Since=LATER),
    *conditions(If_Modified_Since=EARLIER),
    *conditions(If_Unmodified_Since=EARLIER),
    *conditions(If_None_Match='"6553f140-d"'),
    *conditions(If_None_Match="*"),
    *conditions(If_Match='"other"'),
    *[
        (method, f"/status/{code}", {})
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE")
        for code in (200, 204, 304)
    ],
    *[("GET", f"/status/{code}", {}) for code in (201, 400, 401, 403, 404, 405, 409, 416, 429, 500, 503)],
    ("GET", "/status/444", {}),
    ("POST", "/status/444", {"json": {}}),
    *[
        (method, f"/go/{code}/seen?a=1", options)
        for code in (301, 302, 303, 307, 308)
        for method, options in (
            ("GET", {}),
            ("HEAD", {}),
            ("POST", {"json": {"id": 1}}),
            ("PUT", {"data": "text"}),
            ("DELETE", {}),
            ("GET", {"headers": {"Authorization": "Bearer mine", "X-Mine": "1"}}),
            ("GET", {"allow_redirects": False}),
            ("HEAD", {"allow_redirects": True}),
        )
    ],
    ("GET", "/go/302/go/301/go/307/seen", {}),
    ("POST", "/go/307/go/308/seen", {"data": "kept"}),
    ("POST", "/go/307/go/303/seen", {"data": "dropped"}),
    ("GET", "/go/302/no/such/file", {}),
    ("GET", "/go/302/deep", {}),
    ("GET", "/go/302/seen#part", {}),
    ("GET", "/away", {"auth": ("user", "secret")}),
    ("GET", "/away", {"headers": {"Authorization": "Bearer mine"}}),
    ("GET", "/elsewhere", {"auth": ("user", "secret")}),
    ("GET", "/elsewhere", {"headers": {"Authorization": "Bearer mine"}}),
    ("GET", "/elsewhere", {"cookies": {"mine": "1"}}),
    ("GET", "/secure", {"headers": {"Authorization": "Bearer mine"}}),
    ("GET", "/go/302/seen", {"auth": ("user", "secret")}),
    ("POST", "/echo", {"json": {"id": 1}}),
    ("POST", "/echo", {"json": {"id": 1}, "headers": {"Expect": "100-continue"}}),
    ("POST", "/echo", {"data": "x" * 50_000, "headers": {"Expect": "100-continue"}}),
    ("POST", "/echo", lambda: {"data": iter([b"one", b"two"])}),
    ("POST", "/echo", lambda: {"data": iter([b"x" * 10_000] * 5), "headers": {"Expect": "100-continue"}}),
    ("POST", "/echo", {"data": "x" * 200_000}),
    ("POST", "/echo", {"data": "x" * 200_000, "headers": {"Expect": "100-continue"}}),
    ("POST", "/echo", lambda: {"data": iter([b"x" * 100_000] * 2)}),
    ("GET", "/echo", {}),
    ("GET", "/cookies", {}),
    ("GET", "/long.txt", {"stream": True}),
]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
def test_the_wire_gives_what_requests_gives(nginx, certified, new_session, exchange):
    session = new_session(nginx.urls["http"])
    session.verify = certified.pem
    assert ask_us(session, exchange) == ask_requests(nginx.urls["http"], exchange, verify=certified.pem)


def test_one_session_gives_what_one_session_of_requests_gives(nginx, certified, new_session):
    """All of them one after the other: cookies that stay, connections that are kept, used up and closed."""
    session = new_session(nginx.urls["http"])
    session.verify = certified.pem
    assert ask_us(session, *EXCHANGES) == ask_requests(nginx.urls["http"], *EXCHANGES, verify=certified.pem)


def test_the_same_holds_over_tls(nginx, certified, new_session):
    session = new_session(nginx.urls["https"])
    session.verify = certified.pem
    exchanges = EXCHANGES[::3]
    assert ask_us(session, *exchanges) == ask_requests(nginx.urls["https"], *exchanges, verify=certified.pem)


def test_most_of_it_holds_over_a_unix_socket(nginx, new_session):
    """requests has no unix sockets: its answers there are compared with those over TCP."""
    plain = [
        each for each in EXCHANGES if each[1] in FILES or each[1].startswith(("/status/", "/plain/", "/go/302/no"))
    ]
    over_unix = ask_us(new_session(nginx.urls["unix"]), *plain)
    over_tcp = ask_us(new_session(nginx.urls["http"]), *plain)
    left_out = ("url", "history", "cookies")
    for ours, theirs in zip(over_unix, over_tcp, strict=True):
        if NoAnswer(why="") in (ours, theirs):
            assert ours == theirs
        else:
            assert {k: v for k, v in ours.items() if k not in left_out} == {
                k: v for k, v in theirs.items() if k not in left_out
            }


def test_credentials_are_not_carried_to_another_host(nginx, new_session):
    session = new_session(nginx.urls["http"])
    for path, kept in (("/go/302/seen", True), ("/away", False), ("/elsewhere", False)):
        response, _ = session.send("GET", path, {"headers": {"Authorization": "Bearer mine"}})
        assert ("Authorization: Bearer mine" in response.text) is kept


def test_a_service_that_only_hangs_up_is_a_reset(nginx, new_user):
    user, recorder = new_user(nginx.urls["http"])
    assert user.post("/status/444", json={}).error.kind is FailureKind.RESET
    assert recorder.tally.requests["POST /status/{id}"].errors == {"reset": 1}


def test_connections_that_are_used_up_cost_no_request(nginx, new_user):
    """This nginx closes every connection after five requests."""
    user, recorder = new_user(nginx.urls["http"])
    for _ in range(23):
        assert user.post("/seen", json={}).status_code == 200
    assert recorder.tally.failed_count == 0
