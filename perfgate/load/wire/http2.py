"""HTTP/2 (RFC 9113) on one connection: one request at a time, as one VU sends them.

With TLS both sides agree on it by ALPN; without, the service must know it beforehand (h2c with prior knowledge).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from http.client import responses as reasons

from perfgate.load.wire import http2_frames as frames
from perfgate.load.wire.failure import FailureKind, Unprocessed, WireError
from perfgate.load.wire.http2_answers import Answers
from perfgate.load.wire.http2_frames import END_STREAM, frame
from perfgate.load.wire.http2_headers import request_block
from perfgate.load.wire.interface import Limits, Phases, RawResponse, Request, Route
from perfgate.load.wire.stream import ByteStream
from perfgate.load.wire.streamed import tell_times
from perfgate.load.wire.tls import TlsStream

_REASONS = {int(status): reason.encode() for status, reason in reasons.items()}

# For what is handed out as it comes.
_ENDLESS = Limits(0.0, 0.0, sys.maxsize)


class Http2Connection:
    """One connection and the answer that is being read from it. reusable, heard: see Http1Connection."""

    PROTOCOL = "h2"

    def __init__(self, stream: ByteStream, route: Route) -> None:
        self.reusable = True
        self._stream = stream
        self._authority = route.authority
        self._scheme = "https" if route.scheme == "https" else "http"
        self._agreed = route.scheme != "https" or (isinstance(stream, TlsStream) and stream.protocol() == "h2")
        self._answers = Answers()
        self._sent_bytes = 0
        self._cut = False  # nothing can be sent any more; what the service said before can still be heard

    @property
    def heard(self) -> bool:
        return self._answers.heard

    def idle(self) -> bool:
        """Whether another request may follow; what has come meanwhile (settings, pings, an end) is dealt with."""
        try:
            while (data := self._stream.receive_now()) is not None:
                if not data:
                    return False
                self._take(data)
        except (OSError, WireError):
            return False
        return self.reusable

    def exchange(self, request: Request, limits: Limits) -> RawResponse:
        """One request and its answer. Raises what the network or TLS raise, and WireError."""
        self._refuse_where_over()
        answers, stream = self._answers, self._stream
        stream.deadline = time.monotonic() + limits.answer
        sent_before, received_bytes = self._sent_bytes, 0
        written, unwritten = self._request_frames(answers.begin(request.method), request)
        sent_ns = time.time_ns()
        self._send(written)
        sending_ns = first_ns = 0
        if unwritten:
            received_bytes += self._send_body(request.body, limits)
            sending_ns = max(0, time.time_ns() - sent_ns)
        while not answers.complete:
            received_bytes += self._receive(limits)
            if answers.heard and not first_ns:
                first_ns = 0 if answers.complete else stream.received_ns or time.time_ns()
        noticed_ns = time.time_ns()
        received_ns = stream.received_ns
        stamped = sent_ns <= received_ns <= noticed_ns
        if not stamped:
            received_ns = noticed_ns
        receiving_ns = max(0, received_ns - first_ns) if first_ns else 0
        status, pieces = answers.status, answers.body
        return RawResponse(
            status,
            _REASONS.get(status, b""),
            answers.fields,
            pieces[0] if len(pieces) == 1 else b"".join(pieces),
            sent_ns,
            received_ns,
            noticed_ns,
            stamped,
            self._sent_bytes - sent_before,
            received_bytes,
            Phases(0, 0, 0, sending_ns, receiving_ns) if sending_ns or receiving_ns else None,
        )

    def begin(self, request: Request, limits: Limits) -> tuple[RawResponse, int]:
        """See StreamingConnection."""
        self._refuse_where_over()
        answers, stream, sent_before = self._answers, self._stream, self._sent_bytes
        stream.deadline = time.monotonic() + limits.answer
        written, unwritten = self._request_frames(answers.begin(request.method), request)
        sent_ns = time.time_ns()
        self._send(written)
        received_bytes = self._send_body(request.body, limits) if unwritten else 0
        sending_ns = max(0, time.time_ns() - sent_ns) if unwritten else 0
        first_ns = 0
        while not (answers.complete or answers.status >= 200):
            received_bytes += self._receive(_ENDLESS)
            if answers.heard:
                first_ns = first_ns or stream.received_ns or time.time_ns()
        status, sent_bytes = answers.status, self._sent_bytes - sent_before
        phases = Phases(0, 0, 0, sending_ns, 0) if sending_ns else None
        answer = RawResponse(
            status, _REASONS.get(status, b""), answers.fields, b"", sent_ns, 0, 0, False, sent_bytes, 0, phases
        )
        tell_times(answer, stream.received_ns, received_bytes)
        return answer, min(first_ns or answer.received_ns, answer.received_ns)

    def more(self, answer: RawResponse, seconds: float) -> bytes:
        """See StreamingConnection."""
        answers, stream = self._answers, self._stream
        stream.deadline = time.monotonic() + seconds
        while not (answers.body or answers.complete):
            received = self._receive(_ENDLESS)
            tell_times(answer, stream.received_ns, answer.received_bytes + received)
        piece = b"".join(answers.body)
        answers.body.clear()
        return piece

    def _refuse_where_over(self) -> None:
        """WireError where the service speaks no HTTP/2, or takes no more requests on this connection."""
        if not self._agreed:
            raise WireError(FailureKind.PROTOCOL, "the service did not agree to HTTP/2")
        if not self._answers.open or self._answers.stream_id > frames.LARGEST_STREAM - 2:
            raise Unprocessed(FailureKind.PROTOCOL, "the service takes no more requests on this connection")

    def _request_frames(self, stream_id: int, request: Request) -> tuple[bytes, bool]:
        """The request as far as it can go at once, and whether its body remains.

        A small body goes with its headers and its end: else a service that answers at once would have answered half a
        request.
        """
        method, target, fields, body = request
        answers = self._answers
        largest = answers.largest
        block = request_block(method, target, fields, self._scheme, self._authority)
        if answers.table_update:
            block, answers.table_update = answers.table_update + block, b""
        if isinstance(body, bytes) and len(block) <= largest:
            size = len(body)
            if size <= largest and size <= answers.room and size <= answers.stream_room:
                answers.room -= size
                return frames.request_frames(stream_id, block, body), False
        return frames.header_frames(stream_id, block, 0 if body else END_STREAM, largest), bool(body)

    def _send_body(self, body: bytes | Iterable[bytes], limits: Limits) -> int:
        """Send a body as flow control lets it go, and hear meanwhile what the service says; the bytes that it said."""
        answers, received, ended = self._answers, 0, False
        for piece in (body,) if isinstance(body, bytes) else body:
            at = 0
            while at < len(piece) and not (self._answers.complete or self._cut):
                room = min(answers.room, answers.stream_room, answers.largest)
                if room <= 0:
                    received += self._receive(limits)
                    continue
                part = piece[at : at + room]
                at += len(part)
                ended = piece is body and at == len(piece)
                answers.room -= len(part)
                answers.stream_room -= len(part)
                self._send(frame(frames.DATA, END_STREAM if ended else 0, answers.stream_id, part))
                received += 0 if ended else self._receive_what_is_there()
        if self._answers.complete:
            self.reusable = False  # it answered before it had heard all
        elif not ended:
            self._send(frame(frames.DATA, END_STREAM, answers.stream_id, b""))
        return received

    def _send(self, data: bytes) -> None:
        """Send frames, after what is still to be said. A service that hears no more may have answered all the same."""
        answers = self._answers
        if answers.unsaid:
            data, answers.unsaid = answers.unsaid + data, b""
        if self._cut:
            return
        self._sent_bytes += len(data)
        try:
            self._stream.send(data)
        except ConnectionError:
            self._cut = True
            self.reusable = False

    def _receive(self, limits: Limits) -> int:
        """Wait for bytes and take them; how many they were."""
        data = self._stream.receive()
        if not data:
            message = "the service closed the connection in the middle of an exchange"
            raise WireError(FailureKind.RESET, message) if self.heard else ConnectionResetError(message)
        self._take(data)
        if self._answers.body_size > limits.body:
            raise WireError(FailureKind.TOO_LARGE, f"the body is larger than {limits.body:,} bytes")
        return len(data)

    def _receive_what_is_there(self) -> int:
        data = self._stream.receive_now()
        if data:
            self._take(data)
        return len(data or b"")

    def _take(self, data: bytes) -> None:
        """Work through the frames that are whole by now, and send what they ask for."""
        answers = self._answers
        try:
            answers.take(data)
        except WireError:
            self.reusable = False
            if not answers.complete:
                raise
        if not answers.open:
            self.reusable = False
        if answers.unsaid:
            self._send(b"")

    def close(self) -> None:
        self._stream.close()
