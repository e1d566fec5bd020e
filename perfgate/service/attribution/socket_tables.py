"""The sockets of one network namespace, as the kernel lists them (sock_diag(7)): TCP connections and unix sockets.

A dump takes less than a millisecond. It leaves out connections in TIME_WAIT, of which a load makes ten thousands.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from ctypes import CDLL
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

Address = IPv4Address | IPv6Address

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
_ERROR, _DONE = 2, 3
_HEADER = struct.Struct("=IHHII")
_BUFFER = 1 << 17
_SECONDS = 2.0
_CLONE_NEWNET = 0x40000000

_ESTABLISHED, _CLOSE_WAIT, _LISTEN = 1, 8, 10
_STATES = 1 << _ESTABLISHED | 1 << _CLOSE_WAIT | 1 << _LISTEN
_UDIAG_SHOW_NAME, _UDIAG_SHOW_PEER = 1, 4
_UNIX_NAME, _UNIX_PEER = 0, 2
_WITH_CONNECTIONS = (socket.SOCK_STREAM, socket.SOCK_SEQPACKET)


@dataclass(frozen=True)
class TcpSocket:
    """One end of a TCP connection, or a socket that listens.

    inode: its number, by which processes hold it.
    uid: the user that made it.
    local, port: its own address.
    remote, remote_port: the other end's.
    listening: whether it waits for connections.
    """

    inode: int
    uid: int
    local: Address
    port: int
    remote: Address
    remote_port: int
    listening: bool


@dataclass(frozen=True)
class UnixSocket:
    """One end of a connection by unix socket, or a socket that listens.

    inode: its number, by which processes hold it.
    peer: the number of the other end; 0 without one.
    path: that it is bound to; one that was accepted has its listener's. "" for none.
    listening: whether it waits for connections.
    """

    inode: int
    peer: int
    path: str
    listening: bool


class SocketTables:
    """The sockets of the network namespace that a process lives in. pid: None for the namespace of this process."""

    def __init__(self, pid: int | None = None) -> None:
        self._pid = pid
        self._netlink = _netlink_of(pid)

    def tcp(self) -> list[TcpSocket]:
        """Listening and connected sockets; none where they cannot be listed."""
        if self._netlink is not None:
            with suppress(OSError):
                found = []
                for family in (socket.AF_INET, socket.AF_INET6):
                    request = struct.pack("=BBBBI48x", family, socket.IPPROTO_TCP, 0, 0, _STATES)
                    found += [parse_tcp(message) for message in _dump(self._netlink, request)]
                return found
        return _tcp_by_text(self._pid)

    def unix(self) -> list[UnixSocket]:
        """Listening and connected sockets; none where they cannot be listed."""
        if self._netlink is None:
            return []
        shown = _UDIAG_SHOW_NAME | _UDIAG_SHOW_PEER
        request = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, _STATES, 0, shown, 0, 0)
        with suppress(OSError):
            return [found for message in _dump(self._netlink, request) if (found := parse_unix(message)) is not None]
        return []

    def close(self) -> None:
        if self._netlink is not None:
            self._netlink.close()


def _netlink_of(pid: int | None) -> socket.socket | None:
    """A socket to ask the kernel by, within the namespace of a process; None where that cannot be had.

    It belongs to the namespace that its thread was in when it was made (network_namespaces(7)): a thread of its own
    enters that of the process, which takes root.
    """
    made: list[socket.socket] = []

    def make() -> None:
        with suppress(OSError, AttributeError):
            if pid is not None:
                _enter_network_of(pid)
            netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
            netlink.settimeout(_SECONDS)
            made.append(netlink)

    if pid is None:
        make()
    else:
        thread = threading.Thread(target=make, name="network namespace")
        thread.start()
        thread.join()
    return made[0] if made else None


def _enter_network_of(pid: int) -> None:
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET):
            raise PermissionError(f"the network of process {pid} cannot be entered")
    finally:
        os.close(descriptor)


def _dump(netlink: socket.socket, request: bytes) -> Iterator[bytes]:
    """The kernel's answers to a request for all sockets of a kind. OSError where it refuses."""
    netlink.send(_HEADER.pack(_HEADER.size + len(request), _SOCK_DIAG_BY_FAMILY, _DUMP, 0, 0) + request)
    while True:
        data, place = netlink.recv(_BUFFER), 0
        while place + _HEADER.size <= len(data):
            length, kind, *_ = _HEADER.unpack_from(data, place)
            if kind == _DONE:
                return
            if kind == _ERROR:
                raise OSError("the kernel lists no such sockets")
            yield data[place + _HEADER.size : place + length]
            place += (length + 3) & ~3


def parse_tcp(message: bytes) -> TcpSocket:
    """A struct inet_diag_msg."""
    family, state = message[0], message[1]
    size = 4 if family == socket.AF_INET else 16
    port, remote_port = struct.unpack_from(">HH", message, 4)
    uid, inode = struct.unpack_from("=II", message, 64)
    return TcpSocket(
        inode=inode,
        uid=uid,
        local=plain_address(message[8 : 8 + size]),
        port=port,
        remote=plain_address(message[24 : 24 + size]),
        remote_port=remote_port,
        listening=state == _LISTEN,
    )


def parse_unix(message: bytes) -> UnixSocket | None:
    """A struct unix_diag_msg with its attributes; None for a socket that makes no connections."""
    kind, state = message[1], message[2]
    if kind not in _WITH_CONNECTIONS:
        return None
    (inode,) = struct.unpack_from("=I", message, 4)
    peer, path, place = 0, "", 16
    while place + 4 <= len(message):
        length, attribute = struct.unpack_from("=HH", message, place)
        value = message[place + 4 : place + length]
        if attribute == _UNIX_NAME:
            path = value.decode(errors="surrogateescape").rstrip("\0")
        elif attribute == _UNIX_PEER:
            (peer,) = struct.unpack("=I", value)
        place += max(4, (length + 3) & ~3)
    return UnixSocket(inode, peer, path, state == _LISTEN)


def plain_address(packed: bytes) -> Address:
    """An address; that of IPv4 in IPv6's form (RFC 4291, 2.5.5.2) as what it is."""
    address = ip_address(packed)
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _tcp_by_text(pid: int | None) -> list[TcpSocket]:
    """The same as the kernel writes it for people, which everyone may read, of other users' processes, too."""
    found = []
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            lines = Path(f"/proc/{'self' if pid is None else pid}/net/{name}").read_text().splitlines()
            found += [entry for line in lines[1:] if (entry := parse_tcp_line(line)) is not None]
    return found


def parse_tcp_line(line: str) -> TcpSocket | None:
    """A line of /proc/net/tcp or tcp6; None for a connection that has ended."""
    _, local, remote, state, _, _, _, uid, _, inode, *_ = line.split()
    if not 1 << int(state, 16) & _STATES:
        return None
    (address, port), (remote_address, remote_port) = _parse_place(local), _parse_place(remote)
    listening = int(state, 16) == _LISTEN
    return TcpSocket(int(inode), int(uid), address, port, remote_address, remote_port, listening)


def _parse_place(text: str) -> tuple[Address, int]:
    """An address and a port, like 0100007F:1F90: words of four bytes in the order of this machine."""
    address, port = text.split(":")
    packed = b"".join(struct.pack("=I", int(address[at : at + 8], 16)) for at in range(0, len(address), 8))
    return plain_address(packed), int(port, 16)
