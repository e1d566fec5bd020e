"""A service with scripted answers, however rude, on real sockets."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import quote

Answers = Mapping[str, Iterable[bytes | float | None]]


class ScriptedServer:
    """An HTTP service on this machine that answers each path with exactly the bytes it was given, on real sockets.

    A connection stays open after its pieces, unless they end with CLOSE or None. No thread outlives the server.

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
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._serving: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        _shut_down(self._socket)
        self._accepting.join()
        self._socket.close()
        with self._lock:
            for connection in self._open:
                _shut_down(connection)
        for thread in self._serving:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._use, args=(connection,), daemon=True)
            thread.start()
            self._serving = [*(one for one in self._serving if one.is_alive()), thread]

    def _use(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is not None:
                # No handshake yet: it waits for the client, and the end of the server must reach that wait.
                connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            with self._held(connection):
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                self._serve(connection)

    @contextmanager
    def _held(self, connection: socket.socket) -> Iterator[None]:
        """Inside, the end of the server shuts the connection down; only then it is closed, by the thread that used it.

        Closed under a thread that reads, it would have OpenSSL go on with the next connection of the same number.
        """
        try:
            with self._lock:
                if self._over.is_set():
                    raise ConnectionAbortedError("the server has ended")
                self._open.add(connection)
            yield
        finally:
            with self._lock:
                self._open.discard(connection)
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        """All that is said on a connection, which is closed after it."""
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
                return False
            if piece is self.CLOSE:
                return False
            if isinstance(piece, bytes):
                connection.sendall(piece)
            elif self._over.wait(piece):
                return False
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


def _shut_down(used: socket.socket) -> None:
    """Wake the thread that waits for this socket."""
    with suppress(OSError):  # its peer has gone already
        socket.socket.shutdown(used, socket.SHUT_RDWR)  # an SSLSocket's own takes TLS away from that thread


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
