"""Processes found by their mark, however far they went."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from perfgate.service.owner import Owner, this_process
from perfgate.service.processes.owned_processes import MARK, is_alive, kill, owned_by, sweep_processes

GONE = Owner(this_process().place, os.getpid(), 1)  # as if another had had our number


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder as services stand in."""
    with tempfile.TemporaryDirectory(prefix=f"perfgate-{this_process()}-") as name:
        yield Path(name)


def started(script: str, folder: Path, **environment: str) -> list[psutil.Process]:
    """A shell in a session of its own that says the numbers of all its processes, and ends."""
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        start_new_session=True,
    )
    return [psutil.Process(int(line)) for line in done.stdout.split()]


DAEMON = "setsid sh -c 'echo $$; cd /; exec sleep 300 >/dev/null' &"
# Without a variable in its environment.
BARE = "exec env --ignore-environment sh -c 'echo $$; exec sleep 300 >/dev/null' &"


def test_daemons_are_found_by_their_environment(folder: Path) -> None:
    (daemon,) = started(DAEMON, folder, **{MARK: folder.name})
    assert owned_by(folder.name) == [daemon]
    kill([daemon])
    assert not is_alive(daemon)
    assert not owned_by(folder.name)


def test_those_without_their_environment_are_found_by_their_folder(folder: Path) -> None:
    (bare,) = started(BARE, folder, **{MARK: folder.name})
    assert MARK not in bare.environ()
    assert owned_by(folder.name) == [bare]
    kill([bare])


def test_what_owners_that_are_gone_left_is_swept_and_nothing_else(folder: Path) -> None:
    (living,) = started(DAEMON, folder, **{MARK: folder.name})
    (left,) = started(DAEMON, Path("/"), **{MARK: f"perfgate-{GONE}-x"})
    (other,) = started(DAEMON, Path("/"))
    sweep_processes()
    assert [is_alive(process) for process in (living, left, other)] == [True, False, True]
    kill([living, other])


def test_killing_what_has_ended_does_nothing(folder: Path) -> None:
    (process,) = started(DAEMON, folder)
    kill([process])
    kill([process])
