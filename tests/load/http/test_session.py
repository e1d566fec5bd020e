"""The session on our wire, compared with requests itself on the same real server."""

import gzip
import json
import threading
import time
import zlib
from enum import Enum, IntEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from perfgate.load.wire.failure import FailureKind
from perfgate.testing import ScriptedServer
from tests.support.asking import OK
from tests.support.differential import ask_requests, ask_us, essence, named


class Rank(IntEnum):
    FIRST = 1


class Status(str, Enum):
    """As services have them. Before Python 3.12 format() said their value."""

    SOLD = "sold"
    HEADER = "X-Mine"

    def __format__(self, spec: str) -> str:
        return str(self)


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
        elif path == "/unset":
            self._send(200, b"", {"Set-Cookie": "session=; Path=/; Max-Age=0"})
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
    ("GET", "/echo", {"params": {"status": Status.SOLD, Status.SOLD: 1}}),
    ("GET", "/echo", {"params": {"rank": Rank.FIRST, "held": True, "price": 1.5, 7: "x"}}),
    ("GET", "/echo?here=1", {"params": {"there": 2}}),
    ("GET", "/sp ace/ä", {}),
    ("GET", "/a/../b/./c", {}),
    ("GET", "/echo#fragment", {}),
    ("GET", "/echo", {"headers": {"X-Mine": "yes", "Accept": "text/plain"}}),
    ("GET", "/echo", {"headers": {"X-Mine": "this once"}}),
    ("GET", "/echo", {"headers": {"X-Mine": Status.SOLD}}),
    ("GET", "/echo", {"headers": {Status.HEADER: "yes"}}),
    ("GET", "/echo", {"cookies": {"mine": "yes"}}),
    ("GET", "/echo", {"auth": ("user", "secret")}),
    ("POST", "/echo", {"json": {"id": 1, "name": "ä", "list": [1, None, True]}}),
    ("POST", "/echo", {"json": []}),
    ("POST", "/echo", {"json": {}, "headers": {"Content-Type": "application/vnd.mine+json"}}),
    ("POST", "/echo", {"data": {"a": 1, "b": ["x", "y"]}}),
    ("POST", "/echo", {"data": "plain text"}),
    ("POST", "/echo", {"data": Status.SOLD}),
    ("POST", "/echo", {"data": {"status": Status.SOLD}}),
    ("POST", "/echo", {"json": {"status": Status.SOLD}}),
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
    careful._fast_path = False
    for exchange in EXCHANGES:
        assert ask_us(plain, exchange) == ask_us(careful, exchange)


def test_a_response_knows_its_request_as_that_of_requests_does(service, new_session):
    """Those of redirects too."""
    plain, careful = new_session(service), new_session(service)
    careful._fast_path = False
    exchanges: Any = EXCHANGES
    for method, path, options in exchanges:
        ours, theirs = (session.send(method, path, dict(options))[0] for session in (plain, careful))
        shown = [[_shown(one.request) for one in (*answer.history, answer)] for answer in (ours, theirs)]
        assert shown[0] == shown[1], (method, path, options)


def _shown(request):
    body = request.body.encode() if isinstance(request.body, str) else request.body
    return request.method, request.url, body, {name.lower(): value for name, value in request.headers.items()}


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_what_is_raised_for_a_status_or_for_no_answer_knows_the_request(new_user, transport):
    with ScriptedServer({"/lost": [b"HTTP/1.1 404 Lost\r\nContent-Length: 0\r\n\r\n"], "/cut": [None]}) as server:
        user, _ = new_user(server.url, transport)
        for path, kind in (("/lost", requests.HTTPError), ("/cut", requests.ConnectionError)):
            with pytest.raises(kind) as raised:
                user.post(path, params={"a": 1}, json={"id": 7}, headers={"X-Mine": "yes"}).raise_for_status()
            request: Any = raised.value.request
            assert (request.method, request.url, request.body) == ("POST", f"{server.url}{path}?a=1", b'{"id": 7}')
            assert request.headers["x-mine"] == "yes"


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_no_answer_is_told_even_where_the_request_cannot_be_shown_any_more(new_user, transport, tmp_path):
    (tmp_path / "pet.json").write_text("{}")
    with ScriptedServer({"/cut": [None]}) as server:
        user, _ = new_user(server.url, transport)
        with (tmp_path / "pet.json").open("rb") as file:
            response = user.post("/cut", params={"a": 1}, data=file, headers={"X-Mine": "yes"})
        with pytest.raises(requests.ConnectionError) as raised:
            response.raise_for_status()
        request: Any = raised.value.request
        assert (request.method, request.url, request.body) == ("POST", f"{server.url}/cut?a=1", None)
        assert request.headers["x-mine"] == "yes"


def test_too_many_redirects_are_a_failure_and_not_an_exception_of_requests(service, new_user):
    user, recorder = new_user(service)
    response = user.get("/loop")
    assert response.status_code == 0
    assert recorder.tally.requests["GET /loop"].errors == {"protocol": 1}


@pytest.mark.parametrize("params", [None, {"a": ["b"]}], ids=["short way", "requests"])
def test_the_time_of_a_request_holds_behind_a_redirect_too(new_user, params):
    found = b"HTTP/1.1 302 Found\r\nLocation: /slow\r\nContent-Length: 0\r\n\r\n"
    with ScriptedServer({"/go": [found], "/slow": [60.0, OK]}) as server:
        user, _ = new_user(server.url)
        assert user.get("/go", params=params, timeout=0.2).error.kind is FailureKind.TIMEOUT


@pytest.mark.parametrize("timeout", [(0.2, 60.0), 0.2])
def test_the_time_to_connect_is_its_own(new_user, silent, timeout):
    user, _ = new_user("http://{}:{}".format(*silent))
    assert user.get("/", timeout=timeout).error.kind is FailureKind.TIMEOUT


def test_the_time_to_answer_is_its_own(new_user):
    with ScriptedServer({"/": [60.0]}) as server:
        user, _ = new_user(server.url)
        assert user.get("/", timeout=(60.0, 0.2)).error.kind is FailureKind.TIMEOUT


def test_a_redirect_that_leads_nowhere_and_cannot_be_decoded_is_a_failure_and_no_exception_of_requests(new_user):
    nowhere = b"HTTP/1.1 302 Found\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"
    with ScriptedServer({"/go": [nowhere]}) as server:
        user, recorder = new_user(server.url)
        assert user.get("/go").error.kind is FailureKind.PROTOCOL
        assert recorder.tally.requests["GET /go"].errors == {"protocol": 1}


def test_a_redirect_is_one_request_that_lasts_to_its_last_answer(service, new_user):
    user, recorder = new_user(service)
    assert user.get("/redirect/302").json()["path"] == "/echo?from=redirect"
    assert recorder.tally.request_count == 1


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
    user, recorder = new_user(service)
    user.iterate(lambda user: user.post("/echo", json={"number": float("nan")}))
    assert "ValueError" in next(iter(recorder.scenario_errors))


def token(user):
    user.headers["Authorization"] = "Bearer mine"
    user.headers["x-mine"] = "all"
    user.headers["Accept"] = "application/json"


def without_encodings(user):
    user.headers["Accept-Encoding"] = None
    del user.headers["Accept"]


def password(user):
    user.auth = ("user", "secret")
    user.headers["Authorization"] = "not this one"


def cookies(user):
    user.cookies["mine"] = "1"
    user.cookies.set("other", "2", path="/", domain="127.0.0.1")
    user.cookies.set("elsewhere", "3", path="/", domain="example.com")


def cookies_of_a_path(user):
    user.cookies.set("deep", "1", path="/ec", domain="127.0.0.1")
    user.cookies.set("echo", "2", path="/echo", domain="127.0.0.1")


def own_type(user):
    user.headers["Content-Type"] = "application/vnd.mine+json"


def host(user):
    user.headers["Host"] = "other.example.com"


def beyond_ascii(user):
    user.headers["X-Mine"] = "ä"


def enumerated(user):
    user.headers["X-Mine"] = Status.SOLD


def named_by_an_enum(user):
    user.headers[Status.HEADER] = "yes"


def changed_again(user):
    user.headers["X-Mine"] = "first"
    user.get("/echo")
    user.headers["X-Mine"] = "second"
    user.headers.update({"Accept": "text/plain"})
    user.cookies["mine"] = "1"
    user.get("/echo")
    user.cookies.clear()
    user.auth = ("user", "secret")
    user.get("/echo")
    user.auth = None


def expiring(user):
    user.cookies.set("soon", "1", path="/", domain="127.0.0.1", expires=int(time.time()) + 1)
    user.get("/echo")


STANDING = [
    token,
    without_encodings,
    password,
    cookies,
    cookies_of_a_path,
    own_type,
    host,
    beyond_ascii,
    enumerated,
    named_by_an_enum,
    changed_again,
    expiring,
]


TO_ALL: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/echo", {}),
    ("GET", "/echo", {"headers": {"X-Mine": "this once"}}),
    ("GET", "/echo", {"headers": {"X-Mine": "yes", "Accept": "text/plain"}}),
    ("GET", "/echo", {"cookies": {"mine": "yes"}}),
    ("GET", "/echo", {"auth": ("another", "secret")}),
    ("POST", "/echo", {"json": {"id": 1}}),
    ("PUT", "/echo", {"data": "text"}),
    ("DELETE", "/echo", {}),
    ("HEAD", "/echo", {}),
    ("POST", "/redirect/302", {"json": {"id": 1}}),
    ("GET", "/redirect/307", {"headers": {"X-Mine": "this once"}}),
    ("GET", "/set", {}),
    ("GET", "/echo", {}),
]


@pytest.mark.parametrize("settle", STANDING, ids=lambda settle: settle.__name__)
def test_what_a_user_says_with_every_request_is_said_as_by_requests(service, new_user, settle):
    (plain, _), (careful, _), (real, _) = new_user(service), new_user(service), new_user(service, "requests")
    careful._session._fast_path = False
    for user in (plain, careful, real):
        settle(user)
    if settle is expiring:
        time.sleep(1.1)
    for method, path, options in TO_ALL:
        said = [essence(user.request(method, path, **options)) for user in (plain, careful, real)]
        assert said[0] == said[1] == said[2]


@pytest.mark.parametrize("settle", [token, password, cookies])
def test_what_a_user_says_with_every_request_does_not_end_the_short_way(service, new_user, settle, monkeypatch):
    user, _ = new_user(service)
    settle(user)
    monkeypatch.setattr(user._session, "_send_via_requests", None)
    assert user.get("/echo").ok
    assert user.post("/echo", json={"id": 1}).ok


def test_cookies_are_forgotten_when_the_service_says_so(service, new_user):
    user, _ = new_user(service)
    for _ in range(2):
        user.get("/set")
        assert user.get("/echo").json()["headers"]["Cookie"] == "session=abc"
        user.get("/unset")
        assert "Cookie" not in user.get("/echo").json()["headers"]


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_an_adapter_of_requests_can_be_mounted(service, new_user, transport):
    user, recorder = new_user("http://127.0.0.1:1", transport)
    sent = []

    class Noting(HTTPAdapter):
        def send(self, request, *arguments, **options):
            sent.append(request.url)
            return super().send(request, *arguments, **options)

    user.mount(service, Noting())
    assert user.get(f"{service}/echo", name="echo").json()["path"] == "/echo"
    assert sent == [f"{service}/echo"]
    assert recorder.tally.requests["echo"].ok.count == 1
    assert recorder.tally.data_received > 0


@pytest.mark.parametrize("option", ["files", "cookies", "auth", "verify", "hooks"])
def test_an_option_that_is_none_is_no_option(new_user, option):
    with ScriptedServer({"/": [b"HTTP/1.1 204 X\r\n\r\n"]}) as server:
        user, _ = new_user(server.url)
        assert user.get("/", **{option: None}).status_code == 204
        with pytest.raises(TypeError, match="no_option"):
            user.get("/", no_option=None)
