"""A small HTTP proxy on real sockets: it forwards plain requests, opens tunnels, and can ask for a password."""

import base64
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from perfgate.testing import ScriptedServer


class ProxyServer(ScriptedServer):
    """`requests` holds the heads that it was sent, tunnels too.

    user_info: what it wants to hear, like "user:pw". refusal: what it answers to every CONNECT instead of opening a
    tunnel.
    """

    def __init__(self, user_info="", refusal=None, tls=None, place="127.0.0.1"):
        super().__init__({}, place, tls)
        self._wanted = base64.b64encode(user_info.encode()) if user_info else None
        self._refusal = refusal

    def _serve(self, connection):
        with suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            while head := self._head(connection):
                self.requests.append(head)
                self._relay(connection, head)
        connection.close()

    def _head(self, connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)
            if not byte:
                return None
            head += byte
        return head

    def _relay(self, connection, head):
        method, goal, _ = head.split(b" ", 2)
        if self._wanted is not None and b"Proxy-Authorization: Basic " + self._wanted not in head:
            connection.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
        elif method != b"CONNECT":
            parts = urlsplit(goal.decode())
            with socket.create_connection((parts.hostname, parts.port or 80)) as service:
                service.sendall(head.replace(f"http://{parts.netloc}".encode(), b"", 1))
                connection.sendall(service.recv(65_536))
        elif self._refusal is not None:
            self._answer(connection, self._refusal)
        else:
            host, _, port = goal.decode().rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port))) as service:
                connection.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
                back = threading.Thread(target=pump, args=(service, connection), daemon=True)
                back.start()
                pump(connection, service)
                back.join(5)
            raise ConnectionError("the tunnel is closed")


def pump(source, sink):
    """Carry bytes from one socket to another, to the end."""
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
