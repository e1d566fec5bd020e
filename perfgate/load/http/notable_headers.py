"""Headers of an answer that ask for more than handing them on: found once for all answers with the same head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perfgate.load.server_timing import HEADER as SERVER_TIMING
from perfgate.load.wire.interface import Headers

_SET_COOKIE, _CONTENT_ENCODING = b"set-cookie", b"content-encoding"
# Lengths first: they rule out nearly every header at no cost.
_LENGTHS = frozenset(map(len, (_SET_COOKIE, _CONTENT_ENCODING, SERVER_TIMING)))


class Notable(NamedTuple):
    """sets_cookies, is_encoded: whether the answer does, or is. server_timing: what it says in Server-Timing."""

    sets_cookies: bool
    is_encoded: bool
    server_timing: tuple[str, ...]


_NOTHING = Notable(False, False, ())


def notable_in(headers: Sequence[tuple[bytes, bytes]]) -> Notable:
    """What is notable in these headers."""
    if not isinstance(headers, Headers):
        return _found_in(headers)
    notable: Notable | None = headers.notable
    if notable is None:
        notable = headers.notable = _found_in(headers)
    return notable


def _found_in(headers: Sequence[tuple[bytes, bytes]]) -> Notable:
    found = [(name.lower(), value) for name, value in headers if len(name) in _LENGTHS]
    if not found:
        return _NOTHING
    names = {name for name, _ in found}
    timing = tuple(value.decode("latin-1") for name, value in found if name == SERVER_TIMING)
    return Notable(_SET_COOKIE in names, _CONTENT_ENCODING in names, timing)
