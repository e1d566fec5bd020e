"""CPUs of processes that are not ours: overridden for a measurement, and restored whatever happens."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from contextlib import suppress

from perfgate.machine.process_table import read_processes
from perfgate.service.overrides import OverrideNotes

_PREFIX = "perfgate-affinity-"
# What a server starts while it is looked at begins with the CPUs of what started it: soon nothing is new.
_MOST_PASSES = 5


class AffinityOverride:
    """A process that runs on `cpus` alone with its descendants and all their threads, from now until `restore`.

    OSError where that is refused, or the process has ended.
    """

    def __init__(self, pid: int, cpus: Collection[int]) -> None:
        # The other side of a duet may have overridden it already.
        self._file = _OVERRIDES.begin(f"{pid}.{_started(pid)}", lambda: _affinities(pid), lambda: _move(pid, cpus))

    def restore(self) -> None:
        """Restore the CPUs that the processes had. Once is enough."""
        if self._file is not None:
            _OVERRIDES.end(self._file)


def restore_abandoned_affinities() -> None:
    """Restore the CPUs of what owners that were killed had overridden."""
    _OVERRIDES.end_abandoned()


def _started(pid: int) -> int:
    entry = read_processes().entries.get(pid)
    if entry is None or entry.ended:
        raise ProcessLookupError("it has ended")
    return entry.started


def _threads(pid: int) -> Iterator[int]:
    """The numbers of all threads of a process and its descendants, its own first one first."""
    for entry in read_processes().tree([pid]):
        with suppress(OSError):
            yield from sorted(map(int, os.listdir(f"/proc/{entry.pid}/task")))


def _affinities(pid: int) -> str:
    """Where the process may run, and where those of its threads and descendants may that differ from it."""
    own = sorted(os.sched_getaffinity(pid))
    others = {}
    for thread in _threads(pid):
        with suppress(OSError):
            if (found := sorted(os.sched_getaffinity(thread))) != own:
                others[thread] = found
    return json.dumps({"own": own, "others": others})


def _move(pid: int, cpus: Collection[int]) -> None:
    wanted = set(cpus)
    os.sched_setaffinity(pid, wanted)
    for _ in range(_MOST_PASSES):
        left = [thread for thread in _threads(pid) if _differs(thread, wanted)]
        for thread in left:
            with suppress(OSError):  # it has ended, or belongs to somebody else
                os.sched_setaffinity(thread, wanted)
        if not left:
            return


def _differs(thread: int, cpus: set[int]) -> bool:
    try:
        return os.sched_getaffinity(thread) != cpus
    except OSError:
        return False


def _put_back(key: str, text: str) -> None:
    """Also of what was started meanwhile; but one that has chosen its CPUs itself since then keeps them."""
    pid, started = map(int, key.split("."))
    before = json.loads(text)
    try:
        if _started(pid) != started:
            return
        overridden = os.sched_getaffinity(pid)
    except ProcessLookupError:
        return
    for _ in range(_MOST_PASSES):
        own, others = before["own"], before["others"]
        left = {
            thread: wanted
            for thread in _threads(pid)
            if not _differs(thread, overridden) and (wanted := set(others.get(str(thread), own))) != overridden
        }
        for thread, wanted in left.items():
            with suppress(OSError):
                os.sched_setaffinity(thread, wanted)
        if not left:
            return


_OVERRIDES = OverrideNotes(_PREFIX, _put_back)
