"""Headers as HTTP/2 packs them (HPACK, RFC 7541), for few header sets that come again and again.

Requests are packed without the table that both ends would have to keep, and a service is asked to do likewise. So
equal bytes mean equal headers, whatever came before: what was packed or unpacked once is remembered by its bytes. What
needs a table all the same, and whatever is odd, is left to the hpack library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from hpack.exceptions import HPACKError
from hpack.hpack import Decoder, encode_integer
from hpack.table import HeaderTable

from perfgate.load.wire.http2_frames import broken
from perfgate.load.wire.interface import Headers

Field = tuple[bytes, bytes]

MAXIMUM_HEAD = 65_536
# A block of so many bytes cannot unpack to more than MAXIMUM_HEAD: 61 bytes for one is the most, 32 of them overhead.
_SMALL = 1024
# How many are remembered, a few megabytes at most.
_BLOCKS, _FIELDS = 1024, 4096

# Headers of a connection, not of a request or an answer (RFC 9113, 8.2.2), and Host, which has become :authority.
_OF_CONNECTIONS = frozenset(("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"))
_LEFT_OUT = _OF_CONNECTIONS | {"host"}
_REFUSED = frozenset(name.encode() for name in _OF_CONNECTIONS)
_SECRET = frozenset(("authorization", "cookie", "proxy-authorization"))  # to be put into no table on their way

_WITHOUT_INDEX, _NEVER_INDEXED = 0x00, 0x10
_PATH = b"\x04%c%b"  # a literal :path
_LONG_PATH = b"\x04"
_STATIC = HeaderTable.STATIC_TABLE_LENGTH

_STATUS = re.compile(rb"[1-9]\d\d")
_NAME = re.compile(rb":?[!-9;-@\[-~]+")  # 8.2.1: what is visible, but neither large letters nor colons
_FORBIDDEN = re.compile(rb"[\0\r\n]|\A[ \t]|[ \t]\Z")


def request_block(method: str, target: str, fields: str, scheme: str, authority: str) -> bytes:
    """A request's headers. fields: as HTTP/1.1 writes them. authority: what counts where they have no Host."""
    raw = target.encode("latin-1")
    size = len(raw)
    path = _PATH % (size, raw) if size < 0x7F else _LONG_PATH + _text(raw)
    return _packed(":method", method) + path + _packed_fields(fields, scheme, authority)


@lru_cache(_BLOCKS)
def _packed_fields(fields: str, scheme: str, authority: str) -> bytes:
    """In small letters, without those of a connection, after :scheme and :authority."""
    split = [line.split(":", 1) for line in fields.split("\r\n") if line]
    pairs = [(name.lower(), value.strip()) for name, value in split]
    host = next((value for name, value in pairs if name == "host"), authority)
    kept = [pair for pair in pairs if pair[0] not in _LEFT_OUT]
    return b"".join(_packed(*pair) for pair in ((":scheme", scheme), (":authority", host), *kept))


@lru_cache(_FIELDS)
def _packed(name: str, value: str) -> bytes:
    """One field, by its number in the static table where it has one."""
    raw_name, raw_value = name.encode("latin-1"), value.encode("latin-1")
    index, _, same = HeaderTable().search(raw_name, raw_value) or (0, None, None)
    if same is not None:
        return bytes((0x80 | index,))
    head = encode_integer(index, 4)
    head[0] |= _NEVER_INDEXED if name in _SECRET else _WITHOUT_INDEX
    return bytes(head) + (b"" if index else _text(raw_name)) + _text(raw_value)


def _text(text: bytes) -> bytes:
    size = len(text)
    return (bytes((size,)) if size < 0x7F else bytes(encode_integer(size, 7))) + text


class AnswerHead(NamedTuple):
    """What a header block says. status: 0 in trailers. length: of the body that follows; None where it is not said."""

    status: int
    length: int | None
    fields: Headers


class HeaderReader:
    """Unpacks the header blocks of one connection, in turn."""

    def __init__(self) -> None:
        self._decoder = Decoder(MAXIMUM_HEAD)
        self._table_is_empty = True
        self._table_size = self._decoder.header_table_size

    def read(self, block: bytes) -> AnswerHead:
        """What a block says. WireError where it makes no sense."""
        if self._table_is_empty and len(block) <= _SMALL:
            head = _head_by_itself(block, self._table_size)
            if head is not None:
                return head
        try:
            fields = [_checked(pair) for pair in self._decoder.decode(block, raw=True)]
        except (HPACKError, IndexError) as error:
            raise broken(f"the service sent headers that cannot be unpacked: {error}") from None
        self._table_is_empty = not self._decoder.header_table.dynamic_entries
        self._table_size = self._decoder.header_table_size
        return _head_of(fields)


@lru_cache(_BLOCKS)
def _head_by_itself(block: bytes, table_size: int) -> AnswerHead | None:
    """What a block says beside an empty table, where it leaves the table alone; else None."""
    fields = []
    at = 0
    try:
        while at < len(block):
            end = _end_of_field(block, at, table_size)
            if not end:
                return None
            fields.append(_field(block[at:end]))
            at = end
    except (HPACKError, IndexError):
        return None
    return _head_of(fields)


def _end_of_field(block: bytes, at: int, table_size: int) -> int:
    """Where the field ends that begins there; 0 where it has to do with the table."""
    first = block[at]
    if first & 0x80:
        return at + 1 if 0 < first & 0x7F <= _STATIC else 0
    mask = 0x0F
    if first & 0x60:
        if table_size or not first & 0x40:
            return 0
        mask = 0x3F
    index = first & mask
    at += 1
    if index == mask:
        index += block[at]
        at += 1
    if index > _STATIC:
        return 0
    return _end_of_text(block, at if index else _end_of_text(block, at))


def _end_of_text(block: bytes, at: int) -> int:
    size = block[at] & 0x7F
    at += 1
    if size == 0x7F:
        # Two more bytes: what takes more is longer than any small block.
        size += block[at] & 0x7F
        if block[at] & 0x80:
            at += 1
            size += block[at] << 7
        at += 1
    return at + size


_TABLELESS = Decoder(MAXIMUM_HEAD)
_TABLELESS.header_table_size = 0


@lru_cache(_FIELDS)
def _field(packed: bytes) -> Field:
    """One field that has to do with no table."""
    (pair,) = _TABLELESS.decode(packed, raw=True)
    return _checked(pair)


def _checked(pair: Iterable[bytes | str]) -> Field:
    """A field, once it is as RFC 9113, 8.2 wants it."""
    name, value = (part if isinstance(part, bytes) else part.encode() for part in pair)
    if not _NAME.fullmatch(name) or name in _REFUSED or _FORBIDDEN.search(value):
        raise broken(f"the service sent {name!r}: {value!r}, which is no header of HTTP/2")
    return name, value


def _head_of(fields: Iterable[Field]) -> AnswerHead:
    """The fields of a block, once they stand as RFC 9113, 8.3 wants them."""
    status, length = 0, None
    kept = Headers()
    for name, value in fields:
        if name[:1] == b":":
            if name != b":status" or status or kept:
                raise broken(f"the service sent a header {name!r} that is none of an answer, or in a wrong place")
            status = _status(value)
            continue
        kept.append((name, value))
        if name == b"content-length" and length is None:
            if not value.isdigit():
                raise broken(f"there is no length {value!r}")
            length = int(value)
    return AnswerHead(status, length, kept)


def _status(value: bytes) -> int:
    if not _STATUS.fullmatch(value):
        raise broken(f"there is no status {value!r}")
    return int(value)
