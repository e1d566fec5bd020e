"""containers/buildkit: how the docker client is asked for a build, and what becomes of what it says."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from pathlib import Path

import psutil
import pytest

from perfgate.service.containers.buildkit import build, find_buildx

CLIENT = """#!/bin/sh
[ "$2" = version ] && exit {version}
env > "{folder}/environment"
echo "$@" > "{folder}/arguments"
{does}
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_TOKEN": "a-secret"}


def client(folder: Path, does: str = "true", version: int = 0) -> str:
    """A docker client that does so when it is asked to build."""
    path = folder / "docker"
    path.write_text(CLIENT.format(folder=folder, does=does, version=version))
    path.chmod(0o755)
    return str(path)


def test_a_client_with_its_plugin_is_found_and_no_other(tmp_path: Path, environment: dict[str, str]) -> None:
    assert find_buildx({"PATH": str(tmp_path)}) == ""
    client(tmp_path, version=1)
    assert find_buildx(environment) == ""
    assert find_buildx({**environment, "PATH": f"{tmp_path}:/bin"}) == ""
    assert client(tmp_path) == find_buildx(environment)


def test_it_builds_on_the_engine_itself_and_is_told_no_token(tmp_path: Path, environment: dict[str, str]) -> None:
    log: deque[str] = deque(maxlen=50)
    words = [client(tmp_path, "seq 1 100; echo '#1 late' >&2"), "--tag", "shop"]
    assert build(words, tmp_path, {**environment, "BUILDX_BUILDER": "mine"}, log) == ""
    arguments = (tmp_path / "arguments").read_text().strip()
    assert arguments == f"buildx build --builder default --load --progress plain --tag shop {tmp_path}"
    variables = (tmp_path / "environment").read_text()
    assert "a-secret" not in variables
    assert "BUILDX_BUILDER=default" in variables
    assert "DOCKER_HOST=unix:///var/run/docker.sock" in variables, "a context of another engine would be refused"
    assert list(log) == [*map(str, range(52, 101)), "#1 late"]


def test_a_failure_is_what_the_client_calls_an_error(tmp_path: Path, environment: dict[str, str]) -> None:
    words = [
        client(tmp_path, "echo '#5 ERROR: exit 3'; echo 'ERROR: failed to build: exit code: 3'; echo more; exit 1")
    ]
    assert build(words, tmp_path, environment, deque()) == "failed to build: exit code: 3"
    assert build([client(tmp_path, "exit 1")], tmp_path, environment, deque()) == "it failed"


def test_an_interrupt_ends_it_with_all_that_it_started(tmp_path: Path, environment: dict[str, str]) -> None:
    words = [client(tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; wait")]

    def interrupt() -> None:
        while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            build(words, tmp_path, environment, deque())
    finally:
        signal.signal(signal.SIGINT, previous)
        thread.join()
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)
