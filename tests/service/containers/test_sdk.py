"""Containers need an extra; everything else works without it."""

import subprocess
import sys

import pytest

from perfgate.testing.scripted import ScriptedServer
from tests.support.paths import ROOT

OPEN = """
import sys

sys.modules["docker"] = None  # as if it were not installed

from perfgate.errors import PerfgateError
from perfgate.service.opening import open_target
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import parse_target

try:
    with open_target(parse_target(sys.argv[1]), LaunchContext(ServiceSettings(build="."))) as service:
        print(service.instance.url)
except PerfgateError as error:
    print(error.message, error.hint, int(error.exit_code))
"""


def opened(target: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", OPEN, target], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert not done.stderr, done.stderr
    return done.stdout.strip()


def test_a_url_is_opened_as_ever() -> None:
    with ScriptedServer({"/": [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]}) as server:
        assert opened(server.url) == server.url


@pytest.mark.parametrize("target", ["image:nginx", "ref:HEAD"])
def test_what_needs_containers_says_how_to_get_the_sdk(target: str) -> None:
    assert opened(target).endswith("pip install 'perfgate[docker]' 2")
