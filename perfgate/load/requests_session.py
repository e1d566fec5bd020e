"""A real `requests.Session`, for scenarios with `transport="requests"`: its plug-ins and adapters, at its speed.

Its latencies are taken by this process's clock from call to return, since nothing else can be seen from outside.
"""

from __future__ import annotations

import time
from typing import Any

import requests

from perfgate.load.failure import FailureKind, WireError
from perfgate.load.response import Response
from perfgate.load.session import USER_AGENT, Exchanged
from perfgate.load.wire import Answer

# The innermost meaning of requests' errors, the most precise first.
_KINDS: tuple[tuple[type[requests.RequestException], FailureKind], ...] = (
    (requests.exceptions.SSLError, FailureKind.TLS),
    (requests.exceptions.Timeout, FailureKind.TIMEOUT),
    (requests.exceptions.ChunkedEncodingError, FailureKind.RESET),
    (requests.exceptions.ConnectionError, FailureKind.CONNECT),
)


class RequestsSession:
    """The same `send` and `close` as `perfgate.load.session.Session`, over requests' own transport."""

    def __init__(self, base_url: str, timeout: float, keep_alive: bool) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._keep_alive = keep_alive
        self.manners = requests.Session()
        self.manners.headers["User-Agent"] = USER_AGENT

    def send(self, method: str, url: str, options: dict[str, Any]) -> tuple[Response, Exchanged]:
        """Send one request. Raises WireError."""
        whole = url if "://" in url else self._base_url + ("" if url.startswith(("/", "?")) else "/") + url
        options["timeout"] = options.get("timeout") or self._timeout
        sent_ns = time.time_ns()
        try:
            real = self.manners.request(method, whole, **options)
        except requests.RequestException as error:
            raise WireError(_kind_of(error), str(error)) from None
        received_ns = time.time_ns()
        if not self._keep_alive:
            self.close()
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in real.headers.items()]
        size = len(real.content) + sum(len(name) + len(value) + 4 for name, value in headers)
        answer = Answer(real.status_code, headers, real.content, sent_ns, received_ns, received_ns, False, size)
        sent_bytes = len(real.request.body or b"") + sum(len(k) + len(v) + 4 for k, v in real.request.headers.items())
        return Response.of(real, answer), Exchanged(answer, answer, sent_bytes, size)

    def close(self) -> None:
        """Close the connections; cookies and adapters stay."""
        for adapter in self.manners.adapters.values():
            adapter.close()


def _kind_of(error: requests.RequestException) -> FailureKind:
    if "NameResolutionError" in repr(error):
        return FailureKind.DNS
    return next((kind for family, kind in _KINDS if isinstance(error, family)), FailureKind.PROTOCOL)
