"""The process on this machine that listens at a URL."""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from perfgate.machine.process_table import read_processes
from perfgate.service.attribution.forwarders import is_forwarder
from perfgate.service.attribution.holders import container_of, holders_of
from perfgate.service.attribution.networks import addresses_at
from perfgate.service.attribution.socket_tables import SocketTables
from perfgate.service.probe import port_of
from perfgate.service.target import UNIX


def listener_at(url: str) -> int | None:
    """The first process of the service; None where it is none of this machine, cannot be seen, or is part of what
    started this process.
    """
    tables = SocketTables()
    try:
        inodes = _listening_at(url, tables)
    except (OSError, ValueError):
        return None
    finally:
        tables.close()
    table = read_processes()
    holders = holders_of(inodes, table.entries)
    here = os.getpid()
    ours = {here, *table.ancestors(here)}
    strange = any(pid in ours or is_forwarder(pid, table) or container_of(pid) != container_of(here) for pid in holders)
    first = table.topmost(holders)
    return first[0] if len(first) == 1 and not strange else None


def _listening_at(url: str, tables: SocketTables) -> set[int]:
    """The numbers of the sockets that listen there."""
    parts = urlsplit(url)
    if parts.scheme == UNIX:
        path = unquote(parts.netloc)
        return {one.inode for one in tables.unix() if one.listening and one.path == path}
    port = port_of(parts)
    found = {ip_address(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
    here = [address for address in found if address.is_loopback or address in addresses_at(os.getpid())]
    return {
        one.inode
        for one in tables.tcp()
        if one.listening and one.port == port and here and (one.local in here or one.local.is_unspecified)
    }
