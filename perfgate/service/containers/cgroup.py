"""The accounts of a control group: the use of CPU and memory by a container, as the kernel keeps it in files.

Version 1 keeps CPU time in cpuacct.usage (nanoseconds) and memory in memory.*_in_bytes (cgroup-v1/cpuacct.rst and
memory.rst in the kernel's documentation); version 2 in cpu.stat (microseconds), memory.current and memory.peak
(cgroup-v2.rst). The files that a service has read stay in memory as long as there is room, and are charged to whichever
container read them first; so what counts here is without them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from perfgate.machine.cgroup_mounts import cgroup_mounts

_PROC = Path("/proc")
_PEAK = "memory.max_usage_in_bytes"


@dataclass(frozen=True)
class Cgroup:
    """One control group.

    version: of control groups, 1 or 2.
    cpu: the folder with its account of CPU.
    memory: the folder with its account of memory; the same one in version 2.
    """

    version: int
    cpu: Path
    memory: Path

    def cpu_seconds(self) -> float:
        """CPU since the start, user and system, over all CPUs. OSError where the group is gone."""
        if self.version == 1:
            return int((self.cpu / "cpuacct.usage").read_text()) * 1e-9
        return _table(self.cpu / "cpu.stat")["usage_usec"] * 1e-6

    def processes(self) -> tuple[int, ...]:
        """The numbers of its processes."""
        try:
            return tuple(map(int, (self.cpu / "cgroup.procs").read_text().split()))
        except OSError:
            return ()

    def memory_bytes(self) -> int:
        """Memory in use now, without the files that were read. OSError where the group is gone."""
        name = "memory.usage_in_bytes" if self.version == 1 else "memory.current"
        return self._without_files(int((self.memory / name).read_text()))

    def peak_bytes(self) -> int | None:
        """The most memory in use since the last `reset_peak`, as the kernel kept it; None where it cannot reset it.

        Version 2 resets nothing before Linux 6.12, and then only for one open file (memory.peak): no peak of a round.
        """
        if not self._can_reset():
            return None
        return self._without_files(int((self.memory / _PEAK).read_text()))

    def reset_peak(self) -> bool:
        """Let the peak begin anew; False where the kernel cannot do that."""
        if self._can_reset():
            (self.memory / _PEAK).write_text("0")
        return self._can_reset()

    def _can_reset(self) -> bool:
        return self.version == 1 and os.access(self.memory / _PEAK, os.W_OK)

    def _without_files(self, charged: int) -> int:
        stat = _table(self.memory / "memory.stat")
        if self.version == 1:
            files, shared = stat.get("total_cache", 0), stat.get("total_shmem", 0)
        else:
            files, shared = stat.get("file", 0), stat.get("shmem", 0)
        return max(0, charged - (files - shared))


def find_cgroup(pid: int, container: str, proc: Path = _PROC) -> Cgroup | None:
    """The control group of a process; None where its files cannot be seen from here.

    container: the id of its container, which the names of its groups must hold: the number of a process means something
    else to an engine on another machine, or outside of the container that we are in.
    """
    try:
        lines = (proc / str(pid) / "cgroup").read_text().splitlines()
        mounts = cgroup_mounts((proc / "self" / "mounts").read_text())
    except OSError:
        return None
    groups: dict[str, str] = {}
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if container in path:
            groups.update(dict.fromkeys(controllers.split(","), path.lstrip("/")))
    if {"cpuacct", "memory"} <= groups.keys() and {"cpuacct", "memory"} <= mounts.keys():
        found = Cgroup(1, mounts["cpuacct"] / groups["cpuacct"], mounts["memory"] / groups["memory"])
    elif "" in groups and "" in mounts:
        folder = mounts[""] / groups[""]
        found = Cgroup(2, folder, folder)
    else:
        return None
    try:
        found.cpu_seconds(), found.memory_bytes()
    except (OSError, KeyError):
        return None
    return found


def number_inside(pid: int, container: str) -> int | None:
    """The number that a process has within its container; None where it cannot be seen from here.

    container: see find_cgroup.
    """
    try:
        groups = (_PROC / str(pid) / "cgroup").read_text()
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    numbers = re.search(r"^NSpid:.*?(\d+)$", status, re.MULTILINE) if container in groups else None
    return int(numbers[1]) if numbers else None


def _table(file: Path) -> dict[str, int]:
    return {name: int(value) for name, value in (line.split() for line in file.read_text().splitlines())}
