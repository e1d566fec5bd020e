"""A dependency that runs already and that nobody named: found by a connection, and read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from perfgate.machine.family_cpu import FamilyCpu
from perfgate.machine.process_table import ProcessEntry, ProcessTable
from perfgate.service.containers.cgroup import Cgroup
from perfgate.service.containers.memory_peak import MemoryPeak
from perfgate.service.usage import Usage

_NOT_SHARED, _SHARED = "RssAnon:", "RssShmem:"

ReadTable = Callable[[], ProcessTable]


class Family:
    """Processes with all their descendants."""

    def __init__(self, roots: set[int], read_table: ReadTable) -> None:
        self.roots = roots
        self._read_table = read_table
        self._cpu = FamilyCpu(roots)
        self._peak = 0

    def members(self) -> list[ProcessEntry]:
        """Those that live now."""
        return self._read_table().tree(self.roots)

    def usage(self) -> Usage | None:
        """None once all have ended. Memory is resident: what is each process' own, and what they share once."""
        table = self._read_table()
        members = table.tree(self.roots)
        if all(entry.ended for entry in members):
            return None
        self._peak = max(self._peak, _resident(members))
        return Usage(self._cpu.read(table), self._peak)

    def reset_peak(self) -> None:
        self._peak = 0


class FoundDependency:
    """A dependency that was found.

    name: of the program, or of the container.
    pid: its first process.
    container: its id; "" where it is none.
    cpus: the CPUs that it was pinned to; empty where it was not.
    """

    def __init__(self, name: str, pid: int, family: Family, container: str = "", cgroup: Cgroup | None = None) -> None:
        self.name = name
        self.pid: int | None = pid
        self.container = container
        self.cpus: tuple[int, ...] = ()
        self.family = family
        self._cgroup = cgroup
        self._memory = MemoryPeak(cgroup) if cgroup is not None else None
        self._started = next((entry.started for entry in family.members() if entry.pid == pid), 0)

    def alive(self) -> bool:
        """Whether its first process runs."""
        return any(
            entry.pid == self.pid and entry.started == self._started and not entry.ended
            for entry in self.family.members()
        )

    def usage(self) -> Usage | None:
        used = self.family.usage()
        if self._cgroup is None or self._memory is None or used is None:
            return used
        try:
            return Usage(self._cgroup.cpu_seconds(), self._memory.read())
        except OSError:
            return None

    def reset_peak(self) -> None:
        """Only what was seen of it: the kernel's own account of a process that is not ours stays."""
        self.family.reset_peak()
        if self._memory is not None:
            with suppress(OSError):
                self._memory.reset()

    def processes(self) -> Sequence[int]:
        return [entry.pid for entry in self.family.members()]

    def close(self) -> None:
        """Stop watching its memory."""
        if self._memory is not None:
            self._memory.close()


def _resident(members: list[ProcessEntry]) -> int:
    own, shared = 0, 0
    for entry in members:
        with suppress(OSError):
            for line in Path(f"/proc/{entry.pid}/status").read_text().splitlines():
                if line.startswith(_NOT_SHARED):
                    own += int(line.split()[1]) * 1024
                elif line.startswith(_SHARED):
                    shared = max(shared, int(line.split()[1]) * 1024)
    return own + shared
