"""Events out of the bytes of a stream."""

import pytest

from perfgate.load.http.server_events import EventParser, ServerEvent
from perfgate.load.wire.failure import WireError


def found(*pieces):
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\n\ndata: two\n\n", [("message", "one"), ("message", "two")]),
        (
            b"data: one\r\n\r\ndata:two\r\rdata:  three\n\n",
            [("message", "one"), ("message", "two"), ("message", " three")],
        ),
        (b"event: add\ndata: 1\ndata\ndata: 2\n\n", [("add", "1\n\n2")]),
        (b": still there\n\n: and there\n\ndata: x\n\n", [("message", "x")]),
        (b"event: empty\n\ndata: x\n\n", [("message", "x")]),
        (b"\xef\xbb\xbfdata: bom\n\n", [("message", "bom")]),
        (b"data: half of it", []),
        ("data: ä€😀\n\n".encode(), [("message", "ä€😀")]),
        (b"data: \xff\n\n", [("message", "\ufffd")]),
        (b"unknown: x\nid: a\0b\nretry: soon\ndata: x\n\n", [("message", "x")]),
    ],
    ids=["LF", "CRLF and CR", "lines", "comments", "no data", "BOM", "no end", "UTF-8", "no UTF-8", "unknown fields"],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_events_are_those_of_the_standard_however_the_bytes_come(stream, events, size):
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert [(event.event, event.data) for event in found(*pieces)] == events


def test_an_event_knows_the_last_id_and_how_long_to_wait():
    assert found(b"id: 7\nretry: 100\ndata: x\n\ndata: y\n\nid\ndata: z\n\n") == [
        ServerEvent("message", "x", "7", 100),
        ServerEvent("message", "y", "7", 100),
        ServerEvent("message", "z", "", 100),
    ]


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 1000, b"data: " + b"x" * 1000 + b"\n"], ids=["line", "lines"])
def test_an_event_without_an_end_is_too_large(piece, monkeypatch):
    monkeypatch.setattr("perfgate.load.http.server_events.MAXIMUM_BODY", 100_000)
    parser = EventParser()
    for _ in range(90):
        parser.feed(piece)
    with pytest.raises(WireError, match="an event is larger than 100,000 bytes"):
        parser.feed(piece * 20)
