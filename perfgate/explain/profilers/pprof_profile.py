"""The format that pprof reads: a message of protocol buffers, compressed by gzip.

https://github.com/google/pprof/blob/main/proto/profile.proto, of which this takes samples, locations, lines, functions
and strings; of protocol buffers: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from perfgate.explain.profilers.varints import read_varint

_GZIP = b"\x1f\x8b"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Profile's fields, and those of the messages inside of it.
_SAMPLE_TYPE, _SAMPLE, _LOCATION, _FUNCTION, _STRING = 1, 2, 4, 5, 6
_TYPE_NAME, _TYPE_UNIT = 1, 2
_SAMPLE_LOCATIONS, _SAMPLE_VALUES = 1, 2
_LOCATION_ID, _LOCATION_LINE = 1, 4
_LINE_FUNCTION, _LINE_NUMBER = 1, 2
_FUNCTION_ID, _FUNCTION_NAME, _FUNCTION_FILE, _FUNCTION_LINE = 1, 2, 4, 5
_COUNT = "count"
_MOST_BYTES = 64 * 2**20

_Value = int | bytes
_Fields = dict[int, list[_Value]]


@dataclass(frozen=True)
class Call:
    """A function in a stack.

    line: where it begins, where the profile tells; else the line at work; 0 where neither is known.
    begins: whether it is the line where it begins.
    """

    name: str
    file: str
    line: int
    begins: bool


def parse_pprof(data: bytes) -> Counter[tuple[Call, ...]]:
    """How many samples were seen in each stack, from the outermost function on. ValueError where it is no such file."""
    try:
        return _parse(_unpacked(data))
    except (IndexError, KeyError, OverflowError, TypeError, UnicodeDecodeError, zlib.error, OSError, EOFError) as error:
        raise ValueError(f"it is no profile that pprof reads: {error}") from None


def _parse(data: bytes) -> Counter[tuple[Call, ...]]:
    profile = _fields(data)
    strings = [_bytes(one).decode(errors="replace") for one in profile.get(_STRING, [])]
    if strings[:1] != [""]:
        raise TypeError("it does not begin with the empty string")
    functions = {_number(one, _FUNCTION_ID): one for one in _messages(profile, _FUNCTION)}
    locations = {_number(one, _LOCATION_ID): _calls(one, functions, strings) for one in _messages(profile, _LOCATION)}
    which = _samples_among([strings[_number(one, _TYPE_UNIT)] for one in _messages(profile, _SAMPLE_TYPE)])
    stacks: Counter[tuple[Call, ...]] = Counter()
    for sample in _messages(profile, _SAMPLE):
        inwards = [call for place in reversed(_numbers(sample, _SAMPLE_LOCATIONS)) for call in locations[place]]
        if inwards:
            stacks[tuple(inwards)] += _numbers(sample, _SAMPLE_VALUES)[which]
    return stacks


def _samples_among(units: list[str]) -> int:
    """Which of a sample's values counts samples: the others are nanoseconds, or bytes."""
    return units.index(_COUNT) if _COUNT in units else 0


def _calls(location: _Fields, functions: dict[int, _Fields], strings: list[str]) -> list[Call]:
    """The functions at a location, from the outermost on: more than one where calls are inlined."""
    found = []
    for line in reversed(_messages(location, _LOCATION_LINE)):
        function = functions[_number(line, _LINE_FUNCTION)]
        name, file = (strings[_number(function, field)] for field in (_FUNCTION_NAME, _FUNCTION_FILE))
        begin = _number(function, _FUNCTION_LINE)
        found.append(Call(name, file, begin or _number(line, _LINE_NUMBER), bool(begin)))
    return found


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, _MOST_BYTES + 1)
    if len(unpacked) > _MOST_BYTES:
        raise OSError("it is too long")
    return unpacked


def _messages(fields: _Fields, number: int) -> list[_Fields]:
    return [_fields(_bytes(one)) for one in fields.get(number, [])]


def _number(fields: _Fields, number: int) -> int:
    """A field with one number; 0, which is not sent, where it is missing."""
    value = fields.get(number, [0])[-1]
    if not isinstance(value, int):
        raise TypeError("a number is missing")
    return value


def _numbers(fields: _Fields, number: int) -> list[int]:
    """A field with many numbers, packed or one by one."""
    found = []
    for value in fields.get(number, []):
        if isinstance(value, int):
            found.append(value)
            continue
        place = 0
        while place < len(value):
            one, place = read_varint(value, place)
            found.append(one)
    return found


def _bytes(value: _Value) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("a message is missing")
    return value


def _fields(data: bytes) -> _Fields:
    found: _Fields = {}
    for number, value in _each(data):
        found.setdefault(number, []).append(value)
    return found


def _each(data: bytes) -> Iterator[tuple[int, _Value]]:
    place = 0
    while place < len(data):
        key, place = read_varint(data, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = read_varint(data, place)
            yield key >> 3, value
            continue
        length = {_FIXED64: 8, _FIXED32: 4}.get(kind, -1)
        if kind == _BYTES:
            length, place = read_varint(data, place)
        if length < 0 or place + length > len(data):
            raise IndexError("it ends too early")
        yield key >> 3, data[place : place + length]
        place += length
