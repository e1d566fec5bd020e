"""Network namespaces of this machine: which one a process lives in, and which addresses are at home there."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from perfgate.service.attribution.socket_tables import Address

_LOCAL = re.compile(r"\|-- ([0-9.]+)\n\s+/32 host LOCAL")


def network_of(pid: int) -> str:
    """The name of a process' network namespace; "" where it cannot be seen."""
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/net")
    return ""


def addresses_at(pid: int) -> set[Address]:
    """The addresses of the namespace that a process lives in, without loopback."""
    found: set[Address] = set()
    with suppress(OSError):
        found.update(map(IPv4Address, _LOCAL.findall(Path(f"/proc/{pid}/net/fib_trie").read_text())))
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/net/if_inet6").read_text().splitlines()
        found.update(IPv6Address(int(line.split()[0], 16)) for line in lines)
    return {address for address in found if not address.is_loopback}


def is_same_host(address: Address) -> bool:
    """Whether an address means whatever namespace it is used in."""
    return address.is_loopback or address.is_unspecified


def parse_address(text: str) -> Address | None:
    """An address; None for anything else."""
    with suppress(ValueError):
        return ip_address(text)
    return None
