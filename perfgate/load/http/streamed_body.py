"""The body of a streamed answer as requests and urllib3 read it: piece by piece, none of it kept."""

from __future__ import annotations

import math
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from typing import Any, Protocol

import requests
from urllib3 import HTTPResponse

from perfgate.load.http.server_events import MEDIA_TYPE, EventParser, ServerEvent
from perfgate.load.wire.failure import FailureKind, WireError
from perfgate.load.wire.interface import MAXIMUM_BODY, RawResponse, StreamedAnswer

_INFLATED = frozenset(("gzip", "x-gzip", "deflate"))
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_MAGIC = (0x1F, 0x78)
_PIECE = 65_536


class Watch(Protocol):
    """Who measures a streamed answer while the scenario reads it."""

    def next(self) -> bytes:
        """The next piece, b"" at the end. WireError."""

    def came(self, events: int) -> None:
        """So many events have come."""

    def fail(self, error: WireError) -> None:
        """What came makes no sense."""

    def close(self) -> None:
        """The scenario reads no more of it."""


class StreamedBody:
    """What is still to come of an answer, as a file.

    streamed: where it comes from. watch: who measures it; None for nobody. is_event_stream: what its head says.
    most: the bytes that may come of it, unpacked.
    """

    closed = False

    def __init__(self, streamed: StreamedAnswer) -> None:
        self.streamed = streamed
        self.watch: Watch | None = None
        self.is_event_stream = _header(streamed.answer, b"content-type").startswith(MEDIA_TYPE)
        self.most = math.inf
        self._parser = EventParser() if self.is_event_stream else None
        self._events: deque[ServerEvent] | None = None
        self._size = 0
        self._rest = b""

    def next(self) -> bytes:
        """The next piece, b"" at the end. WireError."""
        return self.streamed.next() if self.watch is None else self.watch.next()

    def look(self, data: bytes) -> None:
        """Look for events in what came, unpacked. WireError where it is too large."""
        self._size += len(data)
        if self._size > self.most:
            raise WireError(FailureKind.TOO_LARGE, f"the body is larger than {self.most:,} bytes")
        if self._parser is not None:
            found = self._parser.feed(data)
            if found and self.watch is not None:
                self.watch.came(len(found))
            if self._events is not None:
                self._events.extend(found)

    def fail(self, error: WireError) -> None:
        """End with what came so far where somebody counts the failure; raise it otherwise."""
        if self.watch is None:
            raise error
        self.watch.fail(error)

    def iter_events(self, pieces: Iterator[Any]) -> Iterator[ServerEvent]:
        """The events, each as soon as it has come. pieces: reads the body."""
        if self._parser is None:
            raise ValueError(f"this answer is no event stream: its Content-Type is not {MEDIA_TYPE}")
        self._events = deque()
        for _ in pieces:
            while self._events:
                yield self._events.popleft()

    # What urllib3 asks of a file.

    def read(self, size: int | None = None) -> bytes:
        """The next bytes, at most `size`; b"" at the end. Without a size all of them."""
        if size is None:
            return b"".join(iter(self.next, b""))
        data = self._rest or self.next()
        data, self._rest = data[:size], data[size:]
        return data

    def close(self) -> None:
        self.closed = True
        (self.streamed if self.watch is None else self.watch).close()


class StreamedRaw(HTTPResponse):
    """A response of urllib3 that hands out what has come, instead of waiting until a chunk is full."""

    def stream(self, amt: int | None = 2**16, decode_content: bool | None = None) -> Generator[bytes, None, None]:
        """See urllib3.HTTPResponse.stream."""
        body: Any = self._fp
        try:
            for piece in self._pieces(body, amt, decode_content):
                body.look(piece)
                size = amt or len(piece)
                yield from (piece[at : at + size] for at in range(0, len(piece), size))
        except WireError as error:
            body.fail(error)

    def _pieces(self, body: StreamedBody, amt: int | None, decode_content: bool | None) -> Iterator[bytes]:
        """What came, unpacked as far as it can be."""
        coding = self.headers.get("content-encoding", "").strip().lower() if decode_content else ""
        if coding in ("", "identity"):
            return iter(body.next, b"")
        if coding in _INFLATED:
            return _inflated(iter(body.next, b""))
        return super().stream(amt or _PIECE, decode_content)


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    """What was packed by gzip or deflate, as far as it can be told from what came."""
    inflater: Any = None
    for piece in packed:
        while piece:
            if inflater is None:
                inflater = zlib.decompressobj(_GZIP_OR_ZLIB if piece[0] in _MAGIC else -zlib.MAX_WBITS)
            try:
                data = inflater.decompress(piece, _PIECE)
            except zlib.error as error:
                raise WireError(FailureKind.PROTOCOL, f"the body cannot be unpacked: {error}") from None
            if data:
                yield data
            piece = inflater.unconsumed_tail or inflater.unused_data  # of another member of gzip
            inflater = None if inflater.eof else inflater
    if inflater is not None:
        yield inflater.flush()


class StreamedResponse(requests.Response):
    """A requests.Response whose body comes as it is read."""

    @property
    def content(self) -> bytes:
        """All of it, which must fit where whole answers do."""
        raw: Any = self.raw
        raw._fp.most = MAXIMUM_BODY
        return super().content

    def iter_events(self) -> Iterator[ServerEvent]:
        """The events of a stream, each as soon as it has come."""
        raw: Any = self.raw
        body: StreamedBody = raw._fp
        return body.iter_events(self.iter_content(None))


def _header(answer: RawResponse, name: bytes) -> str:
    found = next((value for known, value in answer.headers if known.lower() == name), b"")
    return found.decode("latin-1").strip().lower()
