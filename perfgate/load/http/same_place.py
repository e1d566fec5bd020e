"""Is a URL the target's? A host has several names."""

from __future__ import annotations

import socket
from functools import lru_cache
from ipaddress import ip_address

from perfgate.load.http.urls import TargetUrls, host_and_port


def is_same(origin: str, url: str) -> bool:
    """Whether a URL's origin is the target's: the same words, or another name for the same address and port.

    Two names that one address of another machine has are no one: behind them may be two services, as base and head are
    behind one proxy. Names may be looked up, once each.
    """
    try:
        if TargetUrls(url).has(origin):
            return True
        (host, port), (other_host, other_port) = host_and_port(origin), host_and_port(url)
    except ValueError:  # as of a port that is no number
        return False
    if host == other_host or port != other_port:
        return port == other_port
    shared = {address for address, _ in addresses(origin) & addresses(url)}
    return any(ip_address(address).is_loopback or address in (host, other_host) for address in shared)


@lru_cache(maxsize=256)
def addresses(url: str) -> frozenset[tuple[str, int]]:
    """The addresses and ports that a URL may lead to; none where nobody knows its host."""
    try:
        place = host_and_port(url)
        found = socket.getaddrinfo(*place, type=socket.SOCK_STREAM) if place[0] else []
    except (OSError, ValueError):  # nobody knows such a name, or it cannot be one
        return frozenset()
    return frozenset((str(address[4][0]), int(address[4][1])) for address in found)
