"""Names to addresses, each looked up once."""

from __future__ import annotations

import socket
from typing import Any

import gevent.socket
from gevent import monkey
from gevent.lock import RLock

from perfgate.load.wire.interface import UNIX

Address = tuple[int, Any]
# The real one, which for numbers never blocks; gevent's has a thread look, which takes its time on a busy machine.
_real_getaddrinfo: Any = monkey.get_original("socket", "getaddrinfo")


class Resolver:
    """Looks a name up once and remembers its addresses, as k6 does, so that DNS is not part of the load."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], list[Address]] = {}
        self._lock = RLock()

    def addresses(self, scheme: str, host: str, port: int) -> list[Address]:
        """Socket family and address of each way to `host`, best first. socket.gaierror where there is none."""
        known = self.known(scheme, host, port)
        return known if known is not None else self._look_up(host, port)

    def known(self, scheme: str, host: str, port: int) -> list[Address] | None:
        """The same without looking anything up; None where it was not asked for before."""
        return [(socket.AF_UNIX, host)] if scheme == UNIX else self._known.get((host, port))

    def _look_up(self, host: str, port: int) -> list[Address]:
        with self._lock:  # all VUs of a round begin at once, and ask for the same
            if (host, port) not in self._known:
                found = _numbers(host, port) or gevent.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                self._known[host, port] = [(family, address) for family, _, _, _, address in found]
            return self._known[host, port]

    def prefer(self, host: str, port: int, address: Address) -> None:
        """Name this address first from now on: it answered where others did not."""
        known = self._known.get((host, port), [])
        if address in known[1:]:
            self._known[host, port] = [address, *(other for other in known if other != address)]


def _numbers(host: str, port: int) -> Any:
    """What getaddrinfo says of an address in numbers; None of a name."""
    try:
        return _real_getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return None
