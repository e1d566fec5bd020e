"""Owners: the mark on everything that perfgate starts, by which a later start finds what a killed one left."""

from __future__ import annotations

import hashlib
import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

import psutil

_PROC = Path("/proc")
_MARK = re.compile(r"([0-9a-f]{8})-([0-9]+)-([0-9]+)")
# The columns of /proc/PID/stat (proc(5)) behind the name, which may hold blanks and brackets: starttime is the 22nd.
_START_TIME = 22 - 3


@dataclass(frozen=True)
class Owner:
    """A process of perfgate, told from all others that have had its number. `str` gives its mark.

    place: a hash of the machine, or the container, that the number belongs to.
    pid: its number.
    started: its start (clock ticks since boot).
    """

    place: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"{self.place}-{self.pid}-{self.started}"

    def gone(self) -> bool:
        """Whether the process has ended; False where that cannot be known, because it runs elsewhere."""
        try:
            return self.place == _place() and _started(self.pid) != self.started
        except psutil.AccessDenied:  # it runs, and belongs to somebody else
            return False


def this_process() -> Owner:
    """The owner of all that this process starts."""
    return Owner(_place(), os.getpid(), _started(os.getpid()) or 0)


def owner_in(text: str) -> Owner | None:
    """The owner whose mark is somewhere in a text; None without one."""
    match = _MARK.search(text)
    return Owner(match[1], int(match[2]), int(match[3])) if match else None


def _place() -> str:
    """Numbers of processes mean something within one namespace (pid_namespaces(7)) of one machine."""
    try:
        namespace = (_PROC / "self/ns/pid").stat().st_ino
    except OSError:
        namespace = 0
    return hashlib.sha256(f"{platform.node()}/{namespace}".encode()).hexdigest()[:8]


def _started(pid: int) -> int | None:
    """When a process started; None where there is none. A zombie has ended already."""
    try:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return None
        return _ticks(pid) or int(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def _ticks(pid: int) -> int | None:
    """Clock ticks between boot and start, which no correction of the clock moves; None on systems without /proc."""
    try:
        columns = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(columns[_START_TIME])
