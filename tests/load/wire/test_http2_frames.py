"""Bytes of HTTP/2 to our client: frame by frame, and against a client by the h2 library."""

import random

import pytest
from hpack import Decoder

from perfgate.load.wire.failure import FailureKind
from perfgate.load.wire.http2 import Http2Connection
from perfgate.load.wire.interface import Limits, Request, Route
from tests.support.h2_client import H2Client, Recorded, heard, no_answer_differs
from tests.support.http2_server import frame, go_away
from tests.support.spoiled_http2 import OK, SEEDS, SETTINGS, packed

LIMITS = Limits(5.0, 5.0, 1_000_000)
END, ACK, END_HEADERS, PADDED, PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
OK_AND_END = frame(0x1, 1, OK, END_HEADERS) + frame(0x0, 1, b'{"id": 1}', END)


def exchanged(pieces, *requests):
    """What was written for each request."""
    stream = Recorded(pieces)
    connection = Http2Connection(stream, Route("http", "localhost", 80))
    written = []
    for method, body in requests:
        connection.exchange(Request(method, "/pets", "Host: localhost\r\n", body), LIMITS)
        written.append(stream.written)
        stream.written = []
    return written


def frames_of(data):
    """(kind, flags, stream, payload) of each frame."""
    while data:
        size = int.from_bytes(data[:3], "big")
        yield data[3], data[4], int.from_bytes(data[5:9], "big"), data[9 : 9 + size]
        data = data[9 + size :]


def test_a_request_is_one_write_and_streams_are_odd():
    answers = [SETTINGS + OK_AND_END, OK_AND_END.replace(b"\0\0\0\x01", b"\0\0\0\x03")]
    first, second = exchanged(answers, ("GET", b""), ("POST", b"body"))
    assert [kind for kind, *_ in frames_of(first[0].removeprefix(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))] == [4, 8, 1]
    assert [list(frames_of(data)) for data in first[1:]] == [[(4, ACK, 0, b"")]]
    (written,) = second
    (kind, flags, stream, _), data = frames_of(written)
    assert (kind, flags, stream, data) == (1, END_HEADERS, 3, (0, END, 3, b"body"))


def test_headers_larger_than_a_frame_go_on_in_continuations():
    stream = Recorded([SETTINGS + OK_AND_END])
    fields = "Host: localhost\r\n" + "".join(f"x-{number}: {'v' * 1000}\r\n" for number in range(40))
    Http2Connection(stream, Route("http", "localhost", 80)).exchange(Request("GET", "/", fields, b""), LIMITS)
    _, _, *sent = frames_of(stream.written[0].removeprefix(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
    assert [(kind, flags) for kind, flags, *_ in sent] == [(1, END), (9, 0), (9, END_HEADERS)]
    assert max(len(payload) for *_, payload in sent) == 16_384
    assert len(list(Decoder(100_000).decode(b"".join(payload for *_, payload in sent)))) == 44


def test_a_service_that_keeps_a_smaller_table_hears_that_we_keep_none():
    """RFC 7541, 4.2: a decoder with a smaller table refuses a block that does not say so."""
    answers = [frame(0x4, 0, b"\0\x01\0\0\0\0") + OK_AND_END]
    answers += [OK_AND_END.replace(b"\0\0\0\x01", bytes((0, 0, 0, number))) for number in (3, 5)]
    blocks = [next(frames_of(data[0]))[3] for data in exchanged(answers, *[("POST", b"")] * 3)[1:]]
    decoder = Decoder()
    decoder.max_allowed_table_size = 0
    assert [len(list(decoder.decode(block))) for block in blocks] == [4, 4]
    assert [block[:1] == b"\x20" for block in blocks] == [True, False]


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (frame(0x1, 1, OK[:3]) + frame(0x9, 1, b"") + frame(0x9, 1, OK[3:], END_HEADERS), 200),
        (frame(0x1, 1, b"\x02" + OK + b"\0\0", END_HEADERS | PADDED), 200),
        (frame(0x1, 1, b"\0\0\0\0\x10" + OK, END_HEADERS | PRIORITY), 200),
        (frame(0x1, 1, b"\x01\0\0\0\0\x10" + OK + b"\0", END_HEADERS | PRIORITY | PADDED), 200),
        (frame(0x2, 1, b"\0\0\0\0\x10") + frame(0xBE, 7, b"grease") + frame(0x1, 1, OK, END_HEADERS), 200),
        (frame(0x6, 0, bytes(8), ACK) + frame(0x3, 7, bytes(4)) + frame(0x1, 1, OK, END_HEADERS), 200),
        (frame(0x8, 0, b"\0\0\0\x01") + frame(0x8, 1, b"\0\0\0\x01") + frame(0x1, 1, OK, END_HEADERS), 200),
        (frame(0x1, 1, packed((":status", "103")), END_HEADERS) + frame(0x1, 1, OK, END_HEADERS), 200),
        (frame(0x1, 1, packed((":status", "103")), END_HEADERS | END), None),
        (frame(0x1, 1, OK, END_HEADERS) * 2, None),
        (frame(0x1, 1, OK), None),
        (frame(0x1, 1, b"\x40" + OK, END_HEADERS | PADDED), None),
        (frame(0x1, 1, b"\0\0\0\x01\x10" + OK, END_HEADERS | PRIORITY), None),
        (frame(0x1, 3, OK, END_HEADERS), None),
        (frame(0x1, 1, b"", END_HEADERS), None),
        (frame(0x1, 1, OK[:3]) + frame(0x6, 0, bytes(8)), None),
        (frame(0x1, 1, OK) + frame(0x9, 3, b"", END_HEADERS), None),
        (frame(0x1, 1, OK) + frame(0x9, 1, bytes(16_000)) * 5, None),
        (frame(0x2, 0, b"\0\0\0\0\x10"), None),
        (frame(0x3, 0, bytes(4)), None),
        (frame(0x3, 1, bytes(3)), None),
        (frame(0x4, 1, b""), None),
        (frame(0x4, 0, bytes(6), ACK), None),
        (frame(0x4, 0, b"\0\x02\0\0\0\x01"), None),
        (frame(0x4, 0, b"\0\x05\0\0\0\x01"), None),
        (frame(0x6, 1, bytes(8)), None),
        (frame(0x7, 1, bytes(8)), None),
        (frame(0x8, 3, b"\0\0\0\x01"), None),
    ],
)
def test_frames_are_taken_as_the_standard_says(given, answer):
    data = SETTINGS + given + frame(0x0, 1, b'{"id": 1}', END)
    for size in (len(data), 1):
        found = heard(Http2Connection, [data[at : at + size] for at in range(0, len(data), size)])[0]
        assert (None if found is FailureKind.PROTOCOL else found[0]) == answer


def test_trailers_end_a_body_that_is_whole():
    trailers = frame(0x1, 1, packed(("sum", "1")), END_HEADERS | END)
    start = SETTINGS + frame(0x1, 1, OK, END_HEADERS)
    assert heard(Http2Connection, [start + frame(0x0, 1, b'{"id": 1}') + trailers])[0][2] == b'{"id": 1}'
    assert heard(Http2Connection, [start + frame(0x0, 1, b'{"id": ') + trailers]) == [FailureKind.PROTOCOL]


def test_padding_counts_for_the_window_and_not_for_the_body():
    padded = frame(0x0, 1, b"\x02hi\0\0", PADDED)
    given = SETTINGS + frame(0x1, 1, packed((":status", "200")), END_HEADERS) + padded * 3 + frame(0x0, 1, b"", END)
    assert heard(Http2Connection, [given])[0][2] == b"hihihi"


def test_an_answer_to_head_has_no_body_whatever_its_length():
    given = SETTINGS + frame(0x1, 1, OK, END_HEADERS | END)
    assert heard(Http2Connection, [given], "HEAD")[0][0] == 200
    assert heard(Http2Connection, [SETTINGS + OK_AND_END], "HEAD") == [FailureKind.PROTOCOL]


def test_a_service_that_says_goodbye_with_its_answer_gets_no_more_requests():
    for given in (
        go_away(1, 0) + OK_AND_END,
        OK_AND_END + go_away(1, 0),
        OK_AND_END + frame(0x4, 0, b"\0\x03\0\0\0\0"),
    ):
        assert len(heard(Http2Connection, [SETTINGS + given])) == 1


class Deaf(Recorded):
    """Hears the first write, and no other."""

    def send(self, data):
        if self.written:
            raise BrokenPipeError
        super().send(data)


def test_what_was_said_before_a_service_stopped_to_hear_still_counts():
    connection = Http2Connection(Deaf([SETTINGS, OK_AND_END]), Route("http", "localhost", 80))
    assert connection.exchange(Request("GET", "/", "", b""), LIMITS).status == 200
    assert not connection.reusable


def test_ours_and_h2_hear_the_same():
    """All but a few: h2 minds a bit that is reserved, and lets pass a GOAWAY that names a stream."""
    chance = random.Random(1)
    differing = 0
    for _ in range(1_500):
        pieces, method = spoiled(chance), chance.choice(("GET", "HEAD"))
        ours, theirs = heard(Http2Connection, pieces, method), heard(H2Client, pieces, method)
        assert no_answer_differs(ours, theirs), pieces
        differing += ours != theirs
    assert differing < 30


def spoiled(chance):
    """One of the seeds with a few bytes changed, in pieces."""
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        at = chance.randrange(len(data))
        change = chance.randrange(4)
        if change == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif change == 1:
            data[at] = chance.choice(b"\x00\x01\x04\x05\x20\x3f\x40\x7f\x80\xff")
        elif change == 2:
            data[at:at] = frame(chance.randrange(10), chance.randrange(4), bytes(chance.choice((0, 4, 5, 6, 8))), 0x5)
        else:
            del data[at : at + chance.choice((1, 2, 9))]
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.choice((0, 0, 1, 3))))
    return [bytes(data[at:to]) for at, to in zip([0, *cuts], [*cuts, len(data)], strict=True) if at < to]
