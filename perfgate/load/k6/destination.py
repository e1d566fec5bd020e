"""Did the load go to the target? A script that says its URL itself loads something else."""

from __future__ import annotations

import socket
from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address

from perfgate.load.http.urls import host_and_port
from perfgate.load.k6.samples import Samples


def elsewhere(samples: Samples, url: str, peers: Collection[tuple[str, int]]) -> tuple[str, ...]:
    """Where requests went that did not go to `url`, by falling number.

    A script that names a request hides its URL from k6's samples; `peers` (addresses and ports that k6 was connected
    to) tell of those, unless the target was among them.
    """
    found = [origin for origin, _ in samples.origins.most_common() if not is_same(origin, url)]
    if samples.named and not samples.origins:
        target = _addresses(url)
        if target and not target & set(peers):
            found += sorted({f"{_bracketed(host)}:{port}" for host, port in peers})
    return tuple(found)


def is_same(origin: str, url: str) -> bool:
    """Whether a URL's origin is the target's: the same words, or another name for the same address and port.

    Two names that one address of another machine has are no one: behind them may be two services, as base and head are
    behind one proxy.
    """
    try:
        (host, port), (other_host, other_port) = host_and_port(origin), host_and_port(url)
    except ValueError:  # as of a port that is no number
        return False
    if host == other_host or port != other_port:
        return port == other_port
    shared = {address for address, _ in _addresses(origin) & _addresses(url)}
    return any(ip_address(address).is_loopback or address in (host, other_host) for address in shared)


@lru_cache(maxsize=256)
def _addresses(url: str) -> frozenset[tuple[str, int]]:
    try:
        place = host_and_port(url)
        found = socket.getaddrinfo(*place, type=socket.SOCK_STREAM) if place[0] else []
    except (OSError, ValueError):  # nobody knows such a name, or it cannot be one
        return frozenset()
    return frozenset((str(address[4][0]), int(address[4][1])) for address in found)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
