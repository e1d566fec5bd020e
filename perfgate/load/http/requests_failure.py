"""What requests raises: a mistake of the scenario, or a way in which a request failed."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from http.client import IncompleteRead

import requests
from requests import exceptions as known
from urllib3 import exceptions as beneath

from perfgate.load.wire.failure import FailureKind, WireError


class UnpackedTooLarge(known.ContentDecodingError):
    """A body that is small as it comes and huge once it is unpacked."""


# The first that is found in an error or its causes decides. urllib3's own words come before those of requests, which
# says ConnectionError of most of them.
_KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], FailureKind], ...] = (
    (UnpackedTooLarge, FailureKind.TOO_LARGE),
    ((socket.gaierror, beneath.NameResolutionError), FailureKind.DNS),
    ((ssl.SSLError, beneath.SSLError, known.SSLError), FailureKind.TLS),
    (beneath.NewConnectionError, FailureKind.CONNECT),
    ((beneath.TimeoutError, known.Timeout, TimeoutError), FailureKind.TIMEOUT),
    ((beneath.ProxyError, known.ProxyError), FailureKind.CONNECT),
    ((known.ChunkedEncodingError, IncompleteRead, ConnectionError), FailureKind.RESET),
    (beneath.ProtocolError, FailureKind.PROTOCOL),
    (known.ConnectionError, FailureKind.CONNECT),
)

# What requests says of a request before it sends anything.
_MISTAKES = (
    known.InvalidHeader,
    known.InvalidJSONError,
    known.InvalidSchema,
    known.InvalidURL,
    known.MissingSchema,
)


def is_mistake(error: requests.RequestException) -> bool:
    """Whether it says that the request itself makes no sense."""
    return isinstance(error, _MISTAKES)


def failure_of(error: requests.RequestException) -> WireError:
    """The failure that a requests' error tells of."""
    causes = list(_causes(error))
    if any(isinstance(cause, beneath.InvalidChunkLength) and cause.length for cause in causes):
        return WireError(FailureKind.PROTOCOL, str(error))
    for family, kind in _KINDS:
        if any(isinstance(cause, family) for cause in causes):
            return WireError(kind, str(error))
    return WireError(FailureKind.PROTOCOL, str(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it was made of: urllib3 keeps causes as arguments and as `reason`."""
    seen: list[BaseException] = []
    ahead: list[object] = [error]
    while ahead:
        cause = ahead.pop()
        if isinstance(cause, BaseException) and not any(cause is other for other in seen):
            seen.append(cause)
            ahead += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
    return iter(seen)
