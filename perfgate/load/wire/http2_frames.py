"""Frames of HTTP/2 (RFC 9113, 4 and 6) as bytes: how a client writes them, and what it reads out of them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from perfgate.load.wire.failure import FailureKind, WireError

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8
HAS_PRIORITY = 0x20

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
LARGEST_FRAME = 2**14  # 4.2; neither side may send more unless it was allowed to
LARGEST_WINDOW = LARGEST_STREAM = 2**31 - 1
FIRST_WINDOW = 2**16 - 1  # of a connection, and of a stream until SETTINGS say otherwise (6.9.2)

# The head of a frame: three bytes of length and one of kind as one number, the flags, the stream.
HEAD = struct.Struct(">IBI")
HEAD_SIZE = HEAD.size
_NUMBER = struct.Struct(">I")
_SETTING = struct.Struct(">HI")

TABLE_SIZE, ENABLE_PUSH, CONCURRENT_STREAMS, INITIAL_WINDOW, MAXIMUM_FRAME, HEADER_LIST = range(1, 7)
_CONNECT_PROTOCOL = 8  # RFC 8441
_ALLOWED = {
    ENABLE_PUSH: range(1),  # a service may not say 1
    INITIAL_WINDOW: range(LARGEST_WINDOW + 1),
    MAXIMUM_FRAME: range(LARGEST_FRAME, 2**24),
    _CONNECT_PROTOCOL: range(2),
}

_PROTOCOL_ERROR, _FLOW_CONTROL, _TIMEOUT, _STREAM_CLOSED, _FRAME_SIZE = 0x1, 0x3, 0x4, 0x5, 0x6
_COMPRESSION, _USE_HTTP_1_1 = 0x9, 0xD
REFUSED_STREAM = 0x7

# Codes by which a service says that it, or we, broke the protocol; all others only end a request.
_BROKEN = frozenset(
    (_PROTOCOL_ERROR, _FLOW_CONTROL, _TIMEOUT, _STREAM_CLOSED, _FRAME_SIZE, _COMPRESSION, _USE_HTTP_1_1)
)


def frame(kind: int, flags: int, stream_id: int, payload: bytes) -> bytes:
    """The bytes of a frame."""
    return HEAD.pack(len(payload) << 8 | kind, flags, stream_id) + payload


def settings(values: dict[int, int]) -> bytes:
    """The bytes of SETTINGS."""
    return frame(SETTINGS, 0, 0, b"".join(_SETTING.pack(*pair) for pair in values.items()))


def window_update(stream_id: int, increment: int) -> bytes:
    """The bytes of WINDOW_UPDATE."""
    return frame(WINDOW_UPDATE, 0, stream_id, _NUMBER.pack(increment))


def request_frames(stream_id: int, block: bytes, body: bytes) -> bytes:
    """A whole request of two frames, or of one where it has no body."""
    if not body:
        return HEAD.pack(len(block) << 8 | HEADERS, END_HEADERS | END_STREAM, stream_id) + block
    head = HEAD.pack(len(block) << 8 | HEADERS, END_HEADERS, stream_id)
    return b"".join((head, block, HEAD.pack(len(body) << 8 | DATA, END_STREAM, stream_id), body))


def header_frames(stream_id: int, block: bytes, flags: int, largest: int) -> bytes:
    """HEADERS, and as many CONTINUATIONs as a block needs that is larger than a frame."""
    if len(block) <= largest:
        return frame(HEADERS, flags | END_HEADERS, stream_id, block)
    pieces = [block[at : at + largest] for at in range(0, len(block), largest)]
    frames = [frame(HEADERS, flags, stream_id, pieces[0])]
    frames += [frame(CONTINUATION, 0, stream_id, piece) for piece in pieces[1:-1]]
    return b"".join((*frames, frame(CONTINUATION, END_HEADERS, stream_id, pieces[-1])))


def read_settings(payload: bytes) -> Iterator[tuple[int, int]]:
    """The settings of a frame, each of them allowed."""
    if len(payload) % _SETTING.size:
        raise broken("the service sent SETTINGS of an impossible size")
    for name, value in _SETTING.iter_unpack(payload):
        if name in _ALLOWED and value not in _ALLOWED[name]:
            raise broken(f"the service sent {value} as setting {name}")
        yield name, value


def read_number(payload: bytes, what: str) -> int:
    """The one number that a frame consists of."""
    if len(payload) != _NUMBER.size:
        raise broken(f"the service sent {what} of an impossible size")
    return int.from_bytes(payload, "big")


def read_go_away(payload: bytes) -> tuple[int, int]:
    """The last stream that is answered, and the code."""
    if len(payload) < 8:
        raise broken("the service sent a GOAWAY that says nothing")
    return int.from_bytes(payload[:4], "big") & LARGEST_WINDOW, int.from_bytes(payload[4:8], "big")


def check_priority(stream_id: int, payload: bytes) -> None:
    """Refuse a priority that makes no sense; nobody heeds the others any more (5.3.2)."""
    if not stream_id or len(payload) != 5 or int.from_bytes(payload[:4], "big") & LARGEST_WINDOW == stream_id:
        raise broken("the service sent a priority that makes no sense")


def without_padding(payload: bytes) -> bytes:
    """What a padded frame holds."""
    if not payload or payload[0] >= len(payload):
        raise broken("the service sent more padding than the frame holds")
    return payload[1 : len(payload) - payload[0]]


def kind_of(code: int) -> FailureKind:
    """What sort of failure an error code is (7)."""
    return FailureKind.PROTOCOL if code in _BROKEN else FailureKind.RESET


def broken(message: str) -> WireError:
    """The failure of a service that does not keep to HTTP/2."""
    return WireError(FailureKind.PROTOCOL, message)
