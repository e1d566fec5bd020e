"""CPU time of processes and of all that they started, those that ended included."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from perfgate.machine.process_table import ProcessEntry, ProcessTable, read_entry, read_processes

# Two accounts in steps of 10 ms, of which each may have lost one.
_RESOLUTION = 0.02
_TRIES = 5

Seen = Mapping[tuple[int, int], tuple[float, ProcessEntry]]


class FamilyCpu:
    """The CPU time of processes with their descendants, which never goes back.

    That of an ended one stands in the account of the parent that waited for it, in steps of 10 ms. Where none did, what
    was last seen of it is kept.
    """

    def __init__(self, roots: Collection[int]) -> None:
        self._roots = roots
        self._last: Seen = {}
        self._lost = 0.0
        self._most = 0.0

    def read(self, table: ProcessTable) -> float:
        """What they have used until now (s). table: of a moment ago."""
        now = self._settled(table)
        self._lost += _lost_between(self._last, now)
        self._last = now
        self._most = max(self._most, self._lost + sum(cpu + entry.of_ended for cpu, entry in now.values()))
        return self._most

    def _settled(self, table: ProcessTable) -> Seen:
        """All of one moment: of a child that ends while it is read, neither account may have it, or both."""
        for last in [False] * (_TRIES - 1) + [True]:
            members = table.tree(self._roots)
            seen = {entry.key: (entry.exact_cpu(), entry) for entry in members}
            if last or not any(_has_waited(entry) for entry in members if entry.pid in self._roots or entry.of_ended):
                return seen
            table = read_processes()
        raise AssertionError("the last try returns")


def _has_waited(entry: ProcessEntry) -> bool:
    """Whether a process has waited for a child since this was read."""
    now = read_entry(entry.pid)
    return now is not None and now.key == entry.key and now.of_ended != entry.of_ended


def _lost_between(before: Seen, now: Seen) -> float:
    """CPU time of members that have ended, and that no parent took over (s)."""
    left: dict[int, float] = {}
    for key, (cpu, entry) in before.items():
        if key not in now:
            left[entry.parent] = left.get(entry.parent, 0.0) + cpu + entry.of_ended
    gained = {entry.pid: entry.of_ended - before[key][1].of_ended for key, (_, entry) in now.items() if key in before}
    missing = [seconds - gained.get(parent, 0.0) for parent, seconds in left.items()]
    return sum(seconds for seconds in missing if seconds > _RESOLUTION)
