"""Headers of HTTP/2 as we pack and unpack them, against the hpack library."""

import random

import pytest
from hpack import Decoder, Encoder

from perfgate.load.wire.failure import WireError
from perfgate.load.wire.http2_headers import HeaderReader, request_block

FIELDS = [
    (b"content-type", b"application/json"),
    (b"content-length", b"39"),
    (b"date", b"Sat, 28 Nov 2026 15:00:00 GMT"),
    (b"x-request-id", b"7f3c9a52-8d1e-4c6b-b0f4-5a9e2d7c1b38"),
    (b"set-cookie", b"a=b; Path=/"),
    (b"vary", b""),
    (b"x-long", b"v" * 300),
    (b"x-" + b"n" * 140, b"a long name"),
    (b"server", b"\xff\xfe"),
]


def unpacked(block):
    return [(bytes(name), bytes(value)) for name, value in Decoder().decode(block, raw=True)]


def encoder(table):
    made = Encoder()
    made.header_table_size = table
    return made


@pytest.mark.parametrize("table", [0, 100, 4096])
@pytest.mark.parametrize("huffman", [False, True])
def test_what_a_service_packs_is_read_whether_or_not_it_keeps_a_table(table, huffman):
    chance, reader, packer = random.Random(1), HeaderReader(), encoder(table)
    for _ in range(300):
        fields = chance.sample(FIELDS, chance.randrange(len(FIELDS)))
        status = str(chance.choice((200, 204, 418))).encode()
        head = reader.read(packer.encode([(b":status", status), *fields], huffman=huffman))
        assert (head.status, head.fields) == (int(status), fields)
        assert head.length == (39 if (b"content-length", b"39") in fields else None)


def test_a_block_that_fills_a_table_is_read_anew_each_time():
    """The same bytes mean something else as soon as the table is another."""
    reader = HeaderReader()
    first, second = b"\x88\x40\x01a\x011", b"\x88\x40\x01a\x012"
    assert [reader.read(block).fields for block in (first, b"\x88\xbe", second, b"\x88\xbe", first, b"\x88\xbe")] == [
        [(b"a", value)] for value in (b"1", b"1", b"2", b"2", b"1", b"1")
    ]


def test_readers_of_two_connections_know_nothing_of_each_other():
    one, other = HeaderReader(), HeaderReader()
    one.read(b"\x88\x40\x01a\x011")
    with pytest.raises(WireError, match="cannot be unpacked"):
        other.read(b"\x88\xbe")


def test_a_service_that_keeps_no_table_may_say_so_in_any_block():
    reader = HeaderReader()
    for block in (b"\x20\x88", b"\x88", b"\x20\x20\x88", b"\x88"):
        assert reader.read(block).status == 200
    assert reader.read(b"\x88\x40\x01a\x011").fields == [(b"a", b"1")]
    with pytest.raises(WireError, match="cannot be unpacked"):
        reader.read(b"\x88\xbe")


@pytest.mark.parametrize(
    "block",
    [
        b"\x80",
        b"\xff",
        b"\xff\x80",
        b"\xc0",
        b"\x0f",
        b"\x0f\x80",
        b"\x00",
        b"\x00\x05abc",
        b"\x00\x01a",
        b"\x00\x01a\x05abc",
        b"\x00\x01a\x7f\xff\xff\xff\xff\xff\x7f",
        b"\x00\x01a\x81\x00",
        b"\x00\x01a\x84\xff\xff\xff\xff",
        b"\x3f\xe2\x1f",
        b"\x88\x20",
    ],
)
def test_what_cannot_be_unpacked_is_said_to_be_so(block):
    for before in (b"", b"\x20\x88"):
        reader = HeaderReader()
        if before:
            reader.read(before)
        with pytest.raises(WireError, match="cannot be unpacked"):
            reader.read(block)


@pytest.mark.parametrize(
    "field",
    [
        (b"", b"a"),
        (b"Upper", b"a"),
        (b"a b", b"a"),
        (b"a:b", b"a"),
        (b"a\x7f", b"a"),
        (b"a\xe9", b"a"),
        (b"a", b" a"),
        (b"a", b"a\t"),
        (b"a", b"a\nb"),
        (b"a", b"a\0"),
        (b"connection", b"close"),
        (b"transfer-encoding", b"chunked"),
        (b":path", b"/"),
        (b":status", b"200"),
        (b":unknown", b"a"),
        (b"content-length", b"+5"),
        (b"content-length", b"-1"),
        (b"content-length", b"a"),
    ],
)
@pytest.mark.parametrize("table", [0, 4096])
def test_headers_that_http_2_does_not_have_are_refused(field, table):
    packer, reader = encoder(table), HeaderReader()
    reader.read(packer.encode([(b":status", b"200")]))
    for _ in range(2):
        with pytest.raises(WireError):
            reader.read(packer.encode([(b":status", b"200"), field]))


@pytest.mark.parametrize("status", [b"99", b"1000", b"0200", b"abc", b"", b"2\xb22"])
def test_a_status_has_three_digits(status):
    with pytest.raises(WireError, match="no status"):
        HeaderReader().read(encoder(0).encode([(b":status", status)]))


def test_a_status_stands_before_all_else():
    with pytest.raises(WireError, match="wrong place"):
        HeaderReader().read(encoder(0).encode([(b"a", b"b"), (b":status", b"200")]))


def test_trailers_have_no_status():
    assert HeaderReader().read(encoder(0).encode([(b"checksum", b"5")])) == (0, None, [(b"checksum", b"5")])


def test_more_headers_than_a_client_wants_are_refused():
    with pytest.raises(WireError, match="cannot be unpacked"):
        HeaderReader().read(b"\x88" + b"\xa0" * 2_000)


def test_a_request_is_packed_as_every_decoder_reads_it():
    fields = "Host: shop.example:8080\r\nUser-Agent: x\r\nX-Empty:\r\nAccept-Encoding: gzip, deflate\r\n"
    fields += "Connection: close\r\nAuthorization: Bearer mine\r\nX-Long: " + "v" * 200 + "\r\n"
    for target in ("/", "/pets?a=1", "/" + "p" * 300):
        assert unpacked(request_block("PATCH", target, fields, "https", "unused")) == [
            (b":method", b"PATCH"),
            (b":path", target.encode()),
            (b":scheme", b"https"),
            (b":authority", b"shop.example:8080"),
            (b"user-agent", b"x"),
            (b"x-empty", b""),
            (b"accept-encoding", b"gzip, deflate"),
            (b"authorization", b"Bearer mine"),
            (b"x-long", b"v" * 200),
        ]


def test_a_request_without_a_host_goes_to_the_one_of_its_route():
    assert (b":authority", b"localhost:1") in unpacked(request_block("GET", "/", "", "http", "localhost:1"))


def test_secrets_are_put_into_no_table_on_their_way():
    block = request_block("GET", "/", "Authorization: Bearer mine\r\nCookie: a=b\r\n", "http", "localhost")
    kinds = {bytes(field[0]): type(field).__name__ for field in Decoder().decode(block, raw=True)}
    assert [kinds[name] for name in (b"authorization", b"cookie", b":path")] == [
        "NeverIndexedHeaderTuple",
        "NeverIndexedHeaderTuple",
        "HeaderTuple",
    ]
