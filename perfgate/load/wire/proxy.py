"""HTTP proxies: what their URLs say, and the tunnels that they open."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

import requests
from requests.utils import get_auth_from_url, select_proxy

from perfgate.load.wire.failure import FailureKind, WireError
from perfgate.load.wire.interface import DEFAULT_PORTS, Proxy, Route
from perfgate.load.wire.stream import ByteStream

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9]\d\d)[ \r]")
_HEAD_END = b"\r\n\r\n"
_MAXIMUM_HEAD = 16_384


def proxy_for(url: str, proxies: dict[str, str] | None) -> Proxy | None:
    """The proxy that requests' `proxies` ({"http": "http://user:pw@127.0.0.1:3128"}) name for `url`; None for none.

    requests.exceptions.InvalidProxyURL where it is none that can be used.
    """
    named = select_proxy(url, proxies)
    return _read(named) if named else None


@lru_cache(maxsize=64)
def _read(url: str) -> Proxy:
    whole = url if "://" in url else f"http://{url}"
    start, _, rest = whole.partition("://")
    try:
        parts = urlsplit(whole)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:  # which would quote a piece of a password
        scheme, host, port = "", None, None
    # An @ after the place means that the password holds a /, and the place is a piece of it.
    if scheme not in DEFAULT_PORTS or not host or "@" in rest.removeprefix(parts.netloc):
        shown = f"{start.lower()}://{rest.rpartition('@')[2]}"
        raise requests.exceptions.InvalidProxyURL(
            f"{shown} is not a proxy like http://127.0.0.1:3128 (a / in its password is written %2F); "
            'for others write transport="requests"'
        )
    user, password = get_auth_from_url(whole)
    authorization = requests.auth._basic_auth_str(user, password) if user else ""
    return Proxy(scheme, host, port or DEFAULT_PORTS[scheme], authorization)


def open_tunnel(stream: ByteStream, route: Route, proxy: Proxy) -> None:
    """Make a connection to a proxy one to the service (CONNECT; RFC 9110, 9.3.6). WireError where it does not agree."""
    host = f"[{route.host}]" if ":" in route.host else route.host
    goal = f"{host}:{route.port}"
    authorization = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy.authorization else ""
    stream.send(f"CONNECT {goal} HTTP/1.1\r\nHost: {goal}\r\n{authorization}\r\n".encode("latin-1"))
    status = _STATUS_LINE.match(_read_head(stream))
    if status is None:
        raise WireError(FailureKind.CONNECT, "the proxy gave no answer that HTTP knows")
    if not status[1].startswith(b"2"):
        raise WireError(FailureKind.CONNECT, f"the proxy refused the tunnel with status {int(status[1])}")


def _read_head(stream: ByteStream) -> bytes:
    """All up to the empty line, and nothing of what follows: that is the service's, which may speak first."""
    head = b""
    while not head.endswith(_HEAD_END):
        missing = next(size for size in (1, 2, 3, 4) if head.endswith(_HEAD_END[: 4 - size]))
        data = stream.receive(missing)
        head += data
        if not data or len(head) > _MAXIMUM_HEAD:
            raise WireError(FailureKind.CONNECT, "the proxy's answer has no end")
    return head
