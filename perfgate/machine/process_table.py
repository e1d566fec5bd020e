"""All processes of this machine at one moment: who started whom, and the CPU time of each, ended children included.

The kernel adds the time of a child that has ended to its parent's account once the parent has waited for it
(`cutime` and `cstime` of proc(5)), so that no time of a server that forks for every connection gets lost.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_PROC = Path("/proc")
_TICKS_A_SECOND = 100  # USER_HZ, the unit of /proc/PID/stat on every platform that we know
_NANOSECONDS = 1e-9
_MOST_BYTES = 1024
# Columns behind the name, which may hold blanks and brackets: ppid is the 4th, utime the 14th, starttime the 22nd.
_ENDED = (b"Z", b"X")
_PARENT, _UTIME, _STARTED = 4 - 3, 14 - 3, 22 - 3


@dataclass(frozen=True)
class ProcessEntry:
    """One process.

    pid: its number.
    parent: the number of its parent.
    name: of its program, as the kernel keeps it (15 letters at most).
    cpu: CPU time of its own, in steps of 10 ms (s).
    of_ended: CPU time of the children that it waited for, and of theirs, in steps of 10 ms (s).
    started: its start (clock ticks since boot).
    ended: whether it has ended, and nobody has waited for it yet.
    """

    pid: int
    parent: int
    name: str
    cpu: float
    of_ended: float
    started: int
    ended: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """It, told from all others that had its number."""
        return self.pid, self.started

    def exact_cpu(self) -> float:
        """CPU time of its own to the nanosecond, where it still runs (s)."""
        try:
            # The clock of another process as clock_getcpuclockid(3) makes it: CPUCLOCK_SCHED (2) of ~pid.
            return time.clock_gettime_ns((~self.pid << 3) | 2) * _NANOSECONDS
        except OSError:
            return self.cpu


@dataclass(frozen=True)
class ProcessTable:
    """The processes at one moment, by number.

    at: the moment (s, monotonic clock).
    """

    at: float
    entries: Mapping[int, ProcessEntry]

    @cached_property
    def _children(self) -> Mapping[int, list[int]]:
        children: dict[int, list[int]] = {}
        for entry in self.entries.values():
            children.setdefault(entry.parent, []).append(entry.pid)
        return children

    def tree(self, roots: Iterable[int]) -> list[ProcessEntry]:
        """Those of these processes that are there, with all their descendants."""
        found: dict[int, ProcessEntry] = {}
        left = list(roots)
        while left:
            pid = left.pop()
            if pid in self.entries and pid not in found:
                found[pid] = self.entries[pid]
                left.extend(self._children.get(pid, ()))
        return list(found.values())

    def ancestors(self, pid: int) -> list[int]:
        """The parent of a process, its parent, and so on."""
        found: list[int] = []
        while (entry := self.entries.get(pid)) is not None and entry.parent and entry.parent not in found:
            found.append(entry.parent)
            pid = entry.parent
        return found

    def topmost(self, pids: Collection[int]) -> list[int]:
        """Those of these processes that descend from no other of them, in order."""
        wanted = set(pids)
        return sorted(pid for pid in wanted if pid in self.entries and wanted.isdisjoint(self.ancestors(pid)))


def read_processes(proc: Path = _PROC) -> ProcessTable:
    """The processes now; none where the system does not tell."""
    at, entries = time.monotonic(), {}
    try:
        names = os.listdir(proc)
    except OSError:
        names = []
    for name in names:
        if name.isdigit() and (entry := _read_entry(f"{proc}/{name}/stat")) is not None:
            entries[entry.pid] = entry
    return ProcessTable(at, entries)


def read_entry(pid: int) -> ProcessEntry | None:
    """One process as it is now; None where there is none of this number."""
    return _read_entry(f"{_PROC}/{pid}/stat")


def _read_entry(path: str) -> ProcessEntry | None:
    # Without the layers of `open`: there may be a thousand of them, several times a second.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        text = os.read(descriptor, _MOST_BYTES)
    except OSError:
        return None  # it has ended in the meantime
    finally:
        os.close(descriptor)
    return parse_entry(text)


def parse_entry(text: bytes) -> ProcessEntry | None:
    """The process in the text of its /proc/PID/stat; None where there is none."""
    number, _, rest = text.partition(b" (")
    name, bracket, columns_text = rest.rpartition(b")")
    columns = columns_text.split(None, _STARTED + 1)
    if not bracket or len(columns) <= _STARTED:
        return None
    utime, stime, cutime, cstime = (int(column) for column in columns[_UTIME : _UTIME + 4])
    return ProcessEntry(
        pid=int(number),
        parent=int(columns[_PARENT]),
        name=name.decode(errors="replace"),
        cpu=(utime + stime) / _TICKS_A_SECOND,
        of_ended=(cutime + cstime) / _TICKS_A_SECOND,
        started=int(columns[_STARTED]),
        ended=columns[0] in _ENDED,
    )
