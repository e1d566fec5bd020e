"""pywsgi's request handler without its two greatest costs: e-mail parsing of headers, and two writes an answer.

Together they took more than a third of the CPU of a request. Everything else, keep-alive, chunked bodies and errors,
stays pywsgi's.
"""

from __future__ import annotations

import socket
from io import BufferedReader
from typing import Any
from urllib.parse import unquote_to_bytes

from gevent.pywsgi import Input, WSGIHandler

# The limits of http.client, which pywsgi reads headers with otherwise.
_LONGEST_LINE = 65536
_MOST_HEADERS = 100


class Head(dict[str, str]):
    """The headers of a request by their names in lower case, with as much of a message as pywsgi asks for."""

    status = ""

    def __init__(self, stream: BufferedReader, _seekable: int = 0) -> None:
        """Read up to the empty line. ValueError where that is not HTTP, or too much of it."""
        super().__init__()
        for _ in range(_MOST_HEADERS + 1):
            line = stream.readline(_LONGEST_LINE + 1)
            if line in (b"\r\n", b"\n", b""):
                return
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or len(line) > _LONGEST_LINE:
                raise ValueError("a header that is none, or too long")
            self[name.lower()] = value.strip()
        raise ValueError("too many headers")

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


class Handler(WSGIHandler):  # type: ignore[misc]
    """Answers the requests of one connection."""

    MessageClass = Head

    def __init__(self, sock: Any, address: object, server: object) -> None:
        # Without this an answer of more than one segment waits 40 ms for a delayed acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(sock, address, server)

    def get_environ(self) -> dict[str, Any]:
        """The part of a WSGI environment that the petstore reads. The path is text in UTF-8, unquoted."""
        path, _, query = self.path.partition("?")
        head = self.headers
        waits = head.get("expect", "").lower() == "100-continue"
        self.wsgi_input = Input(
            self.rfile,
            self.content_length,
            socket=self.socket if waits else None,
            chunked_input=head.get("transfer-encoding", "").lower() == "chunked",
        )
        return {
            "REQUEST_METHOD": self.command,
            "PATH_INFO": unquote_to_bytes(path).decode("utf-8", "replace") if "%" in path else path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": head.get("content-type", ""),
            "wsgi.input": self.wsgi_input,
        }

    def _write_with_headers(self, data: bytes) -> None:
        self.headers_sent = True
        self.finalize_headers()
        lines = [b"HTTP/1.1 " + self.status]
        lines += [name + b": " + value for name, value in self.response_headers]
        self._sendall(b"\r\n".join(lines) + b"\r\n\r\n" + data)

    def log_request(self) -> None:
        """No access log: it would cost more than most answers."""
