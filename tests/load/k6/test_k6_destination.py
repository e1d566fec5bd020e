"""Did the load go to the target?"""

import socket
from collections import Counter

import pytest

from perfgate.load.http.same_place import is_same
from perfgate.load.k6.destination import elsewhere
from perfgate.load.k6.samples import Samples

URL = "http://127.0.0.1:8080/api"


def went(named=0, **origins):
    return Samples(origins=Counter(origins), named=named)


def test_requests_to_the_target_are_nowhere_else():
    assert elsewhere(went(**{"http://127.0.0.1:8080": 9, "http://localhost:8080": 3}), URL, ()) == ()


def test_what_can_be_no_url_is_somewhere_else():
    strays = ("http://localhost:80800", "http://a..b:8080", "http://[id]:8080")
    assert elsewhere(went(**dict.fromkeys(strays, 1)), URL, ()) == strays


def test_other_origins_are_named_by_falling_number():
    samples = went(**{"http://127.0.0.1:8080": 9, "http://127.0.0.1:8081": 1, "https://127.0.0.1": 5})
    assert elsewhere(samples, URL, ()) == ("https://127.0.0.1", "http://127.0.0.1:8081")


@pytest.mark.parametrize(
    ("peers", "found"),
    [
        ([("127.0.0.1", 8080)], ()),
        ([("127.0.0.1", 8080), ("10.0.0.1", 443)], ()),
        ([("127.0.0.1", 9999), ("::1", 80)], ("127.0.0.1:9999", "[::1]:80")),
        ([], ()),
    ],
)
def test_of_named_requests_the_connections_tell(peers, found):
    assert elsewhere(went(named=5), URL, peers) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://localhost", "http://127.0.0.1:80/api", True),
        ("http://localhost", "https://localhost", False),
        ("http://localhost:1", "http://localhost:2", False),
        ("http://0.0.0.0:8080", "http://localhost:8080", True),
        ("http://127.0.0.1:8080", "http://[::1]:8080", True),
        ("http://no-such-host.invalid:8080", URL, False),
        ("http://NO-SUCH-HOST.invalid", "http://no-such-host.invalid:80/api", True),
        ("http://127.0.0.1:undefined", URL, False),
        ("http://localhost:80800", URL, False),
        ("http://localhost:eight", URL, False),
        ("http://a..b:8080", URL, False),
        ("http://[:8080", URL, False),
        ("http://:8080", URL, False),
    ],
)
def test_another_name_for_the_same_address_and_port_is_the_same(one, other, same):
    assert is_same(one, other) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://base.staging.test", "http://head.staging.test", False),
        ("http://192.0.2.7", "http://head.staging.test", True),
        ("http://base.local.test", "http://head.local.test", True),
    ],
)
def test_two_names_of_another_machine_may_be_two_services(one, other, same, monkeypatch):
    def known(host, port, type):
        address = "127.0.1.1" if "local" in host else "192.0.2.7"
        return [(socket.AF_INET, type, 0, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", known)
    assert is_same(one, other) is same
