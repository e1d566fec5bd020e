"""The format that pprof reads."""

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfgate.explain.profilers.pprof_profile import Call, parse_pprof


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, *parts):
    body = b"".join(parts)
    return varint(field << 3 | 2) + varint(len(body)) + body


def varint(value):
    found = b""
    while value > 127:
        found, value = found + bytes([value & 127 | 128]), value >> 7
    return found + bytes([value])


STRINGS = ["", "cpu", "nanoseconds", "samples", "count", "main.discount", "main.look", "/srv/prices.go", "/srv/main.go"]
PROFILE = b"".join(
    [
        message(1, number(1, 1), number(2, 2)),
        message(1, number(1, 3), number(2, 4)),
        # Packed and one by one, as protocol buffers allow both.
        message(2, message(1, varint(1), varint(2)), message(2, varint(70_000_000), varint(7))),
        message(2, number(1, 2), number(2, 10_000_000), number(2, 1)),
        # An inlined call: the innermost line first.
        message(4, number(1, 1), message(4, number(1, 1), number(2, 12)), message(4, number(1, 2), number(2, 30))),
        message(4, number(1, 2), number(3, 4660), message(4, number(1, 2), number(2, 31))),
        message(5, number(1, 1), number(2, 5), number(4, 7), number(5, 10)),
        message(5, number(1, 2), number(2, 6), number(4, 8)),
        *(message(6, text.encode()) for text in STRINGS),
        varint(9 << 3 | 1) + bytes(8),  # a field that is not needed here
    ]
)
DISCOUNT = Call("main.discount", "/srv/prices.go", 10, begins=True)


PACKED = gzip.compress(PROFILE, mtime=0)  # names of tests are made of it


@pytest.mark.parametrize("data", [PROFILE, PACKED])
def test_samples_are_counted_by_stack_with_inlined_calls(data):
    look = Call("main.look", "/srv/main.go", 31, begins=False)
    at = Call("main.look", "/srv/main.go", 30, begins=False)
    assert parse_pprof(data) == {(look, at, DISCOUNT): 7, (look,): 1}


@pytest.mark.parametrize("data", [b"<html>", PROFILE[:-20], PACKED[:50], message(2, number(1, 5))])
def test_what_is_no_profile_is_refused(data):
    with pytest.raises(ValueError, match="no profile"):
        parse_pprof(data)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(data):
    with suppress(ValueError):
        parse_pprof(data)
