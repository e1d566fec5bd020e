"""The processes of a service, and which of them Python runs in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import psutil

from perfgate.explain.own_trees import below_the_top


def folder_of(pids: Sequence[int]) -> str:
    """The working folder of the first process, which the names of its files are told from; "" where unknown."""
    for pid in pids[:1]:
        try:
            return str(psutil.Process(pid).cwd())
        except (psutil.Error, OSError):
            continue
    return ""


def folder_here(pids: Sequence[int]) -> str:
    """The same as this machine calls it; "" where that is not known, as of a container, which has its own."""
    folder = folder_of(pids)
    try:
        return folder if folder and os.path.samefile(folder, f"/proc/{pids[0]}/cwd") else ""
    except OSError:
        return ""


def folder_in_its_tree(pids: Sequence[int]) -> str:
    """The working folder of the first process, from the top of its work tree on; "" at the top, and in no such tree."""
    return below_the_top(folder_of(pids))


def number_inside(pid: int) -> int:
    """The number of a process in its own container. OSError where it is gone."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[-1]) for line in status.splitlines() if line.startswith("NSpid:")), pid)


def python_processes(pids: Sequence[int]) -> tuple[int, ...]:
    """The Python processes among these and their descendants, without those that another one of them has started."""
    found = {}
    for process in tree(pids):
        if is_python(process.pid):
            found[process.pid] = process
    return tuple(pid for pid, process in found.items() if not any(one in found for one in _ancestors(process)))


def tree(pids: Sequence[int]) -> list[psutil.Process]:
    """These processes and all that they have started."""
    known: dict[int, psutil.Process] = {}
    for pid in pids:
        try:
            root = psutil.Process(pid)
            known.update({one.pid: one for one in [root, *root.children(recursive=True)]})
        except psutil.Error:
            continue
    return list(known.values())


def _ancestors(process: psutil.Process) -> list[int]:
    try:
        return [one.pid for one in process.parents()]
    except psutil.Error:
        return []


def is_python(pid: int) -> bool:
    """By its program, or by a library of Python that it has loaded (uWSGI, mod_wsgi)."""
    try:
        if os.path.basename(psutil.Process(pid).exe()).startswith("python"):
            return True
        return "/libpython" in Path(f"/proc/{pid}/maps").read_text()
    except (psutil.Error, OSError):
        return False
