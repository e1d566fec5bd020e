"""The embedded petstore for tests: real children, real HTTP. Fixtures, for a conftest to import."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests

from perfgate.service.opening import open_target
from perfgate.service.own_service import OwnService
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target


def opened(text: str) -> OwnService:
    service = open_target(parse_target(text), LaunchContext())
    assert isinstance(service, OwnService)
    return service


@pytest.fixture
def open_petstore() -> Iterator[Callable[[str], OwnService]]:
    """Opens petstores by their target string and stops them after the test."""
    with ExitStack() as stack:
        yield lambda text: stack.enter_context(opened(text))


@pytest.fixture(scope="module")
def petstore() -> Iterator[OwnService]:
    """One petstore for all tests of a file."""
    with opened("petstore") as service:
        yield service


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session
