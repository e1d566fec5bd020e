"""Waits until a service answers, and no longer than that may take."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from urllib.parse import SplitResult, unquote, unquote_to_bytes, urlsplit

from perfgate.errors import TargetError
from perfgate.service.settings import TCP
from perfgate.service.target import UNIX
from perfgate.units import format_seconds

# A first look at once, then ever less often; one look takes no longer than _LONGEST_LOOK.
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_LONGEST_LOOK = 5.0
_CONNECT_SECONDS = 1.0

# With this frame a service greets in HTTP/2 (RFC 9113, 3.4); three bytes of its length stand before.
_HTTP2_SETTINGS = "\x04\x00\x00\x00\x00\x00"

_HINT = "is the service running there, and is the URL right?"
_TCP_UNIX = f"{TCP}+unix"
# A proxy before a service that does not listen yet takes a connection and drops it at once.
_HOLDS_SECONDS = 0.2


def ready_url(url: str, ready: str | None) -> str:
    """What must answer before the service at `url` is ready. ready: as in the settings."""
    if ready is None:
        return url
    parts = urlsplit(url)
    if ready == TCP:
        if parts.scheme == UNIX:
            return f"{_TCP_UNIX}://{parts.netloc}"
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{TCP}://{host}:{_port(parts)}"
    return f"{parts.scheme}://{parts.netloc}{ready}"


def _runs() -> str:
    """Nobody can tell whether it has ended."""
    return ""


def wait_until_ready(url: str, shown: str, timeout: float, ended: Callable[[], str] = _runs) -> None:
    """Return as soon as `url` answers with a status below 500; a tcp:// URL, as soon as a connection to it is held.

    shown: the target as it may be shown. timeout: seconds for all attempts together. ended: how the service came to an
    end ("exit code 1"), "" as long as it runs. TargetError with the last answer or failure where time runs out, and at
    once where no attempt can succeed (the service has ended, a certificate is not trusted).
    """
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while True:
        try:
            status = _look(url, min(_LONGEST_LOOK, max(deadline - time.monotonic(), 0.05)))
        except ssl.SSLCertVerificationError as error:
            raise TargetError(
                f"{shown} has a certificate that is not trusted: {error.verify_message}",
                "name the certificates to trust in the environment variable SSL_CERT_FILE",
            ) from None
        except (OSError, http.client.HTTPException) as error:
            last = f"the last attempt failed: {_reason(error)}"
        else:
            if status < 500:
                return
            last = f"the last answer was {status}"
        left = deadline - time.monotonic()
        if how := ended():
            raise TargetError(f"{shown} ended before it was ready: {how}", "what it wrote may say why")
        if left <= 0:
            raise TargetError(f"{shown} was not ready within {format_seconds(timeout)}: {last}", _HINT)
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)


def accepts_connections(url: str) -> bool:
    """Whether somebody listens there, as of now."""
    parts = urlsplit(url)
    try:
        _open(parts, _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def _look(url: str, timeout: float) -> int:
    parts = urlsplit(url)
    if parts.scheme in (TCP, _TCP_UNIX):
        return _hold(parts, timeout)
    headers = {"Accept": "*/*", "Connection": "close", "User-Agent": "perfgate"}
    if parts.username is not None:
        user_info = unquote_to_bytes(f"{parts.username}:{parts.password or ''}")
        headers["Authorization"] = f"Basic {base64.b64encode(user_info).decode()}"
    with closing(_connection(parts, timeout)) as connection:
        connection.request("GET", parts.path or "/", headers=headers)
        try:
            return connection.getresponse().status
        except http.client.BadStatusLine as error:
            if str(error.args[0]).startswith(_HTTP2_SETTINGS, 3):
                return 200  # it speaks HTTP/2 alone, and has said so: more cannot be asked in HTTP/1.1
            raise


def _hold(parts: SplitResult, timeout: float) -> int:
    with _open(parts, timeout) as connection:
        connection.settimeout(_HOLDS_SECONDS)
        try:
            if not connection.recv(1):
                raise ConnectionResetError("the connection was closed at once")
        except TimeoutError:
            pass  # it waits for us to speak first
    return http.HTTPStatus.OK


def _connection(parts: SplitResult, timeout: float) -> http.client.HTTPConnection:
    if parts.scheme == UNIX:
        connection = http.client.HTTPConnection("localhost", timeout=timeout)
        connection.sock = _open_unix(parts, timeout)
        return connection
    connects = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return connects(parts.hostname or "", _port(parts), timeout=timeout)


def _open(parts: SplitResult, timeout: float) -> socket.socket:
    if parts.scheme in (UNIX, _TCP_UNIX):
        return _open_unix(parts, timeout)
    return socket.create_connection((parts.hostname, _port(parts)), timeout)


def _open_unix(parts: SplitResult, timeout: float) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(timeout)
        sock.connect(unquote(parts.netloc.rpartition("@")[2]))
    except OSError:
        sock.close()
        raise
    return sock


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.BadStatusLine):
        return "the answer was not HTTP"
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
