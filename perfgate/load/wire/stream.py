"""Bytes to and from one peer, and the moment at which the kernel had them.

The kernel stamps every segment when it arrives (SO_TIMESTAMPNS, see socket(7) and
https://docs.kernel.org/networking/timestamping.html); `recvmsg` hands the stamp over with the bytes. So a latency ends
when the answer reached this machine, not when a busy generator found the time to look.
"""

from __future__ import annotations

import errno
import os
import select
import socket as socket_module
import struct
import time
from typing import Any, Protocol

import gevent
from gevent import getcurrent, monkey

from perfgate.load.wire.failure import DeadlineExceeded

# The real socket: these sockets never block, and their waiting is done here, on the hub.
RealSocket: Any = monkey.get_original("socket", "socket")

# The real poll: asked without waiting, it costs a quarter of a read that finds nothing and has to say so.
_new_poll: Any = monkey.get_original("select", "poll") if hasattr(select, "poll") else None

# asm-generic/socket.h; only Linux on 64 bits has these numbers and this layout.
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("qq")
_ANCILLARY = socket_module.CMSG_SPACE(_TIMESPEC.size) if hasattr(socket_module, "CMSG_SPACE") else 0
CHUNK = 65_536
_READ, _WRITE = 1, 2
_RETRY_SECONDS = 0.005
KERNEL_CLOCK = os.uname().sysname == "Linux" and struct.calcsize("P") == 8 if hasattr(os, "uname") else False


class Deadlines:
    """Ends waits that last too long. One timer looks after all streams, which costs a request nothing."""

    INTERVAL = 0.02

    def __init__(self) -> None:
        self._hub = gevent.get_hub()
        self._watched: set[Stream] = set()
        self._timer = self._hub.loop.timer(self.INTERVAL, self.INTERVAL)
        self._timer.start(self._look, update=False)

    def watch(self, stream: Stream) -> None:
        self._watched.add(stream)

    def forget(self, stream: Stream) -> None:
        self._watched.discard(stream)

    def __len__(self) -> int:
        """How many streams are open."""
        return len(self._watched)

    def stop(self) -> None:
        self._timer.stop()
        self._timer.close()

    def _look(self) -> None:
        now = time.monotonic()
        for stream in [stream for stream in self._watched if stream.waiting is not None and stream.deadline < now]:
            waiting = stream.waiting
            if waiting is not None:
                stream.waiting = None
                waiting.throw(DeadlineExceeded())


class ByteStream(Protocol):
    """A connection that carries bytes, plain or encrypted.

    deadline: when a wait ends with DeadlineExceeded (monotonic s).
    received_ns: when the kernel had the last received bytes (Unix ns); 0 where it gave no time stamp.
    """

    deadline: float

    @property
    def received_ns(self) -> int: ...

    def send(self, data: bytes) -> None:
        """Send all of `data`."""

    def receive(self, limit: int = CHUNK) -> bytes:
        """The next bytes, at most `limit`; empty when the peer closed."""

    def receive_now(self) -> bytes | None:
        """What is there without waiting: bytes, empty when the peer closed, None for nothing."""

    def readable(self) -> bool:
        """Whether bytes or an end wait to be read."""

    def close(self) -> None: ...


class Stream:
    """A plain TCP or unix connection that never blocks the process, only the greenlet that uses it: a ByteStream."""

    def __init__(self, sock: Any, deadlines: Deadlines) -> None:
        self.sock = sock
        self.deadline = 0.0
        self.received_ns = 0
        self.waiting: Any = None
        self._hub = gevent.get_hub()
        self._deadlines = deadlines
        self._reader = self._hub.loop.io(sock.fileno(), _READ)
        self._writer: Any = None
        self._poll: Any = None
        deadlines.watch(self)

    def connect(self, address: Any) -> None:
        """Connect, or raise OSError or DeadlineExceeded."""
        while (code := self.sock.connect_ex(address)) == errno.EAGAIN:
            self._wait_for_room()
        if code == errno.EINPROGRESS:
            self._wait_to_write()
            code = self.sock.getsockopt(socket_module.SOL_SOCKET, socket_module.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        while sent < len(data):
            self._wait_to_write()
            try:
                sent += self.sock.send(data[sent : sent + 1_048_576])
            except BlockingIOError:
                continue

    def receive(self, limit: int = CHUNK) -> bytes:
        """The next bytes, at most `limit`; empty when the peer closed."""
        while True:
            self._wait(self._reader)
            try:
                return self._take(limit)
            except BlockingIOError:
                continue

    def _take(self, limit: int = CHUNK) -> bytes:
        data: bytes
        data, ancillary, _, _ = self.sock.recvmsg(limit, _ANCILLARY)
        if ancillary:
            seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
            self.received_ns = seconds * 1_000_000_000 + nanoseconds
        else:
            self.received_ns = 0
        return data

    def receive_now(self) -> bytes | None:
        """What is there without waiting: bytes, empty when the peer closed, None for nothing."""
        if not self.readable():  # at half the price of reading in vain
            return None
        try:
            return self._take()
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def readable(self) -> bool:
        """Whether bytes or an end wait to be read: on an idle connection, that the peer has closed it."""
        if _new_poll is not None:
            if self._poll is None:
                self._poll = _new_poll()
                self._poll.register(self.sock.fileno(), select.POLLIN)
            return bool(self._poll.poll(0))
        try:
            self.sock.recv(1, socket_module.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def _wait_for_room(self) -> None:
        """A unix socket whose queue is full (connect(2)): nothing tells when there is room."""
        if self.deadline < time.monotonic():
            raise DeadlineExceeded
        gevent.sleep(_RETRY_SECONDS)

    def _wait_to_write(self) -> None:
        if self._writer is None:
            self._writer = self._hub.loop.io(self.sock.fileno(), _WRITE)
        self._wait(self._writer)

    def _wait(self, watcher: Any) -> None:
        if self.deadline < time.monotonic():
            raise DeadlineExceeded
        # What hub.wait does, without its safeguards against who else might switch here: nobody does.
        self.waiting = current = getcurrent()
        watcher.start(current.switch)
        try:
            self._hub.switch()
        finally:
            watcher.stop()
            self.waiting = None

    def close(self) -> None:
        self._deadlines.forget(self)
        for watcher in (self._reader, self._writer):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        self._writer = None
        self.sock.close()


def new_socket(family: int) -> Any:
    """A socket that does not block, sends at once and asks the kernel for receive stamps."""
    sock = RealSocket(family, socket_module.SOCK_STREAM)
    sock.setblocking(False)
    if family != getattr(socket_module, "AF_UNIX", None):
        sock.setsockopt(socket_module.IPPROTO_TCP, socket_module.TCP_NODELAY, 1)
    if KERNEL_CLOCK:
        sock.setsockopt(socket_module.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    return sock
