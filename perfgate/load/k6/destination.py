"""Did the load go to the target? A script that says its URL itself loads something else."""

from __future__ import annotations

import socket
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from perfgate.load.k6.samples import Samples

_PORTS = {"http": 80, "https": 443}


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
    """Whether a URL's origin is the target's: the same words, or another name for the same address and port."""
    one, other = _place(origin), _place(url)
    if one is None or other is None or one[1] != other[1]:
        return False
    return one[0] == other[0] or bool(_addresses(origin) & _addresses(url))


def _place(url: str) -> tuple[str, int | None] | None:
    """Host and port; None of what can be no URL, such as one with a port that there is not."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _addresses(url: str) -> frozenset[tuple[str, int]]:
    place = _place(url)
    if place is None or not place[0]:
        return frozenset()
    try:
        found = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # nobody knows such a name, or it cannot be one
        return frozenset()
    return frozenset((str(address[4][0]), int(address[4][1])) for address in found)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
