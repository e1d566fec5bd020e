"""Exchanges with httpbin: the wire gives what requests gives."""

import io

import pytest
from requests.auth import HTTPDigestAuth

from tests.support.differential import ask_requests, ask_us, named
from tests.support.httpbin_server import running_httpbin

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def httpbin():
    with running_httpbin() as url:
        yield url


def files(**more):
    """A form with a file, whose boundary is drawn anew each time; so the type is not compared, the content is."""
    return {"files": {"photo": ("dog.png", io.BytesIO(b"\x89PNG"), "image/png")}, **more}


EXCHANGES = [
    *[(method, f"/{method.lower()}", {}) for method in METHODS],
    *[(method, "/get", {}) for method in ("HEAD", "OPTIONS", "POST")],
    *[(method, "/anything/a/b?c=d", {"json": {"id": 1, "name": "ö"}}) for method in METHODS],
    *[(method, "/anything", {"data": {"a": "1", "b": ["2", "3"]}, "params": {"q": "ä b"}}) for method in METHODS],
    ("POST", "/post", {"data": "text", "headers": {"Content-Type": "text/plain"}}),
    ("POST", "/post", {"data": b"\x00\x01\xff"}),
    ("POST", "/post", {"data": [("a", "1"), ("a", "2")]}),
    ("POST", "/post", {"data": {"a": None, "b": ""}}),
    ("POST", "/post", {"json": None, "data": None}),
    ("POST", "/post", {"json": [1, 2.5, True, None, "x"]}),
    ("POST", "/post", {"json": "text", "params": [("a", 1), ("b", 2)]}),
    ("POST", "/post", {"data": "x" * 100_000}),
    ("POST", "/post", lambda: {"data": iter([b"one", b"two"])}),
    ("PUT", "/put", lambda: {"data": io.BytesIO(b"from a file")}),
    ("GET", "/get", {"params": {"a": 1, "b": 2.5, "c": True, "d": "x y&z=ä"}}),
    ("GET", "/get", {"params": "raw=1&b=%20"}),
    ("GET", "/get", {"params": {"empty": "", "none": None}}),
    ("GET", "/get?a=1", {"params": {"b": 2}}),
    ("GET", "/get?a=%E4&b=+", {}),
    ("GET", "/get", {"data": "a body where there is none as a rule"}),
    ("GET", "/get", {"json": {"id": 1}}),
    ("GET", "/headers", {"headers": {"X-Mine": "1", "x-other": "2", "Accept": "text/plain"}}),
    ("GET", "/headers", {"headers": {"Accept": None}}),
    ("GET", "/headers", {"headers": {"User-Agent": "mine/1.0"}}),
    ("GET", "/headers", {"cookies": {"a": "1", "b": "2"}}),
    ("GET", "/headers", {"headers": {"Cookie": "a=1"}}),
    ("GET", "/ip", {}),
    ("GET", "/user-agent", {}),
    *[
        (method, f"/status/{code}", {})
        for method in ("GET", "HEAD", "POST")
        for code in (200, 201, 202, 204, 301, 304, 307, 400, 401, 402, 404, 406, 407, 418, 422, 429, 500, 502, 503, 504)
    ],
    *[("GET", f"/{kind}/{count}", {}) for kind in ("redirect", "relative-redirect") for count in (1, 3)],
    ("GET", "/absolute-redirect/2", {}),
    ("GET", "/redirect/31", {}),
    ("GET", "/redirect/2", {"allow_redirects": False}),
    ("HEAD", "/redirect/2", {}),
    ("HEAD", "/redirect/2", {"allow_redirects": True}),
    *[
        (method, f"/redirect-to?url=/anything&status_code={code}", {"data": "x"} if method != "GET" else {})
        for code in (301, 302, 303, 307, 308)
        for method in METHODS
    ],
    ("GET", "/redirect-to?url=/anything%3Fa%3D1%23part", {}),
    ("GET", "/redirect-to?url=", {}),
    ("GET", "/redirect-to?url=//", {}),
    ("GET", "/redirect-to?url=http://127.0.0.1:1/", {}),
    ("GET", "/cookies", {}),
    ("GET", "/cookies", {"cookies": {"mine": "1"}}),
    ("GET", "/cookies/set?a=1&b=2", {}),
    ("GET", "/cookies/set/c/3", {"allow_redirects": False}),
    ("GET", "/cookies/delete?a", {}),
    ("GET", "/basic-auth/user/secret", {"auth": ("user", "secret")}),
    ("GET", "/basic-auth/user/secret", {"auth": ("user", "wrong")}),
    ("GET", "/basic-auth/user/secret", {}),
    ("GET", "/hidden-basic-auth/user/secret", {"auth": ("user", "secret")}),
    ("GET", "/bearer", {"headers": {"Authorization": "Bearer token"}}),
    ("GET", "/bearer", {}),
    ("GET", "/gzip", {}),
    ("GET", "/deflate", {}),
    ("GET", "/brotli", {}),
    ("GET", "/encoding/utf8", {}),
    ("GET", "/html", {}),
    ("GET", "/json", {}),
    ("GET", "/xml", {}),
    ("GET", "/robots.txt", {}),
    ("GET", "/deny", {}),
    ("GET", "/image", {"headers": {"Accept": "image/webp"}}),
    *[("GET", f"/image/{kind}", {}) for kind in ("png", "jpeg", "svg")],
    ("GET", "/bytes/10000?seed=1", {}),
    ("GET", "/bytes/0?seed=1", {}),
    ("GET", "/stream-bytes/10000?seed=1&chunk_size=1000", {}),
    ("GET", "/stream-bytes/10?seed=1&chunk_size=1", {"stream": True}),
    ("GET", "/stream/5", {}),
    ("GET", "/drip?numbytes=5&duration=0&delay=0", {}),
    ("GET", "/drip?numbytes=5&duration=0&delay=0&code=500", {}),
    *[("GET", "/range/100", {"headers": {"Range": f"bytes={text}"}}) for text in ("0-9", "50-", "-5", "200-")],
    ("GET", "/range/100?chunk_size=7", {}),
    ("GET", "/etag/mine", {}),
    ("GET", "/etag/mine", {"headers": {"If-None-Match": "mine"}}),
    ("GET", "/etag/mine", {"headers": {"If-Match": "other"}}),
    ("GET", "/cache", {"headers": {"If-Modified-Since": "Tue, 14 Nov 2023 22:13:20 GMT"}}),
    ("GET", "/cache/60", {}),
    ("GET", "/response-headers?X-One=1&X-One=2&Content-Type=text/plain;%20charset=latin-1", {}),
    ("POST", "/response-headers?Set-Cookie=a%3D1&Link=%3C/next%3E;%20rel%3Dnext", {}),
    ("GET", "/links/3/0", {}),
    ("GET", "/base64/cGVyZmdhdGU=", {}),
    ("GET", "/forms/post", {}),
    ("GET", "/no/such/page", {}),
    ("DELETE", "/html", {}),
]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
def test_the_wire_gives_what_requests_gives(httpbin, new_session, exchange):
    assert ask_us(new_session(httpbin), exchange) == ask_requests(httpbin, exchange)


def test_one_session_gives_what_one_session_of_requests_gives(httpbin, new_session):
    assert ask_us(new_session(httpbin), *EXCHANGES) == ask_requests(httpbin, *EXCHANGES)


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("more", [{}, {"data": {"kind": "dog"}}])
def test_files_arrive_as_through_requests(httpbin, new_session, method, more):
    exchange = (method, "/anything", lambda: files(**more))
    ours, theirs = ask_us(new_session(httpbin), exchange)[0]["json"], ask_requests(httpbin, exchange)[0]["json"]
    assert ours["headers"].pop("Content-Type").startswith("multipart/form-data; boundary=")
    assert theirs["headers"].pop("Content-Type").startswith("multipart/form-data; boundary=")
    assert ours == theirs
    assert ours["files"]["photo"].startswith("data:")


def test_an_auth_plug_in_has_its_conversation(httpbin, new_user):
    user, recorder = new_user(httpbin)
    path = "/digest-auth/auth/user/secret/MD5"
    assert user.get(path, auth=HTTPDigestAuth("user", "wrong")).status_code == 401
    user.auth = HTTPDigestAuth("user", "secret")
    response = user.get(path)
    assert response.json() == {"authenticated": True, "user": "user"}
    assert [hop.status_code for hop in response.history] == [401]
    assert recorder.tally.request_count == 2
