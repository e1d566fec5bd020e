"""Versions: how far two of them are apart, and whether one only says less than the other."""

from __future__ import annotations

import re

_PARTS = re.compile(r"[0-9]+")
_VERSION = re.compile(r"[^0-9]{0,8}([0-9]+(?:\.[0-9]+)*)")
# Distances: what parts them first.
MAJOR, MINOR, PATCH, UNKNOWN = range(4)


def distance(base: str | None, head: str | None) -> int:
    """MAJOR where the first number differs, MINOR for the second, PATCH for further ones; UNKNOWN of no versions."""
    numbers = numbers_of(base), numbers_of(head)
    if not all(numbers):
        return UNKNOWN
    for place, (one, other) in enumerate(zip(*numbers, strict=False)):
        if one != other:
            return min(place, PATCH)
    return PATCH


def says_less(one: str, other: str) -> bool:
    """Whether the shorter version is the beginning of the longer one, like 3.12 of 3.12.4: nobody knows more."""
    first, second = one.removeprefix("v").split("."), other.removeprefix("v").split(".")
    return all(a == b for a, b in zip(first, second, strict=False))


def numbers_of(version: str | None) -> tuple[int, ...]:
    """The numbers of a version, to be compared; () where there are none, or they are no sane ones."""
    match = _VERSION.match(version or "")
    if match is None or len(match[1]) > 100:
        return ()
    return tuple(int(part) for part in _PARTS.findall(match[1]))
