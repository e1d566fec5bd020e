"""CPU time of processes and of all that they started, those that ended included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perfgate.machine.process_table import ProcessEntry

# Two accounts in steps of 10 ms, of which each may have lost one.
_RESOLUTION = 0.02

Seen = Mapping[tuple[int, int], tuple[float, ProcessEntry]]


class FamilyCpu:
    """The CPU time of processes with their descendants, which never goes back.

    That of an ended one stands in the account of the parent that waited for it, in steps of 10 ms. Where none did, what
    was last seen of it is kept.
    """

    def __init__(self) -> None:
        self._last: Seen = {}
        self._lost = 0.0
        self._most = 0.0

    def read(self, members: Sequence[ProcessEntry]) -> float:
        """What they have used until now (s). members: those that are there now."""
        now = {entry.key: (entry.exact_cpu(), entry) for entry in members}
        self._lost += _lost_between(self._last, now)
        self._last = now
        self._most = max(self._most, self._lost + sum(cpu + entry.of_ended for cpu, entry in now.values()))
        return self._most


def _lost_between(before: Seen, now: Seen) -> float:
    """CPU time of members that have ended, and that no parent took over (s)."""
    left: dict[int, float] = {}
    for key, (cpu, entry) in before.items():
        if key not in now:
            left[entry.parent] = left.get(entry.parent, 0.0) + cpu + entry.of_ended
    gained = {entry.pid: entry.of_ended - before[key][1].of_ended for key, (_, entry) in now.items() if key in before}
    missing = [seconds - gained.get(parent, 0.0) for parent, seconds in left.items()]
    return sum(seconds for seconds in missing if seconds > _RESOLUTION)
