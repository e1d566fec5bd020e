"""The interface of the wire: the values that cross this border, and the protocol behind which transports stand.

Only what belongs to one exchange passes here: redirects, cookies and encodings are the session's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

MAXIMUM_BODY = 64 * 2**20
UNIX = "http+unix"
DEFAULT_PORTS = {"http": 80, "https": 443}
IDEMPOTENT = frozenset(("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"))


class Proxy(NamedTuple):
    """An HTTP proxy. scheme: "http" or "https". authorization: the value of Proxy-Authorization, "" for none."""

    scheme: str
    host: str
    port: int
    authorization: str


class Route(NamedTuple):
    """Where a connection goes to, whom it trusts there, and through which proxy.

    scheme: "http", "https", or "http+unix" with the path of the socket as host and 0 as port. An IPv6 host stands
    without its brackets. verify: True for the usual authorities, False for none, or the path of a CA bundle. cert: the
    path of a client certificate with its key, or the paths of both.
    """

    scheme: str
    host: str
    port: int
    verify: bool | str = True
    cert: str | tuple[str, str] | None = None
    proxy: Proxy | None = None

    @property
    def authority(self) -> str:
        """What the header Host says: a default port is left out, a unix socket has no name of its own."""
        if self.scheme == UNIX:
            return "localhost"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


class Request(NamedTuple):
    """One request. target: path and query. fields: all headers as HTTP/1.1 writes them, each with its line end.

    body: whole, or piece by piece: in chunks where no Content-Length says how much will come.
    """

    method: str
    target: str
    fields: str
    body: bytes | Iterable[bytes]


class Limits(NamedTuple):
    """Seconds to connect, seconds to the end of the answer, and the largest body that is taken, in bytes.

    Looking the name up, a proxy's consent and the TLS handshake are parts of connecting.
    """

    connect: float
    answer: float
    body: int


class Phases(NamedTuple):
    """Where the time of one exchange went besides waiting for the answer, in ns.

    blocked: before it was sent, until there was a connection: looking the name up, connecting, TLS, a proxy's consent.
    connecting, tls: of that. sending: from its first byte to the moment at which the kernel had its last; 0 of what the
    kernel takes at once. receiving: from the first byte of the answer to its last.
    """

    blocked_ns: int
    connecting_ns: int
    tls_ns: int
    sending_ns: int
    receiving_ns: int


UNOPENED = Phases(0, 0, 0, 0, 0)
"""Of an exchange on a connection that was there."""


class Headers(list[tuple[bytes, bytes]]):
    """Headers as they came. Answers with the same head may share them, so nobody changes them.

    notable: room for what a session found out about them.
    """

    __slots__ = ("notable",)

    def __init__(self) -> None:
        self.notable: Any = None


@dataclass(slots=True)
class RawResponse:
    """One whole answer.

    sent_ns: when the request was sent (Unix ns).
    received_ns: when the whole answer had come (Unix ns).
    noticed_ns: when this process had it in hand (Unix ns).
    stamped: received_ns is of the kernel's clock; else of this process's own.
    sent_bytes, received_bytes: of the whole exchange, headers included, without what TLS adds.
    phases: None of one that was nothing but waiting.
    """

    status: int
    reason: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes
    sent_ns: int
    received_ns: int
    noticed_ns: int
    stamped: bool
    sent_bytes: int
    received_bytes: int
    phases: Phases | None = None


class StreamedAnswer(Protocol):
    """One answer of which the body comes in pieces, as large as it may be: none of it is kept.

    answer: its head, with an empty body; its end, its bytes and its phases grow with each piece.
    is_open: whether there may be more.
    """

    answer: RawResponse
    is_open: bool

    def next(self, seconds: float | None = None) -> bytes:
        """The next piece, b"" at the end. seconds: to wait for it, where less than the request's own. WireError."""

    def close(self) -> None:
        """Read no more of it."""


class Wire(Protocol):
    """What carries requests. Ours is HttpWire; tests and other transports stand in for it."""

    def exchange(self, route: Route, request: Request, limits: Limits) -> RawResponse:
        """Send `request` and return its answer. WireError where there is none."""

    def stream(self, route: Route, request: Request, limits: Limits) -> StreamedAnswer:
        """Send `request` and return its answer once its head is there. The time for an answer is that for a piece."""

    def close(self) -> None:
        """Close every connection; the next exchange opens anew."""
