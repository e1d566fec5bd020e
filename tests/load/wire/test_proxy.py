"""Requests through a proxy."""

import gevent
import pytest
import requests

from perfgate.load.wire.failure import FailureKind
from perfgate.load.wire.interface import Proxy
from perfgate.load.wire.proxy import proxy_for
from perfgate.load.wire.stream import KERNEL_CLOCK
from perfgate.testing import ScriptedServer
from tests.support.asking import LIMITS, OK, ask, failure, first_stamped, nobody
from tests.support.proxy_server import ProxyServer


def through(proxy, user_info=""):
    """What `proxies=` takes to go through this proxy, for both schemes."""
    url = proxy.url.replace("://", f"://{user_info}@") if user_info else proxy.url
    return {"http": url, "https": url}


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_plain_requests_are_forwarded(new_user, transport):
    with ScriptedServer({"/pet": [OK]}) as server, ProxyServer() as proxy:
        user, _ = new_user(server.url, transport)
        assert user.get("/pet?a=1", proxies=through(proxy)).text == "hi"
        assert proxy.requests[0].startswith(f"GET {server.url}/pet?a=1 HTTP/1.1\r\n".encode())
        assert f"Host: {server.url.removeprefix('http://')}\r\n".encode() in proxy.requests[0]
        assert user.get("/pet").text == "hi"
        assert len(proxy.requests) == 1, "the second one had no proxy"


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_user_is_given_its_proxies_once(new_user, transport):
    with ScriptedServer({"/pet": [OK]}) as server, ProxyServer() as proxy:
        user, _ = new_user(server.url, transport)
        user.proxies = through(proxy)
        for _ in range(3):
            assert user.get("/pet").text == "hi"
        assert len(proxy.requests) == 3
        assert proxy.connections == 1
        user.proxies.clear()
        assert user.get("/pet").text == "hi"
        assert len(proxy.requests) == 3


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_https_goes_through_a_tunnel(new_user, certified, transport):
    with ScriptedServer({"/pet": [OK]}, tls=certified.server()) as server, ProxyServer() as proxy:
        user, _ = new_user(server.url, transport)
        user.verify, user.proxies = certified.pem, through(proxy)
        for _ in range(2):
            assert user.get("/pet").text == "hi"
        assert len(proxy.requests) == 1
        assert proxy.requests[0].startswith(f"CONNECT {server.url.removeprefix('https://')} HTTP/1.".encode())
        assert server.requests[0].startswith(b"GET /pet HTTP/1.1\r\n")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_proxy_hears_its_password_and_the_service_does_not(new_user, certified, transport, scheme):
    tls = certified.server() if scheme == "https" else None
    with ScriptedServer({"/pet": [OK]}, tls=tls) as server, ProxyServer("user:p@ss") as proxy:
        user, _ = new_user(server.url, transport)
        user.verify = certified.pem
        assert user.get("/pet", proxies=through(proxy, "user:p%40ss")).text == "hi"
        assert proxy.requests[0].count(b"Proxy-Authorization: Basic dXNlcjpwQHNz\r\n") == 1
        if scheme == "https":
            assert b"Proxy-Authorization" not in server.requests[0]


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_proxy_that_does_not_know_us_refuses(new_user, transport):
    with ProxyServer("user:pw") as proxy:
        user, _ = new_user("http://localhost", transport)
        user.proxies = through(proxy)
        assert user.get("/pet").status_code == 407
        assert user.get("https://localhost/pet").error.kind is FailureKind.CONNECT


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_can_itself_speak_tls(new_user, certified, scheme):
    tls = certified.server() if scheme == "https" else None
    with ScriptedServer({"/pet": [OK]}, tls=tls) as server, ProxyServer("user:pw", tls=certified.server()) as proxy:
        user, _ = new_user(server.url)
        user.verify, user.proxies = certified.pem, through(proxy, "user:pw")
        for _ in range(2):
            assert user.get("/pet").text == "hi"
        assert proxy.connections == 1


@pytest.mark.skipif(not KERNEL_CLOCK, reason="only Linux stamps received segments")
def test_the_kernels_stamps_come_through_a_tunnel_in_tls(wire, certified):
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server, ProxyServer(tls=certified.server()) as proxy:
        trust = {"verify": certified.pem, "proxy": proxy_for(server.url, through(proxy))}
        answer = first_stamped(lambda: ask(wire, server, **trust))
    assert answer.sent_ns < answer.received_ns < answer.noticed_ns


@pytest.mark.parametrize(
    "refusal",
    [
        [b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"],
        [b"this is no HTTP\r\n\r\n"],
        [b"HTTP/1.1 099 Odd\r\n\r\n"],
        [b"HTTP/1.1 200 Go on\r\nX: " + b"y" * 200_000],
        [ScriptedServer.CLOSE],
        [None],
        [b"HTTP/1.1 200 Go", ScriptedServer.CLOSE],
    ],
    ids=["502", "no HTTP", "no status", "endless head", "end", "reset", "half a head"],
)
def test_a_proxy_without_a_tunnel_is_a_connect_failure(wire, refusal):
    with ProxyServer(refusal=refusal) as proxy:
        proxied = {"proxy": proxy_for("https://localhost", through(proxy))}
        assert failure(wire, "https://localhost", **proxied) is FailureKind.CONNECT


def test_a_proxy_that_is_not_there_is_a_connect_failure(wire):
    with nobody() as url:
        assert (
            failure(wire, "http://localhost", proxy=proxy_for("http://localhost", {"http": url})) is FailureKind.CONNECT
        )


def test_a_proxy_that_says_nothing_costs_the_time_to_connect(wire):
    with ProxyServer(refusal=[60.0]) as proxy:
        proxied = {"proxy": proxy_for("https://localhost", through(proxy)), "limits": LIMITS._replace(connect=0.2)}
        assert failure(wire, "https://localhost", **proxied) is FailureKind.TIMEOUT


def test_a_tunnel_to_an_ipv6_address_names_it_in_brackets(wire):
    with ProxyServer(refusal=[None]) as proxy:
        failure(wire, "https://[::1]:8443", proxy=proxy_for("https://[::1]:8443", through(proxy)))
        assert proxy.requests[0].startswith(b"CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n")


def test_a_service_that_does_not_prove_itself_is_a_tls_failure_behind_a_proxy_too(wire, certified):
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server, ProxyServer() as proxy:
        assert failure(wire, server, proxy=proxy_for(server.url, through(proxy))) is FailureKind.TLS


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_the_environment_names_no_proxy(new_user, transport, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with ScriptedServer({"/pet": [OK]}) as server:
        user, _ = new_user(server.url, transport)
        assert user.get("/pet").text == "hi"
        assert user.get("/pet", params={"a": ["b"]}).text == "hi"


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_redirect_is_followed_through_the_proxy(new_user, transport):
    found = b"HTTP/1.1 302 Found\r\nLocation: /pet\r\nContent-Length: 0\r\n\r\n"
    with ScriptedServer({"/go": [found], "/pet": [OK]}) as server, ProxyServer("user:pw") as proxy:
        user, _ = new_user(server.url, transport)
        assert user.get("/go", proxies=through(proxy, "user:pw")).text == "hi"
        assert [request.count(b"Proxy-Authorization") for request in proxy.requests] == [1, 1]


@pytest.mark.parametrize(
    ("proxies", "proxy"),
    [
        (None, None),
        ({}, None),
        ({"https": "http://p:1"}, None),
        ({"http": "http://p:3128"}, Proxy("http", "p", 3128, "")),
        ({"http": "p:3128"}, Proxy("http", "p", 3128, "")),
        ({"http": "http://p"}, Proxy("http", "p", 80, "")),
        ({"http": "https://p"}, Proxy("https", "p", 443, "")),
        ({"http": "http://[::1]:3128"}, Proxy("http", "::1", 3128, "")),
        ({"all": "http://u:p@p:3128"}, Proxy("http", "p", 3128, "Basic dTpw")),
        ({"http://host": "http://own:1", "http": "http://p:2"}, Proxy("http", "own", 1, "")),
    ],
)
def test_proxies_are_written_as_requests_has_them(proxies, proxy):
    assert proxy_for("http://host/pet", proxies) == proxy


@pytest.mark.parametrize(
    "url",
    [
        *["socks5://127.0.0.1:1080", "http://", "http://user:secret@p:99999", "ftp://u:secret@p"],
        *["http://u:secret/w@p:3128", "http://u:1/secret@p", "http://[secret/@p", "ftp://u:secret/w@p"],
    ],
)
def test_what_is_no_proxy_is_the_scenarios_mistake(new_user, url):
    with pytest.raises(requests.exceptions.InvalidProxyURL) as caught:
        proxy_for("http://host", {"http": url})
    assert "secret" not in str(caught.value)
    user, recorder = new_user("http://127.0.0.1:1")
    user.iterate(lambda user: user.get("/", proxies={"http": url}))
    assert "InvalidProxyURL" in next(iter(recorder.scenario_errors))


def test_a_tunnel_that_is_ended_by_force_is_closed(wire, deadlines):
    with ProxyServer(refusal=[60.0]) as proxy:
        greenlet = gevent.spawn(ask, wire, "https://localhost", proxy=proxy_for("https://localhost", through(proxy)))
        while not proxy.requests:
            gevent.sleep(0.01)
        greenlet.kill()
    assert len(deadlines) == 0
