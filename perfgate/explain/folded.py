"""Folded stacks, a line each: frames from the outermost on, separated by semicolons, and a number of samples.

The format of Brendan Gregg's stackcollapse scripts, which nearly every profiler can write. py-spy puts file and line in
brackets behind each frame.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

_FRAME = re.compile(r"(?P<name>.+) \((?P<file>[^()]*?)(?::(?P<line>\d+))?\)")
# py-spy's frames for a process and a thread.
_NO_FUNCTION = re.compile(r"process \d+:|thread \(0x")

# Waiting, by the end of a file's name and the functions there: a sampler that stops a sleeping thread to look at it
# finds it awake. In their own lines such functions call the system, then wait for an answer or for the interpreter.
_WAITING = {
    "selectors.py": ("select",),
    "socket.py": ("accept", "readinto", "write"),
    "socketserver.py": ("write",),
    "ssl.py": ("read", "recv_into", "recv", "write", "send", "sendall"),
    "threading.py": ("wait", "_wait_for_tstate_lock", "join", "acquire"),
    "queue.py": ("get",),
    "asyncio/base_events.py": ("_run_once",),
    "concurrent/futures/thread.py": ("_worker",),
    "gevent/hub.py": ("run", "switch"),
}


@dataclass(frozen=True)
class Function:
    """A function as a profiler names it.

    name: with its class, where the profiler knows it.
    file: the file that holds it; "" where unknown.
    """

    name: str
    file: str


Stack = tuple[Function, ...]
"""The functions of one sample, from the outermost on."""


@dataclass(frozen=True)
class Profile:
    """The samples of one round on one side.

    stacks: how many samples were seen in each stack.
    lines: where each function begins, as far as that is known.
    """

    stacks: Mapping[Stack, int]
    lines: Mapping[Function, int]


def parse_folded(text: str, root: str = "") -> Profile:
    """The profile in `text`; other lines are left out. root: the service's folder, which is cut off names of files."""
    stacks: Counter[Stack] = Counter()
    lines: dict[Function, int] = {}
    for entry in text.splitlines():
        frames, _, count = entry.rpartition(" ")
        if not frames or not count.isdigit():
            continue
        stack = tuple(
            _function(frame, root, lines) for frame in frames.split(";") if frame and not _NO_FUNCTION.match(frame)
        )
        if stack and not _waits(stack[-1]):
            stacks[stack] += int(count)
    return Profile(stacks, lines)


def _function(frame: str, root: str, lines: dict[Function, int]) -> Function:
    found = _FRAME.fullmatch(frame)
    if found is None:
        return Function(frame, "")
    function = Function(found["name"], _within(found["file"], root))
    if found["line"]:
        lines[function] = min(int(found["line"]), lines.get(function, int(found["line"])))
    return function


def _within(file: str, root: str) -> str:
    folder = root.rstrip("/") + "/"
    return file.removeprefix(folder) if root else file


def _waits(function: Function) -> bool:
    last = function.name.rpartition(".")[2]
    return any(last in names and f"/{function.file}".endswith(f"/{end}") for end, names in _WAITING.items())
