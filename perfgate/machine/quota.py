"""Whether processes had to wait for a quota of CPU time, as containers with a limit of CPUs do.

The kernel hands a group its quota anew every tenth of a second, and stops it when that is used up (sched-bwc.rst in the
kernel's documentation). It counts how often that happened, in cpu.stat of the group or of one above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from perfgate.machine.cgroup_mounts import cgroup_mounts

_PROC = Path("/proc")
_COUNT = "nr_throttled"


def times_throttled(pids: Iterable[int], proc: Path = _PROC) -> dict[str, int]:
    """How often each control group of these processes had used up its quota until now; {} where nothing tells."""
    try:
        mounts = cgroup_mounts((proc / "self" / "mounts").read_text())
    except OSError:
        return {}
    listed = [proc / str(pid) / "cgroup" for pid in pids]
    groups = {group for file in listed for group in _groups_of(file, mounts)}
    return {str(group): count for group in groups if (count := _count_in(group)) is not None}


def _groups_of(listed: Path, mounts: Mapping[str, Path]) -> Iterator[Path]:
    """The group of a process, and those above it. listed: its file of groups. mounts: see `cgroup_mounts`."""
    try:
        lines = listed.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        name = next((one for one in controllers.split(",") if one in ("cpu", "")), None)
        mount = None if name is None else mounts.get(name)
        if mount is not None:
            group = mount / path.strip("/")
            yield group
            yield from (above for above in group.parents if above.is_relative_to(mount))


def _count_in(group: Path) -> int | None:
    try:
        lines = (group / "cpu.stat").read_text().splitlines()
    except OSError:
        return None
    return next((int(value) for name, value in map(str.split, lines) if name == _COUNT), None)
