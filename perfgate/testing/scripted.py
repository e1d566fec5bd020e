"""A service with scripted answers, however rude, on real sockets."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import quote

Answers = Mapping[str, Iterable[bytes | float | None]]


class ScriptedServer:
    """An HTTP service on this machine that answers each path with exactly the bytes it was given, on real sockets.

    A connection stays open after its pieces, unless they end with CLOSE or None.

    script: for each path the pieces that are sent one after the other; a number is a pause (s), None closes the
        connection with a reset.
    place: an address of this machine, or the path of a unix socket.
    tls: the TLS settings; None for plain HTTP.
    greeting: is sent before the first request.
    requests: the requests that came in.
    connections: how many were made.
    resets: how many of them the client broke off.
    """

    CLOSE = b"<close>"

    def __init__(
        self, script: Answers, place: str = "127.0.0.1", tls: ssl.SSLContext | None = None, greeting: bytes = b""
    ) -> None:
        self._script = script
        self._tls = tls
        self._greeting = greeting
        self._socket, self.url = _listen(place, "https" if tls else "http")
        self.requests: list[bytes] = []
        self.connections = 0
        self.resets = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # closing alone would leave a waiting accept behind
        self._socket.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            connection.sendall(self._greeting)
            try:
                self._serve_requests(connection)
            except ConnectionError:
                self.resets += 1

    def _serve_requests(self, connection: socket.socket) -> None:
        while (request := _read_request(connection)) is not None:
            self.requests.append(request)
            path = request.split(b" ", 2)[1].decode().partition("?")[0]
            if not self._answer(connection, self._script[path]):
                return

    def _answer(self, connection: socket.socket, pieces: Iterable[bytes | float | None]) -> bool:
        """Send the pieces; whether the connection stays open."""
        for piece in pieces:
            if piece is None:  # an abort: the peer sees a reset, not an end
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
                return False
            if piece is self.CLOSE:
                connection.close()
                return False
            if isinstance(piece, bytes):
                connection.sendall(piece)
            else:
                time.sleep(piece)
        return True


def _listen(place: str, scheme: str) -> tuple[socket.socket, str]:
    """A socket that listens, and its URL."""
    if place.startswith("/"):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(place)
        listener.listen()
        return listener, f"http+unix://{quote(place, safe='')}"
    family = socket.AF_INET6 if ":" in place else socket.AF_INET
    listener = socket.create_server((place, 0), family=family)
    host = f"[{place}]" if ":" in place else place
    return listener, f"{scheme}://{host}:{listener.getsockname()[1]}"


def _read_request(connection: socket.socket) -> bytes | None:
    """One whole request, or None at the end of the connection."""
    data = connection.recv(65_536)
    if not data:
        return None
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    if b"\r\ntransfer-encoding: chunked" in head.lower():
        while not (b"\r\n" + body[-7:]).endswith(b"\r\n0\r\n\r\n"):
            body += _more(connection)
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise ConnectionError("the peer closed in the middle of a request")
    return data
