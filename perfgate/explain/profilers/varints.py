"""Numbers of as many bytes as they need, seven bits in each, the lowest first: Go's tables and protocol buffers."""

from __future__ import annotations


def read_varint(data: bytes, place: int) -> tuple[int, int]:
    """The number at a place, and the place behind it. IndexError where the data ends within it."""
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if not byte & 0x80:
            return value, place
