"""The processes that hold sockets, by their open files (proc(5), /proc/PID/fd)."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable

_SOCKET = "socket:["
_CONTAINER = re.compile(r"[0-9a-f]{64}")


def sockets_of(pid: int) -> set[int]:
    """The numbers of the sockets that a process holds; none where its files cannot be seen."""
    found = set()
    folder = f"/proc/{pid}/fd"
    try:
        for name in os.listdir(folder):
            try:
                place = os.readlink(f"{folder}/{name}")
            except OSError:
                continue  # closed in the meantime
            if place.startswith(_SOCKET):
                found.add(int(place[len(_SOCKET) : -1]))
    except OSError:
        return found
    return found


def holders_of(inodes: Collection[int], pids: Iterable[int]) -> set[int]:
    """Those of these processes that hold one of the sockets."""
    wanted = set(inodes)
    return {pid for pid in pids if not wanted.isdisjoint(sockets_of(pid))} if wanted else set()


def user_of(pid: int) -> int | None:
    """The user that a process belongs to; None where it has ended."""
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return None


def container_of(pid: int) -> str:
    """The id of the container that a process runs in, by its control groups; "" for none."""
    try:
        with open(f"/proc/{pid}/cgroup") as file:
            found = _CONTAINER.findall(file.read())
    except OSError:
        return ""
    return str(found[-1]) if found else ""


def words_of(pid: int) -> list[str]:
    """The command line of a process; [] where it cannot be seen."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return [word.decode(errors="replace") for word in file.read().split(b"\0") if word]
    except OSError:
        return []
