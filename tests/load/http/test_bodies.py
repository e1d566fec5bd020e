"""Bodies: sent in pieces, taken in pieces, packed, and too large."""

import gzip
import io
import zlib

import pytest
from urllib3.util.request import ACCEPT_ENCODING

from perfgate.load.wire.failure import FailureKind
from perfgate.testing import ScriptedServer
from tests.support.asking import LIMITS, OK, ask, failure

TEXT = b'{"name": "doggie", "tags": ["a", "b"]}\nsecond line\nthird line'


def answer(body, *headers):
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunks(*pieces):
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("transport", ["wire", "requests"])
@pytest.mark.parametrize("pieces", [[b"one", b"two"], ["ö", "ne"], [b"", b"after nothing"], []])
def test_a_generator_is_sent_in_chunks(new_user, transport, pieces):
    with ScriptedServer({"/": [OK]}) as server:
        user, recorder = new_user(server.url, transport)
        assert user.post("/", data=(piece for piece in pieces)).text == "hi"
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    assert body == chunks(*[piece.encode() if isinstance(piece, str) else piece for piece in pieces if piece])
    if transport == "wire":
        assert recorder.tally.data_sent == len(server.requests[0])


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_file_is_sent_with_its_length(new_user, transport, tmp_path):
    content = bytes(range(256)) * 1_000
    (tmp_path / "photo").write_bytes(content)
    with ScriptedServer({"/": [OK]}) as server, open(tmp_path / "photo", "rb") as file:
        user, _ = new_user(server.url, transport)
        file.seek(1_000)
        assert user.put("/", data=file).text == "hi"
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"Content-Length: 255000" in head
    assert body == content[1_000:]


def test_files_go_as_a_form(new_user):
    with ScriptedServer({"/": [OK]}) as server:
        user, _ = new_user(server.url)
        user.post("/", data={"kind": "dog"}, files={"photo": ("dog.png", io.BytesIO(b"\x89PNG"), "image/png")})
    assert b'name="photo"; filename="dog.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n' in server.requests[0]


def test_a_generator_is_read_as_it_is_sent(wire):
    with ScriptedServer({"/": [OK]}) as server:
        body = (bytes(2**18) for _ in range(16))
        answered = ask(wire, server, method="POST", fields="Transfer-Encoding: chunked\r\n", body=body)
    assert answered.body == b"hi"
    assert answered.sent_bytes == len(server.requests[0]) > 2**22


@pytest.mark.parametrize("error", [KeyError("row"), FileNotFoundError("photo.png"), ConnectionResetError("database")])
def test_a_generator_that_fails_is_the_scenarios_mistake(new_user, error):
    def body():
        yield b"one"
        raise error

    with ScriptedServer({"/": [OK]}) as server:
        user, recorder = new_user(server.url)
        user.iterate(lambda user: user.post("/", data=body()))
    assert type(error).__name__ in next(iter(recorder.scenario_errors))
    assert recorder.tally.request_count == 0


def test_a_body_that_is_no_body_is_the_scenarios_mistake(new_user):
    with ScriptedServer({"/": [OK]}) as server:
        user, recorder = new_user(server.url)
        user.iterate(lambda user: user.post("/", data=iter([1, 2])))
    assert "TypeError" in next(iter(recorder.scenario_errors))


def test_a_streamed_body_is_not_sent_twice(wire):
    with ScriptedServer({"/": [OK], "/once": [ScriptedServer.CLOSE]}) as server:
        ask(wire, server)
        body = {"fields": "Transfer-Encoding: chunked\r\n", "body": iter([b"one"])}
        assert failure(wire, server, path="/once", method="PUT", **body) is FailureKind.RESET
        assert sum(b"/once" in request for request in server.requests) == 1


def test_an_answer_to_half_a_request_is_an_answer(wire):
    """As a service gives that finds a body too large: it answers, and hears no more."""
    with HastyServer({}) as server:
        for body in (bytes(10_000_000), iter([bytes(2**20)] * 10)):
            answered = ask(wire, server, method="POST", fields="Content-Length: 10485760\r\n", body=body)
            assert (answered.status, answered.body) == (413, b"no")


TOO_LARGE = b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"


class HastyServer(ScriptedServer):
    """Answers as soon as it has seen the first bytes of a request."""

    def _serve(self, connection):
        connection.recv(100)
        connection.sendall(TOO_LARGE)
        connection.shutdown(1)  # the rest is never read: what comes after this is answered with a reset
        connection.recv(100)


@pytest.mark.parametrize("transport", ["wire", "requests"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_is_handed_out_in_pieces_too(new_user, transport, stream, packed):
    body = answer(gzip.compress(TEXT), b"Content-Encoding: gzip") if packed else answer(TEXT)
    with ScriptedServer({"/": [body]}) as server:
        user, recorder = new_user(server.url, transport)
        with user.get("/", stream=stream) as response:
            assert list(response.iter_lines()) == TEXT.split(b"\n")
        assert b"".join(user.get("/", stream=stream).iter_content(7)) == TEXT
        assert b"".join(user.get("/", stream=stream)) == TEXT
        assert user.get("/", stream=stream).text.splitlines()[1] == "second line"
    assert recorder.tally.requests["GET /"].ok.count == 4


def test_an_answer_is_whole_before_it_is_handed_out_unless_it_is_streamed(new_user):
    with ScriptedServer({"/": [answer(TEXT)[:-1], 0.2, TEXT[-1:]]}) as server:
        user, recorder = new_user(server.url)
        assert next(user.get("/").iter_content(3)) == TEXT[:3]
        assert recorder.tally.requests["GET /"].ok.minimum > 0.19e9
        response = user.get("/", stream=True)
        pieces = response.iter_content(3)
        assert next(pieces) == TEXT[:3]
        assert recorder.tally.requests["GET /"].ok.count == 1
        assert TEXT[:3] + b"".join(pieces) == TEXT
        assert recorder.tally.requests["GET /"].ok.count == 2


def test_the_encoding_of_a_response_can_be_set(new_user):
    with ScriptedServer({"/": [answer("ä".encode("latin-1"), b"Content-Type: text/plain; charset=utf-8")]}) as server:
        user, _ = new_user(server.url)
        response = user.get("/")
        assert response.encoding == "utf-8"
        response.encoding = "latin-1"
        assert response.text == "ä"


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def brotli(data):
    return pytest.importorskip("brotli").compress(data)


def zstd(data):
    try:
        from compression import zstd as library
    except ImportError:
        library = pytest.importorskip("backports.zstd")
    return library.compress(data)


def twice(data):
    """Two packed parts in a row, as logs have them."""
    return gzip.compress(data) * 2


PACKERS = {
    "gzip": [("gzip", gzip.compress), ("gzip", twice)],
    "deflate": [("deflate", zlib.compress), ("deflate", raw_deflate)],
    "br": [("br", brotli)],
    "zstd": [("zstd", zstd)],
}
INSTALLED = [packer for name in ACCEPT_ENCODING.split(",") for packer in PACKERS[name]]


def test_what_can_be_unpacked_is_asked_for(new_user):
    with ScriptedServer({"/": [OK]}) as server:
        user, _ = new_user(server.url)
        user.get("/")
    assert f"Accept-Encoding: {ACCEPT_ENCODING.replace(',', ', ')}\r\n".encode() in server.requests[0]


@pytest.mark.parametrize("params", [None, {"a": ["b"]}], ids=["short way", "requests"])
@pytest.mark.parametrize(("name", "pack"), INSTALLED, ids=[name for name, _ in INSTALLED])
def test_packed_bodies_are_unpacked(new_user, name, pack, params):
    packed = pack(TEXT)
    with ScriptedServer({"/": [answer(packed, b"Content-Encoding: " + name.encode())]}) as server:
        user, recorder = new_user(server.url)
        response = user.get("/", params=params)
    assert response.content == TEXT * (2 if pack is twice else 1)
    assert response.headers["Content-Encoding"] == name
    assert recorder.tally.data_received == len(answer(packed)) + len(f"\r\nContent-Encoding: {name}")


def test_a_body_can_be_packed_more_than_once(new_user):
    body = answer(gzip.compress(zlib.compress(TEXT)), b"Content-Encoding: deflate, gzip")
    with ScriptedServer({"/": [body]}) as server:
        user, _ = new_user(server.url)
        assert user.get("/").content == TEXT


def test_an_encoding_that_nobody_knows_is_left_as_it_is(new_user):
    with ScriptedServer({"/": [answer(b"abc", b"Content-Encoding: rot13")]}) as server:
        user, _ = new_user(server.url)
        assert user.get("/").content == b"abc"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_can_be_packed_too(new_user, method):
    with ScriptedServer({"/": [answer(b"", b"Content-Encoding: gzip")]}) as server:
        user, _ = new_user(server.url)
        assert user.request(method, "/").content == b""


BOMB = gzip.compress(bytes(80 * 2**20), 6)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"this is not packed", FailureKind.PROTOCOL),
        (gzip.compress(TEXT)[:-8] + b"\x00" * 8, FailureKind.PROTOCOL),
        (BOMB, FailureKind.TOO_LARGE),
    ],
    ids=["not packed", "wrong sum", "bomb"],
)
@pytest.mark.parametrize("params", [None, {"a": ["b"]}], ids=["short way", "requests"])
def test_a_body_that_cannot_be_unpacked_is_a_failure(new_user, body, kind, params):
    with ScriptedServer({"/": [answer(body, b"Content-Encoding: gzip")]}) as server:
        user, recorder = new_user(server.url)
        assert user.get("/", params=params).error.kind is kind
    assert recorder.tally.requests["GET /"].errors == {kind.value: 1}


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 5000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n4c4b40\r\n", b"\r\n"],
    ids=["length", "chunk", "no length"],
)
def test_a_body_beyond_the_limit_is_too_large(wire, head):
    with ScriptedServer({"/": [b"HTTP/1.1 200 OK\r\n" + head, bytes(5_000_000)]}) as server:
        assert failure(wire, server, limits=LIMITS._replace(body=1_000_000)) is FailureKind.TOO_LARGE
