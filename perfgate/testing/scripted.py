"""A service that does what it is told, however rude: real sockets, scripted answers."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress


class ScriptedServer:
    """An HTTP service on this machine that answers each path with exactly the bytes it was given, on real sockets.

    script: path -> pieces sent one after the other; a number is a pause in seconds, None closes the connection with a
    reset. A connection stays open after its pieces, unless they end with CLOSE or None. `requests` holds what came in.
    """

    CLOSE = b"<close>"

    def __init__(self, script: Mapping[str, Sequence[bytes | float | None]]) -> None:
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # closing alone would leave a waiting accept behind
        self._socket.close()
        for connection in self._open:
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
            while (request := _read_request(connection)) is not None:
                self.requests.append(request)
                path = request.split(b" ", 2)[1].decode().partition("?")[0]
                if not self._answer(connection, self._script[path]):
                    return

    def _answer(self, connection: socket.socket, pieces: Sequence[bytes | float | None]) -> bool:
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


def _read_request(connection: socket.socket) -> bytes | None:
    """One whole request, or None at the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(65_536)
        if not received:
            return None
        data += received
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body
