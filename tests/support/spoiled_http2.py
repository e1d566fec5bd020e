"""Sound answers in HTTP/2, to be spoiled: what a service says to one request after the other on a new connection."""

from __future__ import annotations

from hpack import Encoder

from tests.support.http2_server import frame, go_away


def packed(*fields: tuple[str, str], table: int = 4096) -> bytes:
    """A header block."""
    encoder = Encoder()
    encoder.header_table_size = table
    block: bytes = encoder.encode(fields)
    return block


OK = packed((":status", "200"), ("content-type", "application/json"), ("content-length", "9"))
_TABLELESS = packed((":status", "200"), ("x-id", "5"), ("content-length", "9"), table=0)
_BODY = b'{"id": 1}'
SETTINGS = frame(0x4, 0, b"\0\3\0\0\0\x64\0\4\0\1\0\0")
SEEDS = [
    SETTINGS + frame(0x4, 0, b"", 1) + frame(0x1, 1, OK, 4) + frame(0x0, 1, _BODY, 1),
    SETTINGS + frame(0x1, 1, OK[:3]) + frame(0x9, 1, OK[3:], 4) + frame(0x0, 1, _BODY + b"\0\0", 9),
    SETTINGS
    + frame(0x1, 1, packed((":status", "103"), ("link", "</a>")), 4)
    + frame(0x1, 1, packed((":status", "302"), ("location", "/a")), 5),
    SETTINGS + frame(0x6, 0, b"12345678") + frame(0x8, 0, b"\0\0\0\x09") + frame(0x3, 1, b"\0\0\0\x07"),
    SETTINGS + frame(0x1, 1, OK, 4) + frame(0x0, 1, _BODY) + frame(0x1, 1, packed(("x-sum", "1")), 5),
    SETTINGS + go_away(1, 0) + frame(0x1, 1, OK, 5) + go_away(0, 2),
    SETTINGS + frame(0x5, 1, b"\0\0\0\x02" + OK, 4) + frame(0x2, 1, b"\0\0\0\0\x10") + frame(0xA, 0, b"\0\1aa"),
    SETTINGS
    + frame(0x1, 1, _TABLELESS, 4)
    + frame(0x0, 1, _BODY, 1)
    + frame(0x1, 3, _TABLELESS.removeprefix(b"\x20"), 4)
    + frame(0x0, 3, b"\x03" + _BODY + b"\0\0\0", 9),
    SETTINGS
    + frame(0x1, 1, OK, 4)
    + frame(0x0, 1, _BODY, 1)
    + frame(0x1, 3, b"\x88\xbf\xbe", 4)
    + frame(0x0, 3, _BODY, 1)
    + frame(0x1, 5, packed((":status", "204")), 5),
]
