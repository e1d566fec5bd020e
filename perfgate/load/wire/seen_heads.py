"""Heads of answers that came before: a service says the same for a second at a time, so most need no parser.

What the parser made of a head and a body of that length it would make of them again; the bodies need not be the same.
"""

from __future__ import annotations

from typing import NamedTuple

from perfgate.load.wire.interface import Headers

_END = b"\r\n\r\n"
_MOST = 512


class SeenHead(NamedTuple):
    """What the parser made of a head. size: of the body (bytes). reusable: whether another request may follow."""

    status: int
    reason: bytes
    headers: Headers
    size: int
    reusable: bool


class SeenHeads:
    """The heads that a worker has seen lately. Where they hardly ever come again, it gives looking up."""

    def __init__(self) -> None:
        self._heads: dict[bytes, SeenHead] = {}
        self._found = 0
        self._is_useful = True

    def find(self, data: bytes) -> tuple[SeenHead, bytes] | None:
        """The head and the body of an answer that came in one piece; None where the parser must look at it."""
        if not self._is_useful:
            return None
        at = data.find(_END) + 4
        head = self._heads.get(data[:at])
        if head is None or len(data) - at != head.size:
            return None
        self._found += 1
        return head, data[at:]

    def keep(self, data: bytes, head: SeenHead, body: bytes) -> None:
        """What the parser made of `data`, which is one whole answer. A body in chunks tells its length by itself."""
        at = data.find(_END) + 4
        if at < 4 or not self._is_useful or head.status < 200 or data[at:] != body:
            return
        if len(self._heads) >= _MOST:
            self._is_useful = self._found >= _MOST // 4
            self._heads.clear()
            self._found = 0
        self._heads[data[:at]] = head
