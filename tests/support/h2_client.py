"""A client of HTTP/2 by the h2 library, slow and thorough: what ours is compared with, and the bytes to compare on."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from http.client import responses as reasons
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import H2Error, NoAvailableStreamIDError, TooManyStreamsError
from h2.settings import SettingCodes, Settings

from perfgate.load.wire.failure import FailureKind, Unprocessed, WireError
from perfgate.load.wire.interface import Limits, RawResponse, Request, Route
from perfgate.load.wire.stream import ByteStream

# Wide enough that flow control is never what a latency is made of; Go's client has the same for a stream.
_STREAM_WINDOW = 4 * 2**20
_CONNECTION_WINDOW = 2**30
_MAXIMUM_HEAD = 65_536
_LARGEST_FRAME = 2**14  # RFC 9113, 4.2; we ask for no more
_FRAME_HEAD = 9
_GOAWAY = 0x7
_STATUS = re.compile(rb"[1-9]\d\d")

# Headers of a connection, not of a request (RFC 9113, 8.2.2), and Host, which has become :authority.
_LEFT_OUT = frozenset(("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"))

# Codes by which a service says that it, or we, broke the protocol; all others only end a request.
_BROKEN = frozenset(
    (
        ErrorCodes.PROTOCOL_ERROR,
        ErrorCodes.FLOW_CONTROL_ERROR,
        ErrorCodes.SETTINGS_TIMEOUT,
        ErrorCodes.STREAM_CLOSED,
        ErrorCodes.FRAME_SIZE_ERROR,
        ErrorCodes.COMPRESSION_ERROR,
        ErrorCodes.HTTP_1_1_REQUIRED,
    )
)


class H2Client:
    """One connection and the answer that is being read from it, behind the same methods as ours."""

    def __init__(self, stream: ByteStream, route: Route) -> None:
        self.reusable = True
        self.heard = False
        self._stream = stream
        self._authority = route.authority
        self._scheme = "https" if route.scheme == "https" else "http"
        self._buffer = b""
        self._sent = 0
        self._h2 = H2Connection(
            H2Configuration(
                client_side=True,
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self._h2.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: _STREAM_WINDOW,
                SettingCodes.MAX_HEADER_LIST_SIZE: _MAXIMUM_HEAD,
            },
        )
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_CONNECTION_WINDOW)
        self._begin(0)

    def _begin(self, stream_id: int) -> None:
        self._stream_id = stream_id
        self._headers: list[tuple[bytes, bytes]] = []
        self._status = 0
        self._body: list[bytes] = []
        self._body_size = 0
        self._complete = False
        self.heard = False

    def exchange(self, request: Request, limits: Limits) -> RawResponse:
        """One request and its answer. Raises what the network or TLS raise, and WireError."""
        stream = self._stream
        stream.deadline = time.monotonic() + limits.answer
        sent_before, received_bytes = self._sent, 0
        sent_ns = time.time_ns()
        try:
            self._begin(self._h2.get_next_available_stream_id())
            self._h2.send_headers(self._stream_id, self._head(request), end_stream=request.body == b"")
        except (NoAvailableStreamIDError, TooManyStreamsError) as error:
            raise Unprocessed(FailureKind.PROTOCOL, str(error)) from None
        if request.body == b"":
            self._flush()
        else:
            received_bytes += self._send_body(request.body, limits)
        while not self._complete:
            received_bytes += self._receive(limits)
        noticed_ns = time.time_ns()
        stamped = sent_ns <= stream.received_ns <= noticed_ns
        received_ns = stream.received_ns if stamped else noticed_ns
        return RawResponse(
            self._status,
            reasons.get(self._status, "").encode(),
            self._headers,
            b"".join(self._body),
            sent_ns,
            received_ns,
            noticed_ns,
            stamped,
            self._sent - sent_before,
            received_bytes,
        )

    def _head(self, request: Request) -> list[tuple[bytes, bytes]]:
        """The request's headers as HTTP/2 has them: in small letters, without those of a connection."""
        fields = [line.split(":", 1) for line in request.fields.split("\r\n") if line]
        pairs = [(name.lower(), value.strip()) for name, value in fields]
        authority = next((value for name, value in pairs if name == "host"), self._authority)
        pseudo = [
            (":method", request.method),
            (":scheme", self._scheme),
            (":authority", authority),
            (":path", request.target),
        ]
        kept = [pair for pair in pairs if pair[0] not in _LEFT_OUT]
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (*pseudo, *kept)]

    def _send_body(self, body: bytes | Iterable[bytes], limits: Limits) -> int:
        """Send a body as flow control lets it go, and hear meanwhile what the service says; the bytes that it said."""
        received, ended = 0, False
        if not isinstance(body, bytes):
            self._flush()  # its first piece may be long in coming
        for piece in (body,) if isinstance(body, bytes) else body:
            at = 0
            while at < len(piece) and not self._complete:
                room = self._h2.local_flow_control_window(self._stream_id)
                if room <= 0:
                    self._flush()
                    received += self._receive(limits)
                    continue
                part = piece[at : at + min(room, self._h2.max_outbound_frame_size)]
                at += len(part)
                ended = piece is body and at == len(piece)
                self._h2.send_data(self._stream_id, part, end_stream=ended)
                self._flush()
        if self._complete:
            self.reusable = False  # it answered before it had heard all
        elif not ended:
            self._h2.end_stream(self._stream_id)
            self._flush()
        return received

    def _receive(self, limits: Limits) -> int:
        """Wait for bytes and take them; how many they were."""
        data = self._stream.receive()
        if not data:
            message = "the service closed the connection in the middle of an exchange"
            raise WireError(FailureKind.RESET, message) if self.heard else ConnectionResetError(message)
        self._take(data)
        if self._body_size > limits.body:
            raise WireError(FailureKind.TOO_LARGE, f"the body is larger than {limits.body:,} bytes")
        return len(data)

    def _take(self, data: bytes) -> None:
        """Work through the frames that are whole by now, and send what they ask for."""
        try:
            for frame in self._frames(data):
                if frame[3] == _GOAWAY:
                    self._go_away(frame)
                else:
                    for event in self._h2.receive_data(frame):
                        self._note(event)
            self._flush()
        except (H2Error, WireError) as error:
            self.reusable = False
            if not self._complete:
                raise error if isinstance(error, WireError) else _broken(str(error)) from None

    def _frames(self, data: bytes) -> Iterator[bytes]:
        """One frame after the other: h2 gives up at GOAWAY, though the service goes on with what it has begun."""
        data = self._buffer + data
        at = 0
        while len(data) - at >= _FRAME_HEAD:
            size = _FRAME_HEAD + int.from_bytes(data[at : at + 3], "big")
            if size > _FRAME_HEAD + _LARGEST_FRAME:
                raise _broken("the service sent a frame that is too large, or no HTTP/2 at all")
            if at + size > len(data):
                break
            yield data[at : at + size]
            at += size
        self._buffer = data[at:]

    def _go_away(self, frame: bytes) -> None:
        """RFC 9113, 6.8: requests up to a number are still answered, those beyond were not begun."""
        self.reusable = False
        if len(frame) < _FRAME_HEAD + 8:
            raise _broken("the service sent a GOAWAY that says nothing")
        last = int.from_bytes(frame[9:13], "big") & 0x7FFF_FFFF
        code = int.from_bytes(frame[13:17], "big")
        if self._stream_id > last:
            raise Unprocessed(_kind_of(code), f"the service takes no more requests on this connection (code {code})")
        if code != ErrorCodes.NO_ERROR:
            raise WireError(_kind_of(code), f"the service ended the connection (code {code})")

    def _note(self, event: Event) -> None:
        """Take over what h2 makes of a frame. Interim answers and trailers are left out."""
        if isinstance(event, (ResponseReceived, DataReceived, StreamEnded, StreamReset)):
            self.heard = True
        if isinstance(event, ResponseReceived):
            self._read_head(event.headers or [])
        elif isinstance(event, InformationalResponseReceived):
            if (b":status", b"101") in (event.headers or []):
                raise _broken("the service wants to leave HTTP/2, which has no way to do so")
        elif isinstance(event, DataReceived):
            self._body.append(event.data or b"")
            self._body_size += len(event.data or b"")
            self._h2.acknowledge_received_data(event.flow_controlled_length or 0, self._stream_id)
        elif isinstance(event, StreamEnded):
            self._complete = True
        elif isinstance(event, StreamReset) and not self._complete:
            code = int(event.error_code or 0)
            family = Unprocessed if code == ErrorCodes.REFUSED_STREAM else WireError
            raise family(_kind_of(code), f"the service ended the request (code {code})")

    def _read_head(self, headers: Iterable[Any]) -> None:
        status = next(value for name, value in headers if name == b":status")
        if not _STATUS.fullmatch(status):
            raise _broken(f"there is no status {status!r}")
        self._status = int(status)
        self._headers = [(name, value) for name, value in headers if not name.startswith(b":")]

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data:
            self._sent += len(data)
            self._stream.send(data)


def _kind_of(code: int) -> FailureKind:
    return FailureKind.PROTOCOL if code in _BROKEN else FailureKind.RESET


def _broken(message: str) -> WireError:
    return WireError(FailureKind.PROTOCOL, message)


class Recorded(ByteStream):
    """A stream that says what it was given, piece by piece, and hears everything."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.deadline = 0.0
        self.written: list[bytes] = []
        self._pieces = list(pieces)

    @property
    def received_ns(self) -> int:
        return 0

    def send(self, data: bytes) -> None:
        self.written.append(data)

    def receive(self, limit: int = 0) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def receive_now(self) -> bytes | None:
        return None

    def readable(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""


def heard(new_connection: Any, pieces: Iterable[bytes], method: str = "GET") -> list[Any]:
    """What a client makes of the same bytes: (status, headers, body) of each answer to up to three requests.

    The last may be the kind of failure instead, or None where a connection ended that may be tried again.
    """
    connection = new_connection(Recorded(pieces), Route("http", "localhost", 80))
    answers: list[Any] = []
    for _ in range(3):
        try:
            given = connection.exchange(Request(method, "/", "Host: localhost\r\n", b""), Limits(5.0, 5.0, 1_000_000))
        except (WireError, ConnectionError) as error:
            return [*answers, error.kind if isinstance(error, WireError) else None]
        answers.append((given.status, [tuple(field) for field in given.headers], given.body))
        if not connection.reusable:
            break
    return answers


def no_answer_differs(ours: list[Any], theirs: list[Any]) -> bool:
    """Whether two clients heard the same answers, as far as both heard any."""
    return all(
        one == other
        for one, other in zip(ours, theirs, strict=False)
        if isinstance(one, tuple) and isinstance(other, tuple)
    )
