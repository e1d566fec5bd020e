"""TLS as the wire speaks it, against servers whose certificates are made here."""

import ssl
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
import trustme

from perfgate.load.wire.failure import FailureKind
from perfgate.load.wire.stream import KERNEL_CLOCK, ByteStream
from perfgate.load.wire.tls import TlsStream, Trust
from perfgate.testing import ScriptedServer
from tests.support.asking import LIMITS, OK, ask, failure, first_stamped


def test_an_authority_of_ones_own_is_trusted_when_it_is_named(wire, certified):
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server:
        assert ask(wire, server, verify=certified.pem).body == b"hi"


@pytest.mark.skipif(not KERNEL_CLOCK, reason="only Linux stamps received segments")
def test_the_kernels_stamps_survive_tls(wire, certified):
    with ScriptedServer({"/": [OK[:-1], 0.2, OK[-1:]]}, tls=certified.server()) as server:
        answer = first_stamped(lambda: ask(wire, server, verify=certified.pem))
    assert answer.sent_ns + 0.19e9 < answer.received_ns <= answer.noticed_ns


def test_a_connection_over_tls_is_used_again(wire, certified):
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server:
        for _ in range(3):
            ask(wire, server, verify=certified.pem)
        assert server.connections == 1


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_large_bodies_come_through_tls_whole(wire, certified, version):
    content = bytes(range(256)) * 3_000
    context = certified.server()
    context.minimum_version = context.maximum_version = version
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
    with ScriptedServer({"/": [answer]}, tls=context) as server:
        fields = f"Content-Length: {len(content)}\r\n"
        assert ask(wire, server, method="POST", fields=fields, body=content, verify=certified.pem).body == content
        assert server.requests[0].endswith(content)


def test_a_body_without_length_ends_with_the_connection(wire, certified):
    script = {"/": [b"HTTP/1.1 200 OK\r\n\r\nto the end", ScriptedServer.CLOSE]}
    with ScriptedServer(script, tls=certified.server()) as server:
        assert ask(wire, server, verify=certified.pem).body == b"to the end"


def yesterday():
    return datetime.now(timezone.utc) - timedelta(days=1)


@pytest.mark.parametrize(
    ("names", "options", "trusted"),
    [
        ((), {}, False),
        (("other.example.com",), {}, True),
        ((), {"not_after": yesterday(), "not_before": yesterday() - timedelta(days=1)}, True),
        ((), {"not_before": yesterday() + timedelta(days=3)}, True),
    ],
    ids=["unknown authority", "another host", "expired", "not valid yet"],
)
def test_certificates_that_prove_nothing_are_tls_failures(wire, certified, names, options, trusted):
    with ScriptedServer({"/": [OK]}, tls=certified.server(*names, **options)) as server:
        assert failure(wire, server, verify=certified.pem if trusted else True) is FailureKind.TLS
        assert ask(wire, server, verify=False).body == b"hi"


def test_the_environment_can_name_authorities_for_everything(wire, certified, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certified.pem)
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server:
        assert ask(wire, server).body == b"hi"


def test_naming_an_authority_trusts_no_other(wire, certified, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server:
        assert failure(wire, server, verify=str(other)) is FailureKind.TLS
    assert len(Trust().context(str(other), None, "http/1.1").get_ca_certs()) == 1


@pytest.mark.parametrize(("host", "named"), [("localhost", "localhost"), ("127.0.0.1", None)])
def test_the_service_hears_which_name_was_meant(wire, certified, host, named):
    heard = []
    context = certified.server()
    context.sni_callback = lambda _, name, __: heard.append(name)
    with ScriptedServer({"/": [OK]}, tls=context) as server:
        ask(wire, server.url.replace("127.0.0.1", host), verify=certified.pem)
    assert heard == [named]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_is_shown_where_there_is_one(wire, certified, version):
    context = certified.server(ask_for_cert=True)
    context.minimum_version = context.maximum_version = version
    with ScriptedServer({"/": [OK]}, tls=context) as server:
        assert ask(wire, server, verify=certified.pem, cert=certified.both).body == b"hi"
        assert ask(wire, server, verify=certified.pem, cert=(certified.chain, certified.key)).body == b"hi"
        assert failure(wire, server, verify=certified.pem) is FailureKind.TLS


def test_a_service_that_closes_in_the_handshake_is_a_tls_failure(wire):
    for hello in ([ScriptedServer.CLOSE], [None]):
        with RudeAtHandshake(hello) as server:
            assert failure(wire, server.url.replace("http:", "https:")) is FailureKind.TLS


def test_a_service_that_says_nothing_in_the_handshake_costs_the_time_to_connect(wire):
    with RudeAtHandshake([60.0]) as server:
        limits = LIMITS._replace(connect=0.2, answer=60.0)
        assert failure(wire, server.url.replace("http:", "https:"), limits=limits) is FailureKind.TIMEOUT


class RudeAtHandshake(ScriptedServer):
    """Takes a client's hello for a request, and answers it with `pieces`."""

    def __init__(self, pieces):
        super().__init__({})
        self._pieces = pieces

    def _serve(self, connection):
        connection.recv(65_536)
        self._answer(connection, self._pieces)


def test_plain_http_to_a_tls_port_is_no_answer(wire, certified):
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server:
        kind = failure(wire, server.url.replace("https:", "http:"))
    assert kind in (FailureKind.PROTOCOL, FailureKind.RESET)


def test_one_round_trip_with_each_kind_of_trust_does_not_mix_them(wire, certified):
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server:
        assert ask(wire, server, verify=False).body == b"hi"
        assert failure(wire, server, verify=True) is FailureKind.TLS
        assert ask(wire, server, verify=certified.pem).body == b"hi"


@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_user_is_given_its_trust_once(new_user, certified, transport):
    with ScriptedServer({"/": [OK]}, tls=certified.server(ask_for_cert=True)) as server:
        user, recorder = new_user(server.url, transport)
        assert user.get("/", name="unknown").status_code == 0
        user.verify, user.cert = certified.pem, certified.both
        assert (user.verify, user.cert) == (certified.pem, certified.both)
        assert user.get("/").text == "hi"
        assert user.get("/", params={"a": ["b"]}).text == "hi", "and so through requests"
    assert recorder.tally.requests["unknown"].errors == {"tls": 1}


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("transport", ["wire", "requests"])
def test_a_request_can_have_a_trust_of_its_own(new_user, certified, transport):
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server:
        user, _ = new_user(server.url, transport)
        assert user.get("/", verify=certified.pem).text == "hi"
        assert user.get("/", verify=False).text == "hi"
        assert user.get("/").error.kind is FailureKind.TLS


@pytest.mark.parametrize("transport", ["wire", "requests"])
@pytest.mark.parametrize("trust", [{"verify": "/no/such/ca.pem"}, {"cert": "/no/such/client.pem"}])
def test_files_that_are_not_there_are_the_scenarios_mistake(new_user, certified, trust, transport):
    with ScriptedServer({"/": [OK]}, tls=certified.server()) as server:
        user, recorder = new_user(server.url, transport)
        user.iterate(lambda user: user.get("/", **trust))
    assert "no/such" in next(iter(recorder.scenario_errors))
    assert recorder.tally.request_count == 0


def test_a_key_with_a_password_is_refused(wire, certified, tmp_path):
    from cryptography.hazmat.primitives import serialization

    with open(certified.key, "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with (
        ScriptedServer({"/": [OK]}, tls=certified.server()) as server,
        pytest.raises(OSError, match="no certificate with"),
    ):
        ask(wire, server, verify=certified.pem, cert=(certified.chain, str(locked)))


def test_records_that_came_together_are_read_together_and_the_end_behind_them_is_not_forgotten(certified):
    """Also where the peer says its end in TLS and leaves the connection open."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    service = certified.server().wrap_bio(incoming, outgoing, server_side=True)
    below = ServiceInMemory(service, incoming, outgoing)
    client = ssl.create_default_context(cafile=certified.pem)
    stream = TlsStream(below, client, "localhost")
    stream.handshake()
    for piece in (b"head", b"body"):
        service.write(piece)
    with pytest.raises(ssl.SSLWantReadError):
        service.unwrap()
    assert [stream.receive() for _ in range(3)] == [b"headbody", b"", b""]
    assert stream.readable()


def test_what_is_sound_is_read_before_a_record_that_is_not(certified):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    service = certified.server().wrap_bio(incoming, outgoing, server_side=True)
    below = ServiceInMemory(service, incoming, outgoing)
    stream = TlsStream(below, ssl.create_default_context(cafile=certified.pem), "localhost")
    stream.handshake()
    service.write(b"sound")
    below.spoilt = b"\x17\x03\x03\x00\x20" + bytes(32)
    assert stream.receive() == b"sound"
    with pytest.raises(ssl.SSLError):
        stream.receive()


class ServiceInMemory(ByteStream):
    """The stream to a service of which both ends are here: what it has said by now comes at once."""

    def __init__(self, service, incoming, outgoing):
        self.deadline, self.spoilt = 0.0, b""
        self._service, self._incoming, self._outgoing = service, incoming, outgoing

    @property
    def received_ns(self):
        return 0

    def send(self, data):
        self._incoming.write(data)

    def receive(self, limit=0):
        if not self._outgoing.pending:
            with suppress(ssl.SSLWantReadError):
                self._service.do_handshake()
        return self._outgoing.read() + self.spoilt

    def receive_now(self):
        return self.receive() if self._outgoing.pending else None

    def readable(self):
        return self._outgoing.pending > 0

    def close(self):
        """Nothing is open."""
