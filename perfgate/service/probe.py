"""One request, or one connection, to a service: to see whether it is ready or alive, and to reset it."""

from __future__ import annotations

import base64
import http.client
import socket
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import SplitResult, unquote, unquote_to_bytes, urlsplit

from perfgate.service.settings import TCP
from perfgate.service.target import UNIX
from perfgate.service.trust import trusting

TCP_UNIX = f"{TCP}+unix"
FAILURES = (OSError, http.client.HTTPException)
"""The errors of `ask` where no answer came."""

_CONNECT_SECONDS = 1.0
# A proxy before a service that does not listen yet takes a connection and drops it at once.
_HOLDS_SECONDS = 0.2
# With this frame a service greets in HTTP/2 (RFC 9113, 3.4); three bytes of its length stand before.
_HTTP2_SETTINGS = "\x04\x00\x00\x00\x00\x00"


def ask(url: str, timeout: float, method: str = "GET", verify: bool | Path = True) -> int:
    """The status that `url` answers; of a tcp:// URL 200 where a connection is held. Otherwise one of FAILURES.

    verify: whether its certificate is verified, or the file of the authorities to trust.
    """
    parts = urlsplit(url)
    if parts.scheme in (TCP, TCP_UNIX):
        return _hold(parts, timeout)
    with closing(_connection(parts, timeout, verify)) as connection:
        connection.request(method, _path(parts), headers={"Accept": "*/*", **_headers(parts)})
        try:
            return connection.getresponse().status
        except http.client.BadStatusLine as error:
            if str(error.args[0]).startswith(_HTTP2_SETTINGS, 3):
                return 200  # it speaks HTTP/2 alone, and has said so: more cannot be asked in HTTP/1.1
            raise


def fetch(url: str, timeout: float, headers: Mapping[str, str], verify: bool | Path, most: int) -> tuple[int, bytes]:
    """The status and the body that `url` answers; otherwise one of FAILURES, or ValueError where it cannot be asked.

    headers: besides our own. most: bytes of the body; where there are more, one more is returned.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", UNIX):
        raise ValueError(url)
    with closing(_connection(parts, timeout, verify)) as connection:
        connection.request("GET", _path(parts), headers={"Accept": "text/plain", **_headers(parts), **headers})
        answer = connection.getresponse()
        return answer.status, answer.read(most + 1)


def accepts_connections(url: str) -> bool:
    """Whether a connection can be made, as of now."""
    try:
        _open(urlsplit(url), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port that nobody listens on, chosen by the system."""
    with closing(socket.create_server(("", 0))) as listener:
        return int(listener.getsockname()[1])


def describe_failure(error: Exception) -> str:
    """One of FAILURES in words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.BadStatusLine):
        return "the answer was not HTTP"
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__


def port_of(parts: SplitResult) -> int:
    """The port that a URL says or means."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def _headers(parts: SplitResult) -> dict[str, str]:
    headers = {"Connection": "close", "User-Agent": "perfgate"}
    if parts.username is not None:
        user_info = unquote_to_bytes(f"{parts.username}:{parts.password or ''}")
        headers["Authorization"] = f"Basic {base64.b64encode(user_info).decode()}"
    return headers


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _hold(parts: SplitResult, timeout: float) -> int:
    with _open(parts, timeout) as connection:
        connection.settimeout(_HOLDS_SECONDS)
        try:
            if not connection.recv(1):
                raise ConnectionResetError("the connection was closed at once")
        except TimeoutError:
            pass  # it waits for us to speak first
    return http.HTTPStatus.OK


def _connection(parts: SplitResult, timeout: float, verify: bool | Path) -> http.client.HTTPConnection:
    if parts.scheme == UNIX:
        connection = http.client.HTTPConnection("localhost", timeout=timeout)
        connection.sock = _open_unix(parts, timeout)
        return connection
    host, port = parts.hostname or "", port_of(parts)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=trusting(verify))
    return http.client.HTTPConnection(host, port, timeout=timeout)


def _open(parts: SplitResult, timeout: float) -> socket.socket:
    if parts.scheme in (UNIX, TCP_UNIX):
        return _open_unix(parts, timeout)
    return socket.create_connection((parts.hostname, port_of(parts)), timeout)


def _open_unix(parts: SplitResult, timeout: float) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(timeout)
        sock.connect(unquote(parts.netloc.rpartition("@")[2]))
    except OSError:
        sock.close()
        raise
    return sock
