"""Server-sent events out of the bytes of a stream, as browsers read them.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from perfgate.load.wire.failure import FailureKind, WireError
from perfgate.load.wire.interface import MAXIMUM_BODY

MEDIA_TYPE = "text/event-stream"
_LINE_END = re.compile(r"\r\n|\n|\r")


class ServerEvent(NamedTuple):
    """One event of a stream. event: its type. id: the last that the stream gave. retry: ms to wait before coming back.

    data: its lines, as one text.
    """

    event: str
    data: str
    id: str
    retry: int | None


class EventParser:
    """Finds the events in bytes as they come; what is no event (comments, events without data) is left out."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._rest: list[str] = []
        self._size = 0
        self._data: list[str] = []
        self._event = ""
        self._id = ""
        self._retry: int | None = None

    def feed(self, data: bytes) -> list[ServerEvent]:
        """The events that end in these bytes. WireError for one without an end."""
        text = self._decode(data)
        self._size += len(text)
        if "\n" not in text and "\r" not in text:
            self._rest.append(text)
            if self._size > MAXIMUM_BODY:
                raise WireError(FailureKind.TOO_LARGE, f"an event is larger than {MAXIMUM_BODY:,} bytes")
            return []
        text = "".join((*self._rest, text))
        # A CR at the end may be half of a line end.
        held, text = ("\r", text[:-1]) if text.endswith("\r") else ("", text)
        lines = _LINE_END.split(text) if "\r" in text else text.split("\n")
        self._rest = [lines.pop() + held]
        return self._events(lines)

    def _events(self, lines: list[str]) -> list[ServerEvent]:
        events = []
        for line in lines:
            if line:
                self._field(line)
            elif self._data:
                events.append(ServerEvent(self._event or "message", "\n".join(self._data), self._id, self._retry))
                self._data, self._event, self._size = [], "", 0
            else:
                self._event = ""
        if self._size > MAXIMUM_BODY:
            raise WireError(FailureKind.TOO_LARGE, f"an event is larger than {MAXIMUM_BODY:,} bytes")
        return events

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value)
