"""Docker's proxies: processes that forward published ports to containers, told by their command lines.

Everybody may read those. What a proxy has open, only its own user may: root, mostly.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from perfgate.machine.process_table import ProcessTable
from perfgate.service.attribution.holders import words_of
from perfgate.service.attribution.networks import addresses_at, parse_address
from perfgate.service.attribution.socket_tables import Address

PROXY = "docker-proxy"
"""The program by which Docker forwards a published port."""

Destination = tuple[Address, int]
"""An address and a port in a container."""


def destinations(table: ProcessTable) -> dict[int, Destination]:
    """Where each proxy of this machine forwards to."""
    found = {pid: _destination_of(pid) for pid in _proxies(table)}
    return {pid: place for pid, place in found.items() if place is not None}


def forwarders_to(members: Iterable[int], places: Mapping[int, Destination]) -> set[int]:
    """The proxies that forward to a container. members: processes that run in it. places: see `destinations`."""
    own: set[Address] = next(filter(None, map(addresses_at, members if places else ())), set())
    return {pid for pid, (address, _) in places.items() if address in own}


def behind_forwarder(address: Address, port: int, table: ProcessTable) -> Destination | None:
    """Where a proxy forwards to that takes connections at an address of this machine; None where there is none."""
    for pid in _proxies(table):
        options = _options_of(pid)
        host = parse_address(options.get("-host-ip", ""))
        if options.get("-host-port") == str(port) and host is not None and _takes(host, address):
            return _destination_of(pid)
    return None


def is_forwarder(pid: int, table: ProcessTable) -> bool:
    """Whether a process is a proxy."""
    return pid in table.entries and table.entries[pid].name == PROXY


def _proxies(table: ProcessTable) -> list[int]:
    return [pid for pid in table.entries if is_forwarder(pid, table)]


def _destination_of(proxy: int) -> Destination | None:
    options = _options_of(proxy)
    address, port = parse_address(options.get("-container-ip", "")), options.get("-container-port", "")
    return (address, int(port)) if address is not None and port.isdecimal() else None


def _options_of(proxy: int) -> dict[str, str]:
    return dict(itertools.pairwise(words_of(proxy)))


def _takes(host: Address, address: Address) -> bool:
    return host == address or (host.is_unspecified and host.version == address.version)
