"""The use of CPU and memory by a process and its descendants."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_NANOSECONDS = 1e-9


@dataclass(frozen=True)
class Usage:
    """CPU and memory that a service has used.

    cpu_seconds: CPU time since the start, user and system, over all CPUs (s).
    memory_bytes: the peak of memory in use since the start, or since the peak was last reset (bytes).
    """

    cpu_seconds: float
    memory_bytes: int


class ProcessTree:
    """A process with its descendants. CPU of those that ended stays counted, up to the last look at them.

    Memory is resident memory; pages that processes share count once for each.
    """

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._cpu: dict[psutil.Process, float] = {}
        self._peak = 0

    def usage(self) -> Usage | None:
        """None where the process has ended."""
        try:
            processes = [self._root, *self._root.children(recursive=True)]
            self._cpu[self._root] = cpu_seconds(self._root)
        except psutil.Error:
            return None
        resident = 0
        for process in processes:
            try:
                self._cpu[process] = cpu_seconds(process)
                resident += peak_bytes(process)
            except psutil.Error:
                continue
        self._peak = max(self._peak, resident)
        return Usage(sum(self._cpu.values()), self._peak)

    def reset_peak(self) -> None:
        """Let the peak begin anew (5 into clear_refs, proc(5)); without Linux, or where that is refused, it stays."""
        try:
            for process in [self._root, *self._root.children(recursive=True)]:
                Path(f"/proc/{process.pid}/clear_refs").write_text("5")
        except (psutil.Error, OSError):
            return
        self._peak = 0


def cpu_seconds(process: psutil.Process) -> float:
    """CPU of one process, to the nanosecond on Linux. psutil.Error where it has ended."""
    if sys.platform == "linux":
        # The clock of another process as clock_getcpuclockid(3) makes it: CPUCLOCK_SCHED (2) of ~pid.
        try:
            return time.clock_gettime_ns((~process.pid << 3) | 2) * _NANOSECONDS
        except OSError:
            raise psutil.NoSuchProcess(process.pid) from None
    times = process.cpu_times()
    return float(times.user + times.system)


def peak_bytes(process: psutil.Process) -> int:
    """The peak of resident memory in one process; where the system keeps no account of it, the memory in use now."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return int(process.memory_info().rss)
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise psutil.ZombieProcess(process.pid)
