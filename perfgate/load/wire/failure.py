"""The few ways in which a request can end without an answer."""

from __future__ import annotations

import errno
import socket
import ssl
from enum import Enum


class FailureKind(str, Enum):
    """Why there was no answer; what reports group failed requests by."""

    CONNECT = "connect"
    DNS = "dns"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"
    TOO_LARGE = "too-large"


class WireError(Exception):
    """A request that got no whole answer."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.kind = kind
        self.detail = detail


class Unprocessed(WireError):
    """A request that the service said it had not begun to work on: it may be sent again, whatever its method."""


class DeadlineExceeded(Exception):
    """Thrown into a greenlet that waits for the network past its deadline."""


_RESETS = {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENOTCONN, errno.ESHUTDOWN}


def classify(error: Exception, connecting: bool) -> WireError:
    """Any exception of the network as a WireError; what belongs to no other kind while connecting is `connect`."""
    detail = str(error) or type(error).__name__
    if isinstance(error, WireError):
        return error
    if isinstance(error, (DeadlineExceeded, TimeoutError)) or getattr(error, "errno", None) == errno.ETIMEDOUT:
        return WireError(FailureKind.TIMEOUT, "no connection in time" if connecting else "no whole answer in time")
    if isinstance(error, (ssl.SSLError, ssl.CertificateError)):
        return WireError(FailureKind.TLS, detail)
    if isinstance(error, socket.gaierror):
        return WireError(FailureKind.DNS, detail)
    if connecting:
        return WireError(FailureKind.CONNECT, detail)
    if isinstance(error, ConnectionError) or getattr(error, "errno", None) in _RESETS:
        return WireError(FailureKind.RESET, detail)
    return WireError(FailureKind.PROTOCOL, detail)
