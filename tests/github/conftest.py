"""A GitHub on this machine, and a way to talk to it in which waiting takes no time."""

import pytest
import requests

from perfgate.github.api import Api, Patience
from perfgate.testing import FakeGitHub


class Waits(list):
    """A clock that stands still but for what is slept, and remembers it."""

    def sleep(self, seconds):
        self.append(seconds)

    def now(self):
        return 1_767_225_600.0 + sum(self)


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def github():
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def api(github, waits):
    with requests.Session() as session:
        yield Api(session, github.url, "a-secret-token", Patience(waits.sleep, waits.now))
