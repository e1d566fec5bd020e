"""Where a service can be: names, IPv4, IPv6, unix sockets; and what Host says about it."""

import socket
import threading
from contextlib import closing

import gevent
import pytest

from perfgate.load.http.urls import TargetUrls, absolute, host_and_port, join, split_url
from perfgate.load.wire.failure import FailureKind
from perfgate.load.wire.resolver import Resolver
from perfgate.load.wire.stream import KERNEL_CLOCK
from perfgate.testing import ScriptedServer
from tests.support.asking import LIMITS, OK, ask, failure


def ipv6_is_there():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not ipv6_is_there(), reason="this machine has no IPv6")


def host_of(request):
    return next(line for line in request.split(b"\r\n") if line.lower().startswith(b"host:")).decode().split(": ")[1]


@needs_ipv6
def test_an_ipv6_address_is_a_place(new_user):
    with ScriptedServer({"/pet": [OK]}, place="::1") as server:
        user, _ = new_user(server.url)
        response = user.get("/pet")
        assert user.get("/pet", params={"a": ["b"]}).ok, "and so through requests"
    assert (response.text, response.url) == ("hi", f"{server.url}/pet")
    assert [host_of(request) for request in server.requests] == [server.url.removeprefix("http://")] * 2


@needs_ipv6
def test_of_two_addresses_the_one_that_answers_is_taken_and_tried_first_from_then_on(wire, monkeypatch):
    with ScriptedServer({"/": [OK]}) as server:
        port = int(server.url.rpartition(":")[2])
        found = [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]
        asked = []

        def look_up(host, *arguments, **options):
            asked.append(host)
            return found

        monkeypatch.setattr(gevent.socket, "getaddrinfo", look_up)
        for _ in range(2):
            assert ask(wire, f"http://two.example.com:{port}").body == b"hi"
            wire.close()
    assert len(asked) == 1
    assert wire._connector._resolver.addresses("http", "two.example.com", port)[0][1] == ("127.0.0.1", port)


def test_an_address_in_numbers_is_not_looked_up(wire, monkeypatch):
    def look_up(*arguments, **options):
        raise AssertionError("asked for an address")

    monkeypatch.setattr(gevent.socket, "getaddrinfo", look_up)
    with ScriptedServer({"/": [OK]}) as server:
        assert ask(wire, server).body == b"hi"


def test_a_name_that_many_ask_for_at_once_is_looked_up_once(monkeypatch):
    asked = []

    def look_up(host, port, type):
        asked.append(host)
        gevent.sleep(0.05)
        return [(socket.AF_INET, type, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(gevent.socket, "getaddrinfo", look_up)
    resolver = Resolver()
    gevent.joinall([gevent.spawn(resolver.addresses, "http", "slow.example.com", 80) for _ in range(20)])
    assert asked == ["slow.example.com"]


def test_a_name_server_that_does_not_answer_costs_the_time_to_connect(wire, monkeypatch):
    monkeypatch.setattr(gevent.socket, "getaddrinfo", lambda *arguments, **options: gevent.sleep(60))
    limits = LIMITS._replace(connect=0.2)
    assert failure(wire, "http://slow.example.com", limits=limits) is FailureKind.DNS


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 70 + ".example.com"])
def test_names_that_lead_nowhere_are_dns_failures(wire, host):
    assert failure(wire, f"http://{host}") is FailureKind.DNS


def test_an_address_that_swallows_everything_leaves_time_for_the_next(wire, monkeypatch, silent):
    with ScriptedServer({"/": [OK]}) as server:
        port = int(server.url.rpartition(":")[2])
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", silent),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]
        monkeypatch.setattr(gevent.socket, "getaddrinfo", lambda *arguments, **options: found)
        assert ask(wire, f"http://two.example.com:{port}", limits=LIMITS._replace(connect=1.0)).body == b"hi"


def test_a_place_that_swallows_everything_costs_the_time_to_connect(wire, silent):
    host, port = silent
    limits = LIMITS._replace(connect=0.2, answer=60.0)
    assert failure(wire, f"http://{host}:{port}", limits=limits) is FailureKind.TIMEOUT


@pytest.fixture
def unix_server(tmp_path):
    with ScriptedServer(
        {"/pet": [OK], "/go": [found_at("/pet")], "/on/go": [found_at("../pet")]}, str(tmp_path / "S.sock")
    ) as server:
        yield server


def found_at(place):
    return f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nSet-Cookie: hop=1; Path=/\r\nContent-Length: 0\r\n\r\n".encode()


def test_a_unix_socket_is_a_place(new_user, unix_server):
    user, recorder = new_user(unix_server.url)
    response = user.get("/pet")
    assert (response.text, response.url) == ("hi", f"{unix_server.url}/pet")
    assert host_of(unix_server.requests[0]) == "localhost"
    assert list(recorder.tally.requests) == ["GET /pet"]


@pytest.mark.skipif(not KERNEL_CLOCK, reason="only Linux stamps received segments")
def test_a_unix_socket_has_no_stamps_and_the_process_clock_serves(wire, unix_server):
    answer = ask(wire, unix_server, "/pet")
    assert not answer.stamped
    assert answer.sent_ns < answer.received_ns == answer.noticed_ns


@pytest.mark.parametrize("path", ["/go", "/on/go"])
def test_redirects_and_cookies_work_on_a_unix_socket(new_user, unix_server, path):
    user, _ = new_user(unix_server.url)
    response = user.get(path)
    assert (response.text, response.url) == ("hi", f"{unix_server.url}/pet")
    assert [hop.status_code for hop in response.history] == [302]
    assert b"Cookie: hop=1" in unix_server.requests[1]


def test_a_unix_socket_that_is_not_there_is_a_connect_failure(wire, tmp_path):
    assert failure(wire, f"http+unix://{str(tmp_path / 'none').replace('/', '%2F')}/") is FailureKind.CONNECT
    assert failure(wire, f"http+unix://%2F{'x' * 200}/") is FailureKind.CONNECT


def test_a_unix_socket_whose_queue_is_full_is_waited_for(wire, tmp_path):
    place = str(tmp_path / "busy.sock")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(place)
        listener.listen(0)
        waiting = socket.socket(socket.AF_UNIX)
        waiting.connect(place)
        url = f"http+unix://{place.replace('/', '%2F')}"
        assert failure(wire, url, limits=LIMITS._replace(connect=0.2)) is FailureKind.TIMEOUT

        def serve():
            listener.accept()[0].close()
            with listener.accept()[0] as connection:
                connection.recv(1000)
                connection.sendall(OK)

        thread = threading.Timer(0.1, serve)
        thread.start()
        assert ask(wire, url).body == b"hi"
        thread.join()
        waiting.close()


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://host", "host"),
        ("http://HOST:80/x", "host"),
        ("http://host:8080", "host:8080"),
        ("https://host", "host"),
        ("https://host:443", "host"),
        ("https://host:80", "host:80"),
        ("http://[::1]", "[::1]"),
        ("http://[::1]:8080/x", "[::1]:8080"),
        ("http+unix://%2Frun%2FA.sock/x", "localhost"),
    ],
)
def test_host_says_what_requests_would_say(url, authority):
    assert split_url(url)[0].authority == authority


def test_a_hosts_letters_are_small_and_a_sockets_are_its_own(new_user):
    with ScriptedServer({"/pet": [OK]}) as server:
        user, _ = new_user(server.url.replace("127.0.0.1", "LocalHost"))
        assert user.get("/pet").url == server.url.replace("127.0.0.1", "localhost") + "/pet"


def test_what_names_a_host_is_not_below_the_base():
    base = "http://host/api"
    assert absolute(base, "https://other/x") == "https://other/x"
    assert absolute(base, "/go?to=http://other/") == "http://host/api/go?to=http://other/"
    assert absolute(base, "pet") == "http://host/api/pet"
    assert absolute(base, "?page=1") == "http://host/api?page=1"


def test_urls_join_on_unix_sockets_as_everywhere():
    base = "http+unix://%2Frun%2FA.sock/a/b"
    assert join(base, "/c") == "http+unix://%2Frun%2FA.sock/c"
    assert join(base, "c?d=1") == "http+unix://%2Frun%2FA.sock/a/c?d=1"
    assert join(base, "http://other/x") == "http://other/x"
    assert join("http://host/a/b", "../c") == "http://host/c"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://Staging.Example.com", ("staging.example.com", 80)),
        ("HTTP://staging.example.com:80/api", ("staging.example.com", 80)),
        ("https://me:Secret@DESKTOP-7A/api?a=B", ("desktop-7a", 443)),
        ("http://[::1]:8080", ("::1", 8080)),
        ("ws://shop/live", ("shop", None)),
        ("undefined/pet", ("", None)),
    ],
)
def test_a_host_and_its_port_are_the_same_however_a_url_writes_them(url, found):
    assert host_and_port(url) == found


@pytest.mark.parametrize(
    ("base", "url", "path"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/pet/12?page=2#top", "/pet/12"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080?page=2", "/"),
        ("http://127.0.0.1:8080", "http://localhost:8080/pet", "/pet"),
        ("http://localhost:8080", "http://[::1]:8080/pet", "/pet"),
        ("http://127.0.0.1:8080", "http://0.0.0.0:8080/pet", "/pet"),
        ("http://shop.test", "HTTP://Shop.Test:80/pet", "/pet"),
        ("https://Shop.test:443/", "https://shop.test/pet", "/pet"),
        ("http://me:secret@shop.test/api", "http://you@shop.test/api/pet", "/pet"),
        ("http://shop.test/api/", "http://shop.test/api", "/"),
        ("http://shop.test/api", "http://shop.test/apish/pet", "/apish/pet"),
        ("http+unix://%2Ftmp%2Fa.sock", "http+unix://%2Ftmp%2Fa.sock/pet", "/pet"),
    ],
)
def test_an_absolute_url_of_the_target_is_a_path_below_it(base, url, path):
    assert TargetUrls(base).path(url) == path


@pytest.mark.parametrize(
    "url",
    [
        "/pet?page=2",
        "/jump?to=http://127.0.0.1:8080/pet",
        "pet/1",
        "",
        "http://127.0.0.1:8081/pet",
        "http://127.0.0.1:80800/pet",
        "http://127.0.0.2:8080/pet",
        "https://127.0.0.1:8080/pet",
        "http://shop.test:8080/pet",
        "http://[/pet",
        "http+unix://%2Ftmp%2Fa.sock/pet",
        "mailto:me@shop.test",
    ],
)
def test_urls_of_other_places_and_paths_stay_as_they_are(url):
    assert TargetUrls("http://127.0.0.1:8080").path(url) == url
