"""The use of CPU and memory by a process and its descendants."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from perfgate.machine.family_cpu import FamilyCpu
from perfgate.machine.process_table import read_processes


@dataclass(frozen=True)
class Usage:
    """CPU and memory that a service has used.

    cpu_seconds: CPU time since the start, user and system, over all CPUs (s).
    memory_bytes: the peak of memory in use since the start, or since the peak was last reset (bytes).
    """

    cpu_seconds: float
    memory_bytes: int


class ProcessTree:
    """A process with its descendants. CPU of those that ended stays counted; off Linux, up to the last look at them.

    Memory is resident memory; pages that processes share count once for each.
    """

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._family = FamilyCpu((pid,))
        self._seen: dict[psutil.Process, float] = {}
        self._peak = 0

    def usage(self) -> Usage | None:
        """None where the process has ended."""
        try:
            cpu, pids = self._by_table() if sys.platform == "linux" else self._by_psutil()
        except psutil.Error:
            return None
        self._peak = max(self._peak, sum(map(_peak_bytes, pids)))
        return Usage(cpu, self._peak)

    def reset_peak(self) -> None:
        """Let the peak begin anew (5 into clear_refs, proc(5)); without Linux, or where that is refused, it stays."""
        try:
            for process in [self._root, *self._root.children(recursive=True)]:
                Path(f"/proc/{process.pid}/clear_refs").write_text("5")
        except (psutil.Error, OSError):
            return
        self._peak = 0

    def _by_table(self) -> tuple[float, list[int]]:
        """CPU time (s), and the processes. psutil.Error where the first has ended."""
        pid = self._root.pid
        table = read_processes()
        if pid not in table.entries or table.entries[pid].ended or not self._root.is_running():
            raise psutil.NoSuchProcess(pid)
        return self._family.read(table), [entry.pid for entry in table.tree([pid])]

    def _by_psutil(self) -> tuple[float, list[int]]:
        processes = [self._root, *self._root.children(recursive=True)]
        self._seen[self._root] = _cpu_seconds(self._root)
        for process in processes:
            with suppress(psutil.Error):
                self._seen[process] = _cpu_seconds(process)
        return sum(self._seen.values()), [process.pid for process in processes]


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _peak_bytes(pid: int) -> int:
    """The peak of resident memory in one process; where the system keeps no account of it, the memory in use now."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        try:
            return int(psutil.Process(pid).memory_info().rss)
        except psutil.Error:
            return 0  # it has ended
    found = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0].split()[1]) * 1024 if found else 0
