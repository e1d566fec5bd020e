"""HTTP/1.1 (RFC 9112) on one connection: one request out, one answer back, with the times of both."""

from __future__ import annotations

import time

from perfgate.load.wire.answer_parser import AnswerParser
from perfgate.load.wire.failure import FailureKind, WireError
from perfgate.load.wire.interface import Limits, Phases, RawResponse, Request, Route
from perfgate.load.wire.seen_heads import SeenHead, SeenHeads
from perfgate.load.wire.stream import ByteStream
from perfgate.load.wire.streamed import tell_times

# What may stand around a body: headers, trailers, and the frames of chunks, which take 5 bytes for each that they hold
# where a service sends them one by one.
_MAXIMUM_HEAD = 2**20
_FRAME_FACTOR = 16
# What a socket takes without waiting for the peer, by Linux's least send buffer for TCP.
_AT_ONCE = 16_384
# How often a connection must have been found idle, and how soon after its last answer it then counts as idle unasked.
_IDLES_TO_TRUST = 8
_RIGHT_AFTER_NS = 500_000

# Those of all connections of this process.
_SEEN = SeenHeads()


class Http1Connection(AnswerParser):
    """One connection and the answer that is being read from it.

    reusable: another request may follow. heard: bytes of an answer to the last request have come.
    """

    PROTOCOL = "http/1.1"

    def __init__(self, stream: ByteStream, route: Route) -> None:
        super().__init__()
        self.heard = False
        self._idles = 0
        self._noticed_ns = 0
        self._stream = stream
        # A proxy that forwards plain requests is told the whole URL (RFC 9112, 3.2.2).
        forwarded = route.proxy is not None and route.scheme == "http"
        self._origin = f"http://{route.authority}" if forwarded else ""
        authorization = route.proxy.authorization if forwarded and route.proxy else ""
        self._own_fields = f"Proxy-Authorization: {authorization}\r\n" if authorization else ""

    def idle(self) -> bool:
        """Whether nothing has come since the last answer: neither an end nor what nobody asked for.

        A connection that lived through some requests is not asked again right after an answer: who closes it without a
        word does so at once.
        """
        if self._idles >= _IDLES_TO_TRUST and time.time_ns() - self._noticed_ns < _RIGHT_AFTER_NS:
            return True
        self._idles += 1
        return not self._stream.readable()

    def exchange(self, request: Request, limits: Limits) -> RawResponse:
        """One request and its answer. Raises what the network or TLS raise, and WireError."""
        sent_ns, sending_ns, sent_bytes = self._send(request, limits)
        stream, method = self._stream, request.method
        data = stream.receive()
        if method != "HEAD" and not sending_ns and (seen := _SEEN.find(data)) is not None:
            return self._seen_before(seen, sent_ns, sent_bytes, len(data))
        first_ns = 0
        if self._take(data, method):
            self._remember(data, method)
        else:
            first_ns = stream.received_ns or time.time_ns()
            self._check_size(limits)
            while not self._receive(method):
                self._check_size(limits)
        noticed_ns = self._noticed_ns = time.time_ns()
        # A stamp outside of the exchange (the clock was stepped, or there was none) gives way to the process clock.
        stamped = sent_ns <= stream.received_ns <= noticed_ns
        received_ns = stream.received_ns if stamped else noticed_ns
        phases = None
        if sending_ns or first_ns:
            phases = Phases(0, 0, 0, sending_ns, max(0, received_ns - first_ns) if first_ns else 0)
        reason, headers, pieces = self._answer
        return RawResponse(
            self._status,
            reason,
            headers,
            pieces[0] if len(pieces) == 1 else b"".join(pieces),
            sent_ns,
            received_ns,
            noticed_ns,
            stamped,
            sent_bytes,
            self._received,
            phases,
        )

    def _seen_before(self, seen: tuple[SeenHead, bytes], sent_ns: int, sent_bytes: int, size: int) -> RawResponse:
        """An answer in one piece whose head came before."""
        (status, reason, headers, _, reusable), body = seen
        noticed_ns = self._noticed_ns = time.time_ns()
        stamp = self._stream.received_ns
        stamped = sent_ns <= stamp <= noticed_ns
        received_ns = stamp if stamped else noticed_ns
        self.heard, self.reusable = True, reusable
        return RawResponse(
            status, reason, headers, body, sent_ns, received_ns, noticed_ns, stamped, sent_bytes, size, None
        )

    def _remember(self, data: bytes, method: str) -> None:
        """Keep what the parser made of an answer in one piece, where its head says all that there is to know."""
        reason, headers, pieces = self._answer
        if method != "HEAD" and len(pieces) <= 1 and not self._is_mended:
            body = pieces[0] if pieces else b""
            _SEEN.keep(data, SeenHead(self._status, reason, headers, len(body), self.reusable), body)

    def _send(self, request: Request, limits: Limits) -> tuple[int, int, int]:
        """Send a request: when (Unix ns), how long it took where that was long (ns), and its bytes."""
        self._begin()
        self._unread = b""
        self._received = 0
        self.heard = False
        stream = self._stream
        stream.deadline = time.monotonic() + limits.answer
        method, target, fields, body = request
        head = f"{method} {self._origin}{target} HTTP/1.1\r\n{fields}{self._own_fields}\r\n".encode("latin-1")
        sent_ns = time.time_ns()
        try:
            if isinstance(body, bytes):
                payload = head + body
                stream.send(payload)
                sent_bytes = len(payload)
                if sent_bytes <= _AT_ONCE:
                    return sent_ns, 0, sent_bytes
            else:
                sent_bytes = self._send_pieces(head, request)
        except ConnectionError:
            sent_bytes = len(head)  # it may have answered before it had heard all, as to a body that is too large
        return sent_ns, max(0, time.time_ns() - sent_ns), sent_bytes

    def begin(self, request: Request, limits: Limits) -> tuple[RawResponse, int]:
        """See StreamingConnection."""
        sent_ns, sending_ns, sent_bytes = self._send(request, limits)
        first_ns, over = 0, self._receive(request.method)
        while not over and self._status < 200:
            first_ns = first_ns or self._stream.received_ns or time.time_ns()
            self._check_size(limits)
            over = self._receive(request.method)
        self._method, self._over = request.method, over
        # What comes of the body: the parser puts it into the same list until its end.
        reason, headers, self._pieces = self._answer if over else (self._reason, self._headers, self._body)
        phases = Phases(0, 0, 0, sending_ns, 0) if sending_ns else None
        answer = RawResponse(self._status, reason, headers, b"", sent_ns, 0, 0, False, sent_bytes, 0, phases)
        tell_times(answer, self._stream.received_ns, self._received)
        return answer, min(first_ns or answer.received_ns, answer.received_ns)

    def more(self, answer: RawResponse, seconds: float) -> bytes:
        """See StreamingConnection."""
        self._stream.deadline = time.monotonic() + seconds
        pieces = self._pieces
        while not pieces and not self._over:
            self._over = self._receive(self._method)
            tell_times(answer, self._stream.received_ns, self._received)
        piece = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        return piece

    def _send_pieces(self, head: bytes, request: Request) -> int:
        """Send a body piece by piece; the bytes it took."""
        chunked = "\ncontent-length:" not in f"\n{request.fields}".lower()
        self._stream.send(head)
        sent = len(head)
        for piece in request.body:
            assert isinstance(piece, bytes)
            if piece:
                data = b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece
                self._stream.send(data)
                sent += len(data)
        if chunked:
            self._stream.send(b"0\r\n\r\n")
            sent += 5
        return sent

    def _receive(self, method: str) -> bool:
        """Take the bytes that come next; whether the answer is whole."""
        return self._take(self._stream.receive(), method)

    def _take(self, data: bytes, method: str) -> bool:
        """Take bytes, or an end; whether the answer is whole."""
        if not data:
            self._end_of_stream()
            return True
        self.heard = True
        self._received += len(data)
        self._feed(data)
        if self._status >= 200 and method == "HEAD":
            self._end_of_head()
            return True
        if self._complete and self._status < 100:
            raise WireError(FailureKind.PROTOCOL, f"there is no status {self._status}")
        return self._complete

    def _check_size(self, limits: Limits) -> None:
        if self._body_size > limits.body:
            raise WireError(FailureKind.TOO_LARGE, f"the body is larger than {limits.body:,} bytes")
        if self._received > _MAXIMUM_HEAD + _FRAME_FACTOR * self._body_size:
            raise WireError(FailureKind.PROTOCOL, f"there are more than {_MAXIMUM_HEAD:,} bytes beside the body")

    def close(self) -> None:
        self._stream.close()
