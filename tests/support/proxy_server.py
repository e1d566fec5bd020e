"""A small HTTP proxy on real sockets: it forwards plain requests, opens tunnels, and can ask for a password."""

import base64
import select
import socket
import ssl
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
        while head := self._head(connection):
            self.requests.append(head)
            self._relay(connection, head)

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
            service = socket.create_connection((parts.hostname, parts.port or 80))
            with self._held(service):
                service.sendall(head.replace(f"http://{parts.netloc}".encode(), b"", 1))
                connection.sendall(service.recv(65_536))
        elif self._refusal is not None:
            if not self._answer(connection, self._refusal):
                raise ConnectionError("refused")
        else:
            host, _, port = goal.decode().rpartition(":")
            service = socket.create_connection((host.strip("[]"), int(port)))
            with self._held(service):
                connection.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
                carry_both_ways(connection, service)
            raise ConnectionError("the tunnel is closed")


def carry_both_ways(one, other):
    """Carry bytes from each of two sockets to the other, until one has ended: in one thread, which TLS asks for."""
    sinks = {one: other, other: one}
    while True:
        for source in select.select(list(sinks), [], [])[0]:
            data = source.recv(65_536)
            while isinstance(source, ssl.SSLSocket) and source.pending():
                data += source.recv(65_536)
            if not data:
                return
            sinks[source].sendall(data)
