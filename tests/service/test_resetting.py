"""Before a round: is the service there, and is it set back as the settings say."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from perfgate.errors import TargetError
from perfgate.service import resetting
from perfgate.service.opening import open_target
from perfgate.service.processes.owned_processes import is_alive
from perfgate.service.resetting import prepare_round
from perfgate.service.settings import HttpCall, LaunchContext, ServiceSettings
from perfgate.service.target import parse_target
from perfgate.testing.scripted import ScriptedServer

OK = [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]
BROKEN = [b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"]


def prepare(url: str, reset: tuple[str, ...] | HttpCall | None, folder: Path = Path()) -> None:
    settings = ServiceSettings(reset=reset, ready_timeout=30.0, env={"STORE": "{side}.db"})
    context = LaunchContext(settings, folder=folder, environment={"PATH": os.environ["PATH"], "GH_TOKEN": "secret"})
    target = parse_target(url)
    with open_target(target, context) as service:
        prepare_round(target, service, context)


def test_a_call_goes_to_the_root_of_the_service_and_then_it_must_be_ready() -> None:
    with ScriptedServer({"/api": OK, "/reset": OK}) as server:
        prepare(f"{server.url}/api", HttpCall("POST", "/reset?all=1"))
        asked = [request.split(b" HTTP")[0] for request in server.requests]
    assert asked == [b"GET /api", b"POST /reset?all=1", b"GET /api"]


def test_a_call_that_is_refused_is_told() -> None:
    refused = pytest.raises(TargetError, match="POST /reset answered 500")
    with ScriptedServer({"/": OK, "/reset": BROKEN}) as server, refused as caught:
        prepare(server.url, HttpCall("POST", "/reset"))
    assert "[service]" in caught.value.hint


def test_a_command_runs_in_the_folder_and_knows_the_url(tmp_path: Path) -> None:
    words = (sys.executable, "-c", "import sys; open('url', 'w').write(sys.argv[1])", "{url}/reset")
    with ScriptedServer({"/": OK}) as server:
        prepare(server.url, words, tmp_path)
        assert (tmp_path / "url").read_text() == f"{server.url}/reset"


def test_a_command_has_the_variables_of_the_service_and_no_token(tmp_path: Path) -> None:
    with ScriptedServer({"/": OK}) as server:
        prepare(server.url, ("sh", "-c", 'echo "$STORE${GH_TOKEN-}" > said'), tmp_path)
    assert (tmp_path / "said").read_text() == "run.db\n"


def test_a_command_that_fails_is_told_with_its_words() -> None:
    words = (sys.executable, "-c", "print('\\x1b[31mno database'); raise SystemExit(4)")
    with ScriptedServer({"/": OK}) as server, pytest.raises(TargetError, match="exit code 4\nno database"):
        prepare(server.url, words)


def test_a_command_that_does_not_exist_is_told() -> None:
    with ScriptedServer({"/": OK}) as server, pytest.raises(TargetError, match="there-is-none could not be started"):
        prepare(server.url, ("there-is-none",))


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resetting, "_SECONDS", 2.0)
    words = ("sh", "-c", "sleep 300 & echo $! > child; wait")
    late = pytest.raises(TargetError, match="sh took longer than 2s")
    with ScriptedServer({"/": OK}) as server, late:
        prepare(server.url, words, tmp_path)
    with suppress(psutil.NoSuchProcess):
        child = psutil.Process(int((tmp_path / "child").read_text()))
        deadline = time.monotonic() + 20.0  # who is killed lives until the system has heard of it
        while is_alive(child) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not is_alive(child)


def test_nothing_to_do_asks_nothing() -> None:
    with ScriptedServer({"/": OK}) as server:
        prepare(server.url, None)
        assert [request.split(b" ")[0] for request in server.requests] == [b"GET"]


def test_the_embedded_petstore_is_not_what_the_settings_are_about() -> None:
    prepare("petstore", ("there-is-none",))


def test_a_service_that_is_gone_is_not_measured() -> None:
    target = parse_target("petstore")
    with open_target(target, LaunchContext()) as service:
        service.stop()
        with pytest.raises(TargetError, match="petstore is gone"):
            prepare_round(target, service, LaunchContext())
