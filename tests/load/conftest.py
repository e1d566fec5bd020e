"""What the load tests share: users in this process, on our wire."""

import socket
import ssl
from contextlib import closing
from types import SimpleNamespace

import gevent
import pytest
import trustme

from perfgate.load.generator.recorder import RoundRecorder
from perfgate.load.generator.unique_ids import UniqueIds
from perfgate.load.generator.user import User
from perfgate.load.http.requests_session import RequestsSession
from perfgate.load.http.session import Session
from perfgate.load.wire.connector import Connector
from perfgate.load.wire.http_wire import HttpWire, new_wire
from perfgate.load.wire.stream import Deadlines
from perfgate.metrics.request_names import Names
from tests.support.nginx_server import Nginx


@pytest.fixture
def deadlines():
    deadlines = Deadlines()
    yield deadlines
    deadlines.stop()
    assert len(deadlines) == 0, "a connection was left open"


@pytest.fixture
def connector(deadlines):
    return Connector(deadlines)


@pytest.fixture
def wire(connector):
    wire = HttpWire(connector)
    yield wire
    wire.close()


@pytest.fixture
def wire2(connector):
    """The same for HTTP/2."""
    wire = new_wire(connector, "2", keep_alive=True)
    yield wire
    wire.close()


@pytest.fixture
def new_session(connector):
    sessions = []

    def make(url, transport="wire", timeout=20.0, http_version="1.1"):
        if transport == "requests":
            session: Session | RequestsSession = RequestsSession(url, timeout, keep_alive=True)
        else:
            session = Session(url, new_wire(connector, http_version, keep_alive=True), timeout)
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def new_user(new_session):
    """A user and the recorder that it counts into."""

    def make(url, transport="wire", rows=(), seed="1", http_version="1.1"):
        row_of = lambda vu, iteration: rows[iteration % len(rows)] if rows else None  # noqa: E731
        user = User(
            0, new_session(url, transport, http_version=http_version), UniqueIds(1, 0, 1), {"shared": True}, row_of
        )
        recorder = RoundRecorder(Names())
        user.enter(recorder, float("inf"), seed)
        return user, recorder

    return make


@pytest.fixture(scope="session")
def certified(tmp_path_factory):
    """An authority that nobody knows: `pem` is its certificate, `server(...)` a context with one that it signed."""
    authority = trustme.CA()
    folder = tmp_path_factory.mktemp("ca")
    pem = folder / "ca.pem"
    authority.cert_pem.write_to_path(pem)

    def server(*names, ask_for_cert=False, **options):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(names or ("localhost", "127.0.0.1", "::1")), **options).configure_cert(context)
        if ask_for_cert:
            context.verify_mode = ssl.CERT_REQUIRED
            authority.configure_trust(context)
        return context

    client = authority.issue_cert("client@example.com")
    both, chain, key = folder / "both.pem", folder / "chain.pem", folder / "key.pem"
    client.private_key_and_cert_chain_pem.write_to_path(both)
    client.cert_chain_pems[0].write_to_path(chain)
    client.private_key_pem.write_to_path(key)
    return SimpleNamespace(
        pem=str(pem), server=server, both=str(both), chain=str(chain), key=str(key), authority=authority
    )


@pytest.fixture(scope="session")
def nginx(tmp_path_factory, certified):
    server = Nginx(tmp_path_factory.mktemp("nginx"), certified.authority.issue_cert("localhost", "127.0.0.1"))
    yield server
    server.stop()


@pytest.fixture
def silent():
    """An address whose queue of connections is full, so that the kernel drops whoever else wants in."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        gevent.sleep(0.1)
        yield listener.getsockname()
        for each in waiting:
            each.close()
