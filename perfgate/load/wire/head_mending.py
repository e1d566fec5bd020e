"""Heads of answers that the parser refuses and every other client takes, rewritten as they are meant.

A header line that begins with a space goes on with the one before (obs-fold, RFC 9112, 5.2), and a length that is said
several times alike is meant once (RFC 9110, 8.6). Lengths that differ stay: nobody knows which is right.
"""

from __future__ import annotations

import re

_END = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"\r?\n")
_LENGTH = b"content-length"
_STATUS_LINE = re.compile(rb"\s*HTTP/1\.[01] [0-9]{3}[^\n]*\n")
_FOLD = re.compile(rb"\n[ \t]")
_MENDABLE = (
    "Duplicate Content-Length",
    "Invalid character in Content-Length",
    "Unexpected whitespace after header value",
)
_FOLDED_AT_ONCE = "Invalid header value char"
_INTERIM = re.compile(rb"\s*HTTP/1\.[01] 1(?!01)")


def is_mendable(complaint: str, data: bytes) -> bool:
    """Whether that is what the parser (llhttp) complains of. data: from the beginning of the answer."""
    if _STATUS_LINE.match(data) is None:
        return False
    return complaint in _MENDABLE or (complaint == _FOLDED_AT_ONCE and _FOLD.search(data) is not None)


def has_whole_head(data: bytes) -> bool:
    """Whether the head of the answer, after interim ones, is there to its end."""
    return _split(data) is not None


def mended(data: bytes) -> bytes:
    """An answer, or its beginning, with its heads as they are meant. Its head is whole."""
    parts = _split(data)
    if parts is None:
        return data
    heads, rest = parts
    return b"".join(_mended_head(head) for head in heads) + rest


def _split(data: bytes) -> tuple[list[bytes], bytes] | None:
    """The heads of interim answers and of the answer, and what follows; None where the last one is not whole."""
    heads: list[bytes] = []
    while (end := _END.search(data)) is not None:
        heads.append(data[: end.start()])
        data = data[end.end() :]
        if not _INTERIM.match(heads[-1]):
            return heads, data
    return None


def _mended_head(head: bytes) -> bytes:
    lines: list[bytes] = []
    for line in _LINE.split(head):
        if line[:1] in (b" ", b"\t") and len(lines) > 1:
            lines[-1] += b" " + line.strip()
        else:
            lines.append(line)
    return b"\r\n".join(_with_one_length(lines)) + b"\r\n\r\n"


def _with_one_length(lines: list[bytes]) -> list[bytes]:
    lengths = [line.partition(b":")[2] for line in lines if line.partition(b":")[0].lower() == _LENGTH]
    values = {value.strip() for line in lengths for value in line.split(b",")}
    if len(values) != 1:
        return lines
    others = [line for line in lines if line.partition(b":")[0].lower() != _LENGTH]
    return [*others, b"Content-Length: " + values.pop()]
