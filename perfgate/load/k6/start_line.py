"""The moment at which k6s begin together: each asks in its setup, when its VUs are there; all are answered at once."""

from __future__ import annotations

import secrets
import socket
import time
from contextlib import suppress

_ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
_PATIENCE = 1.0  # seconds for a request that has begun


class StartLine:
    """Where k6s wait for one another. A context manager.

    count: of those that wait.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._path = f"/{secrets.token_hex(8)}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._waiting: list[socket.socket] = []

    @property
    def url(self) -> str:
        """What a k6 asks to wait."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}{self._path}"

    @property
    def address(self) -> tuple[str, int]:
        """Where a k6 that waits is connected to."""
        host, port = self._listener.getsockname()
        return str(host), int(port)

    def __enter__(self) -> StartLine:
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._waiting):
            one.close()

    def started_at(self) -> float | None:
        """Let all go if all are there: the moment (Unix s). None as long as one is missing."""
        with suppress(BlockingIOError):
            while True:
                self._hear(self._listener.accept()[0])
        if len(self._waiting) < self._count:
            return None
        for one in self._waiting:
            with suppress(OSError):
                one.sendall(_ANSWER)
        return time.time()

    def _hear(self, caller: socket.socket) -> None:
        caller.settimeout(_PATIENCE)
        said = b""
        with suppress(OSError):
            while b"\r\n\r\n" not in said and (more := caller.recv(4096)):
                said += more
        if said.startswith(f"GET {self._path} ".encode()):
            self._waiting.append(caller)
        else:
            caller.close()
