"""What the load tests share: users in this process, on our wire."""

import pytest

from perfgate.load.account import RoundAccount
from perfgate.load.connecting import Connector
from perfgate.load.http_wire import HttpWire
from perfgate.load.ids import UniqueIds
from perfgate.load.naming import Names
from perfgate.load.requests_session import RequestsSession
from perfgate.load.session import Session
from perfgate.load.stream import Deadlines
from perfgate.load.user import User


@pytest.fixture
def deadlines():
    deadlines = Deadlines()
    yield deadlines
    deadlines.stop()


@pytest.fixture
def new_session(deadlines):
    sessions = []

    def make(url, transport="wire", timeout=5.0):
        if transport == "requests":
            session = RequestsSession(url, timeout, keep_alive=True)
        else:
            session = Session(url, HttpWire(Connector(deadlines)), timeout)
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def new_user(new_session):
    """A user and the account that it counts into."""

    def make(url, transport="wire", rows=(), seed="1"):
        row_of = lambda vu, iteration: rows[iteration % len(rows)] if rows else None  # noqa: E731
        user = User(0, new_session(url, transport), UniqueIds(1, 0, 1), {"shared": True}, row_of)
        account = RoundAccount(Names())
        user.enter(account, float("inf"), seed)
        return user, account

    return make
