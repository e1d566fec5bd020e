"""An HTTP/2 service that does what it is told, however rude: the server's half of h2 on real sockets."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError

from perfgate.testing import ScriptedServer

SERVER = H2Configuration(
    client_side=False, header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False
)


class Http2Server(ScriptedServer):
    """script: path -> steps, done when a request has come whole (or, for `early` paths, when its headers have).

    A step is bytes to send as they are, a pause in seconds, CLOSE or None as of a ScriptedServer, or a function of the
    h2 connection and the stream's id. requests: (headers, body) of each. preface: what is sent instead of settings.
    """

    requests: list[Any]

    def __init__(self, script, tls=None, preface=None, early=(), settings=None):
        if tls is not None:
            tls.set_alpn_protocols(["h2", "http/1.1"])
        super().__init__(script, tls=tls)
        self._preface = preface
        self._early = early
        self._settings = settings or {}

    def __enter__(self) -> Http2Server:
        super().__enter__()
        return self

    def _serve(self, sock):
        with suppress(ProtocolError):
            if self._preface is not None:
                sock.recv(65_536)
                self._do(sock, None, 0, self._preface)
            self._talk(sock)

    def _talk(self, sock):
        connection = H2Connection(SERVER)
        connection.initiate_connection()
        if self._settings:
            connection.update_settings(self._settings)
        sock.sendall(connection.data_to_send())
        pending = {}
        while data := sock.recv(65_536):
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    headers: dict[Any, Any] = dict(event.headers)
                    pending[event.stream_id] = (headers, bytearray())
                    if headers[":path"] in self._early:
                        self._finish(sock, connection, event.stream_id, pending)
                elif isinstance(event, DataReceived):
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    if event.stream_id in pending:
                        pending[event.stream_id][1].extend(event.data)
                elif isinstance(event, StreamEnded) and event.stream_id in pending:
                    self._finish(sock, connection, event.stream_id, pending)
            sock.sendall(connection.data_to_send())

    def _finish(self, sock, connection, stream_id, pending):
        headers, body = pending.pop(stream_id)
        self.requests.append((headers, bytes(body)))
        sock.sendall(connection.data_to_send())
        self._do(sock, connection, stream_id, self._script[headers[":path"]])

    def _do(self, sock, connection, stream_id, steps):
        for step in steps:
            if step is None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise ConnectionError("reset")
            if step is self.CLOSE:
                sock.shutdown(socket.SHUT_RDWR)
                while sock.recv(65_536):
                    pass  # closing with something unread would be a reset
                raise ConnectionError("closed")
            if isinstance(step, bytes):
                sock.sendall(step)
            elif isinstance(step, float):
                if self._over.wait(step):
                    raise ConnectionError("the server has ended")
            else:
                step(connection, stream_id)
                sock.sendall(connection.data_to_send())


def answer(status=200, body=b"hi", headers=(), trailers=None):
    """A step: a whole answer of ours, as large as the client's windows allow."""

    def step(connection, stream_id):
        head(status, headers)(connection, stream_id)
        for at in range(0, len(body), 16_384):
            connection.send_data(stream_id, body[at : at + 16_384])
        if trailers is None:
            connection.end_stream(stream_id)
        else:
            connection.send_headers(stream_id, trailers, end_stream=True)

    return step


def head(status=200, headers=(), end=False):
    """A step: only the headers of an answer."""
    return lambda connection, stream_id: connection.send_headers(
        stream_id, [(":status", str(status)), *headers], end_stream=end
    )


def data(content, end=False):
    """A step: a part of a body."""
    return lambda connection, stream_id: connection.send_data(stream_id, content, end_stream=end)


def reset(code):
    """A step: RST_STREAM."""
    return lambda connection, stream_id: connection.reset_stream(stream_id, code)


def frame(kind, stream_id, payload, flags=0):
    """The bytes of any frame, sound or not."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream_id.to_bytes(4, "big") + payload


def go_away(last, code):
    """The bytes of GOAWAY."""
    return frame(0x7, 0, last.to_bytes(4, "big") + code.to_bytes(4, "big"))
