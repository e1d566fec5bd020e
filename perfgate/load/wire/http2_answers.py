"""What a service says on one connection of HTTP/2: the answer to the request at hand, and what it allows.

Bytes go in, nothing is sent from here.
"""

from __future__ import annotations

from perfgate.load.wire import http2_frames as frames
from perfgate.load.wire.failure import Unprocessed, WireError
from perfgate.load.wire.http2_frames import ACK, END_STREAM, broken, frame, kind_of
from perfgate.load.wire.http2_headers import MAXIMUM_HEAD, HeaderReader
from perfgate.load.wire.interface import Headers

# Wide enough that flow control is never what a latency is made of; Go's client has the same for a stream.
_STREAM_WINDOW = 4 * 2**20
_CONNECTION_WINDOW = 2**30
_USUAL_TABLE = 4096  # RFC 9113, 6.5.2
_NO_TABLE = b"\x20"  # RFC 7541, 6.3

# Without a table, equal headers are equal bytes: see http2_headers.
_SETTINGS = {
    frames.TABLE_SIZE: 0,
    frames.ENABLE_PUSH: 0,
    frames.INITIAL_WINDOW: _STREAM_WINDOW,
    frames.HEADER_LIST: MAXIMUM_HEAD,
}
_NO_FIELDS = Headers()
_GREETING = b"".join(
    (frames.PREFACE, frames.settings(_SETTINGS), frames.window_update(0, _CONNECTION_WINDOW - frames.FIRST_WINDOW))
)


class Answers:
    """The answer to one request after the other, out of frames.

    status, fields, body, body_size, complete, heard: of the answer at hand; see Http1Connection for `heard`.
    room, stream_room: bytes that may be sent on the connection and on the stream at hand.
    largest: the largest frame that may be sent (bytes).
    open: whether the service takes another request on this connection.
    table_update: what the next header block must begin with.
    unsaid: frames that it has to be told, at the next occasion.
    """

    def __init__(self) -> None:
        self.unsaid = _GREETING
        self.room = self._first_room = frames.FIRST_WINDOW
        self.largest = frames.LARGEST_FRAME
        self.open = True
        self.stream_id = -3  # -1 before the first request, which has 1
        self.table_update = b""
        self._taken = 0  # bytes since the service was last told that there is room; so is _stream_taken
        self._reader = HeaderReader()
        self._unread = b""
        self.begin("")
        self.complete = True

    def begin(self, method: str) -> int:
        """Be ready for the answer to another request, on a stream of its own: its number."""
        self.stream_id += 2
        self.stream_room = self._first_room
        self.status = 0
        self.fields = _NO_FIELDS
        self.body: list[bytes] = []
        self.body_size = 0
        self.complete = False
        self.heard = False
        self._stream_taken = 0
        self._block: bytes | None = None  # of headers that are not whole yet
        self._ends_with_block = False
        self._to_head = method == "HEAD"
        self._length: int | None = None
        return self.stream_id

    def take(self, data: bytes) -> None:
        """Work through the frames that are whole by now. WireError at what breaks the answer or the rules."""
        if self._unread:
            data = self._unread + data
        at, size = 0, len(data)
        while size - at >= frames.HEAD_SIZE:
            word, flags, stream_id = frames.HEAD.unpack_from(data, at)
            length, kind = word >> 8, word & 0xFF
            if length > frames.LARGEST_FRAME:
                raise broken("the service sent a frame that is too large, or no HTTP/2 at all")
            begin = at + frames.HEAD_SIZE
            if begin + length > size:
                break
            at = begin + length
            if self._block is not None and kind != frames.CONTINUATION:
                raise broken("the service sent half of its headers")
            stream_id &= frames.LARGEST_STREAM
            if kind == frames.DATA:
                self._take_data(flags, stream_id, data[begin:at])
            elif kind == frames.HEADERS:
                self._take_headers(flags, stream_id, data[begin:at])
            else:
                self._take_other(kind, flags, stream_id, data[begin:at])
        self._unread = data[at:]

    def _take_other(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        if kind == frames.CONTINUATION:
            self._take_continuation(flags, stream_id, payload)
        elif kind in (frames.SETTINGS, frames.PING, frames.GOAWAY):
            if stream_id:
                raise broken("the service sent a frame of the connection on a stream")
            self._take_of_connection(kind, flags, payload)
        elif kind == frames.WINDOW_UPDATE:
            self._take_window_update(stream_id, payload)
        elif kind == frames.RST_STREAM:
            self._take_reset(stream_id, payload)
        elif kind == frames.PRIORITY:
            frames.check_priority(stream_id, payload)
        elif kind == frames.PUSH_PROMISE:
            raise broken("the service promised what it was asked not to push")

    def _take_data(self, flags: int, stream_id: int, payload: bytes) -> None:
        if self.complete or stream_id != self.stream_id or not self.status:
            raise broken("the service sent data where none belongs")
        self._taken += len(payload)
        self._stream_taken += len(payload)
        if self._stream_taken > _STREAM_WINDOW // 2 or self._taken > _CONNECTION_WINDOW // 2:
            self._give_room(bool(flags & END_STREAM))
        if flags & frames.PADDED:
            payload = frames.without_padding(payload)
        if payload:
            self.body.append(payload)
            self.body_size += len(payload)
        if self._length is not None and self.body_size != self._length:
            self._check_length(flags)
        if flags & END_STREAM:
            self.complete = True

    def _check_length(self, flags: int) -> None:
        """What has come of the body against what was promised."""
        size, length = self.body_size, self._length
        if length is not None and (size > length or (flags & END_STREAM and size < length)):
            raise broken(f"the service sent {size:,} bytes of a body of {length:,}")

    def _give_room(self, ended: bool) -> None:
        """Tell the service that it may send more, in good time before it has to wait for that."""
        if self._taken > _CONNECTION_WINDOW // 2:
            self.unsaid += frames.window_update(0, self._taken)
            self._taken = 0
        if self._stream_taken > _STREAM_WINDOW // 2 and not ended:
            self.unsaid += frames.window_update(self.stream_id, self._stream_taken)
            self._stream_taken = 0

    def _take_headers(self, flags: int, stream_id: int, payload: bytes) -> None:
        if self.complete or stream_id != self.stream_id:
            raise broken("the service sent headers where none belong")
        self._ends_with_block = bool(flags & END_STREAM)
        if flags & frames.PADDED:
            payload = frames.without_padding(payload)
        if flags & frames.HAS_PRIORITY:
            frames.check_priority(stream_id, payload[:5])
            payload = payload[5:]
        if flags & frames.END_HEADERS:
            self._take_block(payload)
        else:
            self._block = payload

    def _take_block(self, block: bytes) -> None:
        """Read headers that are whole. Those of interim answers and trailers are left out."""
        status, length, fields = self._reader.read(block)
        if self.status:
            if status or not self._ends_with_block:
                raise broken("the service sent two answers to one request, or trailers that are not the end")
            self._check_length(END_STREAM)
            self.complete = True
        elif status == 101 or (status < 200 and self._ends_with_block) or not status:
            raise broken(f"the service sent status {status} where HTTP/2 has no such answer")
        elif status >= 200:
            self.heard = True
            self.status = status
            self.fields = fields
            self._length = 0 if self._to_head else length
            self.complete = self._ends_with_block

    def _take_continuation(self, flags: int, stream_id: int, payload: bytes) -> None:
        if self._block is None or stream_id != self.stream_id:
            raise broken("the service sent a continuation of nothing")
        self._block += payload
        if len(self._block) > MAXIMUM_HEAD:
            raise broken(f"there are more than {MAXIMUM_HEAD:,} bytes of headers")
        if flags & frames.END_HEADERS:
            block, self._block = self._block, None
            self._take_block(block)

    def _take_of_connection(self, kind: int, flags: int, payload: bytes) -> None:
        if kind == frames.GOAWAY:
            self._go_away(*frames.read_go_away(payload))
        elif kind == frames.PING:
            if len(payload) != 8:
                raise broken("the service sent a ping of an impossible size")
            if not flags & ACK:
                self.unsaid += frame(frames.PING, ACK, 0, payload)
        elif flags & ACK:
            if payload:
                raise broken("the service sent settings where it agreed to ours")
        else:
            for name, value in frames.read_settings(payload):
                self._set(name, value)
            self.unsaid += frame(frames.SETTINGS, ACK, 0, b"")

    def _set(self, name: int, value: int) -> None:
        if name == frames.INITIAL_WINDOW:
            self.stream_room += value - self._first_room
            self._first_room = value
            if self.stream_room > frames.LARGEST_WINDOW:
                raise broken("the service opened a window too far")
        elif name == frames.MAXIMUM_FRAME:
            self.largest = value
        elif name == frames.CONCURRENT_STREAMS:
            self.open = value > 0
        elif name == frames.TABLE_SIZE and value < _USUAL_TABLE:
            self.table_update = _NO_TABLE

    def _take_window_update(self, stream_id: int, payload: bytes) -> None:
        increment = frames.read_number(payload, "a window update") & frames.LARGEST_WINDOW
        if not increment or stream_id > self.stream_id or (stream_id and not stream_id % 2):
            raise broken("the service opened a window by nothing, or one that is not")
        if not stream_id:
            self.room += increment
        elif stream_id == self.stream_id:
            self.stream_room += increment
        if max(self.room, self.stream_room) > frames.LARGEST_WINDOW:
            raise broken("the service opened a window too far")

    def _take_reset(self, stream_id: int, payload: bytes) -> None:
        code = frames.read_number(payload, "the end of a request")
        if not stream_id:
            raise broken("the service ended a request that is none")
        if stream_id == self.stream_id and not self.complete:
            self.heard = True
            family = Unprocessed if code == frames.REFUSED_STREAM else WireError
            raise family(kind_of(code), f"the service ended the request (code {code})")

    def _go_away(self, last: int, code: int) -> None:
        """RFC 9113, 6.8: requests up to a number are still answered, those beyond were not begun."""
        self.open = False
        if self.stream_id > last:
            raise Unprocessed(kind_of(code), f"the service takes no more requests on this connection (code {code})")
        if code:
            raise WireError(kind_of(code), f"the service ended the connection (code {code})")
