"""The processes that a service owns, wherever they went: found by its mark, not only by their parents.

A process that is started for a service has the mark in its environment, and a working folder whose name holds it. One
of the two stays also with daemons, and with processes that wrote a title over their environment (gunicorn, nginx).
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress

import psutil

from perfgate.service.owner import owner_in

MARK = "PERFGATE_SERVICE"
_GONE_SECONDS = 5.0
_PAUSE = 0.02
_MOST_ROUNDS = 5


def owned_by(mark: str) -> list[psutil.Process]:
    """The living processes that carry this mark."""
    return [process for process, text in _marked() if mark in text]


def in_session(session: int) -> list[psutil.Process]:
    """The living processes of a session, whatever their parents."""
    return [process for process in psutil.process_iter() if _session(process) == session and is_alive(process)]


def end_owned_by(mark: str, spared: Collection[int] = ()) -> None:
    """End the processes that carry this mark, and those that they have started in the meantime.

    spared: the sessions of processes that stay.
    """
    for _ in range(_MOST_ROUNDS):
        found = [process for process in owned_by(mark) if not spared or _session(process) not in spared]
        if not found:
            return
        kill(found)


def sweep_processes() -> None:
    """End the processes of owners that are gone, and wait until they have ended."""
    left = []
    for process, text in _marked():
        owner = owner_in(text)
        if owner is not None and owner.gone():
            left.append(process)
    kill(left)


def kill(processes: Iterable[psutil.Process]) -> None:
    """End processes by force, and wait until they have ended."""
    ended = list(processes)
    for process in ended:
        with suppress(psutil.Error):
            process.kill()
    deadline = time.monotonic() + _GONE_SECONDS
    while any(map(is_alive, ended)) and time.monotonic() < deadline:
        time.sleep(_PAUSE)


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _marked() -> Iterator[tuple[psutil.Process, str]]:
    """Processes that a service may own, each with the text that would hold the mark."""
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with suppress(psutil.Error, OSError):
            # A person in an abandoned folder has a terminal; processes of a service have none.
            if process.terminal() is None and is_alive(process):
                yield process, f"{_mark_in_environment(process)} {_place(process)}"


def _session(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid)
    except OSError:
        return 0


def _mark_in_environment(process: psutil.Process) -> str:
    try:
        return str(process.environ().get(MARK, ""))
    except (psutil.Error, OSError):
        return ""


def _place(process: psutil.Process) -> str:
    try:
        return str(process.cwd())
    except (psutil.Error, OSError):
        return ""
