"""The wire with requests' manners, held against requests itself on the same real server."""

import gzip
import json
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from differential import ask_requests, ask_us, named


class Handler(BaseHTTPRequestHandler):
    """Answers with what it was asked; /redirect/N, /cookies/set, /gzip and the like as their names say."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _respond(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        path = urlsplit(self.path).path
        if path.startswith("/redirect/"):
            status = int(path.split("/")[2])
            self._send(status, b"", {"Location": "/echo?from=redirect", "Set-Cookie": "hop=1; Path=/"})
        elif path == "/loop":
            self._send(302, b"", {"Location": "/loop"})
        elif path == "/set":
            self._send(200, b"set", {"Set-Cookie": "session=abc; Path=/; HttpOnly"})
        elif path == "/gzip":
            self._send(200, gzip.compress(b"squeezed"), {"Content-Encoding": "gzip"})
        elif path == "/deflate":
            self._send(200, zlib.compress(b"squeezed"), {"Content-Encoding": "deflate"})
        elif path == "/latin":
            self._send(200, "ä".encode("latin-1"), {"Content-Type": "text/plain; charset=latin-1"})
        elif path.startswith("/status/"):
            self._send(int(path.split("/")[2]), b"", {})
        else:
            kept = ("Content-Type", "Cookie", "Authorization", "X-Mine", "Accept", "Accept-Encoding", "Content-Length")
            echo = {
                "method": self.command,
                "path": self.path,
                "body": body.decode("latin-1"),
                "headers": {name: self.headers[name] for name in kept if name in self.headers},
            }
            self._send(200, json.dumps(echo).encode(), {"Content-Type": "application/json"})

    def _send(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _respond

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def service():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


EXCHANGES = [
    ("GET", "/echo", {}),
    ("GET", "/echo?a=1&b=x%20y", {}),
    ("GET", "/echo", {"params": {"a": 1, "b": "x y", "c": "ä"}}),
    ("GET", "/echo", {"params": [("a", 1), ("a", 2)]}),
    ("GET", "/echo", {"params": {"many": [1, 2], "none": None}}),
    ("GET", "/echo?here=1", {"params": {"there": 2}}),
    ("GET", "/sp ace/ä", {}),
    ("GET", "/a/../b/./c", {}),
    ("GET", "/echo#fragment", {}),
    ("GET", "/echo", {"headers": {"X-Mine": "yes", "Accept": "text/plain"}}),
    ("GET", "/echo", {"cookies": {"mine": "yes"}}),
    ("GET", "/echo", {"auth": ("user", "secret")}),
    ("POST", "/echo", {"json": {"id": 1, "name": "ä", "list": [1, None, True]}}),
    ("POST", "/echo", {"json": []}),
    ("POST", "/echo", {"json": {}, "headers": {"Content-Type": "application/vnd.mine+json"}}),
    ("POST", "/echo", {"data": {"a": 1, "b": ["x", "y"]}}),
    ("POST", "/echo", {"data": "plain text"}),
    ("POST", "/echo", {"data": b"\x00\xff"}),
    ("POST", "/echo", {"data": "text", "json": {"ignored": True}}),
    ("POST", "/echo", {"data": {}, "json": {"kept": True}}),
    ("POST", "/echo", {}),
    ("PUT", "/echo", {"json": {"id": 2}}),
    ("PATCH", "/echo", {"data": "x"}),
    ("DELETE", "/echo", {}),
    ("OPTIONS", "/echo", {}),
    ("HEAD", "/echo", {}),
    ("GET", "/gzip", {}),
    ("GET", "/deflate", {}),
    ("GET", "/latin", {}),
    ("GET", "/set", {}),
    *[("GET", f"/status/{status}", {}) for status in (200, 201, 204, 304, 400, 404, 418, 500, 503)],
    *[
        (method, f"/redirect/{status}", options)
        for status in (301, 302, 303, 307, 308)
        for method, options in (
            ("GET", {}),
            ("POST", {"json": {"id": 1}}),
            ("HEAD", {}),
            ("PUT", {"data": "x"}),
            ("GET", {"allow_redirects": False}),
        )
    ],
]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
def test_the_wire_does_what_requests_does(service, new_session, exchange):
    assert ask_us(new_session(service), exchange) == ask_requests(service, exchange)


def test_cookies_are_kept_and_sent_as_requests_does(service, new_session):
    exchanges = [("GET", "/set", {}), ("GET", "/echo", {}), ("POST", "/echo", {"json": {"id": 1}})]
    ours = ask_us(new_session(service), *exchanges)
    assert ours == ask_requests(service, *exchanges)
    assert ours[1]["json"]["headers"]["Cookie"] == "session=abc"


def test_the_plain_way_and_the_way_through_requests_send_the_same(service, new_session):
    plain, careful = new_session(service), new_session(service)
    assert careful.manners is not None
    for exchange in EXCHANGES:
        assert ask_us(plain, exchange) == ask_us(careful, exchange)


def test_too_many_redirects_are_a_failure_and_not_an_exception_of_requests(service, new_user):
    user, account = new_user(service)
    response = user.get("/loop")
    assert response.status_code == 0
    assert account.tally.requests["GET /loop"].errors == {"protocol": 1}


def test_a_redirect_is_one_request_that_lasts_to_its_last_answer(service, new_user):
    user, account = new_user(service)
    assert user.get("/redirect/302").json()["path"] == "/echo?from=redirect"
    assert account.tally.request_count == 1


def test_credentials_of_the_target_are_sent_and_not_shown(service, new_session):
    session = new_session(service.replace("http://", "http://user:secret@"))
    response, _ = session.send("GET", "/echo", {})
    assert response.json()["headers"]["Authorization"] == "Basic dXNlcjpzZWNyZXQ="
    assert "secret" not in response.url


def test_headers_set_on_the_user_go_with_every_later_request(service, new_user):
    user, _ = new_user(service)
    user.headers["X-Mine"] = "always"
    assert user.get("/echo").json()["headers"]["X-Mine"] == "always"
    assert user.post("/echo", json={}).json()["headers"]["X-Mine"] == "always"


def test_json_that_no_json_can_hold_is_the_scenarios_mistake(service, new_user):
    user, account = new_user(service)
    user.iterate(lambda user: user.post("/echo", json={"number": float("nan")}))
    assert "ValueError" in next(iter(account.mistakes))
