"""Folded stacks, a line each: frames from the outermost on, separated by semicolons, and a number of samples.

The format of Brendan Gregg's stackcollapse scripts, which nearly every profiler can write. py-spy puts file and line in
brackets behind each frame.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from perfgate.explain.own_trees import seen_from
from perfgate.explain.profile import Function, Profile, Stack, begins_of

_COUNT = re.compile(r"[0-9]{1,15}")
_FRAME = re.compile(r"(?P<name>.+) \((?P<file>[^()]*?)(?::(?P<line>[0-9]{1,9}))?\)")
# py-spy's frames for a process and a thread.
_NO_FUNCTION = re.compile(r"process \d+:|thread \(0x")
# Python's frames of its own for a part of a function; since 3.11 its name stands before them, as in
# discount.<locals>.<genexpr>.
_PARTS = ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")

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


def parse_folded(text: str, root: str = "", sample_seconds: float | None = None, begins: bool = False) -> Profile:
    """The profile in `text`; other lines are left out.

    root: the service's folder, which names of files are told from.
    sample_seconds: what a sample stands for, waiting included; None for samples of CPU, which no waiting belongs to.
    begins: whether the lines are those where functions begin, and not those at work.
    """
    stacks: Counter[Stack] = Counter()
    lines: dict[Function, int] = {}
    beginnings: defaultdict[Function, Counter[int]] = defaultdict(Counter)
    for entry in text.splitlines():
        frames, _, count = entry.rpartition(" ")
        if not frames or not _COUNT.fullmatch(count):
            continue
        stack = _without_parts(
            [
                _function(frame, root, lines, begins)
                for frame in frames.split(";")
                if frame and not _NO_FUNCTION.match(frame)
            ]
        )
        if stack and (sample_seconds is not None or not _waits(stack[-1])):
            stacks[stack] += int(count)
            for function, line in begins_of(stack).items():
                beginnings[function][line] += int(count)
    return Profile(stacks, lines, sample_seconds, beginnings)


def _function(frame: str, root: str, lines: dict[Function, int], begins: bool) -> Function:
    found = _FRAME.fullmatch(frame)
    if found is None:
        return Function(frame, "")
    line = int(found["line"] or 0)
    function = Function(found["name"], seen_from(root, found["file"]), line if begins else 0)
    if found["line"]:
        lines[function] = min(line, lines.get(function, line))
    return function


def _without_parts(frames: Sequence[Function]) -> Stack:
    """The frames without those of comprehensions and generator expressions: they belong to the function around them."""
    return tuple(frame for place, frame in enumerate(frames) if not _is_part(frame, frames[:place]))


def _is_part(frame: Function, outside: Sequence[Function]) -> bool:
    """Whether a frame is a part of one outside of it; by their file alone where its name does not say of which."""
    around, _, last = frame.name.rpartition(".")
    around = around.removesuffix(".<locals>")
    return last in _PARTS and any(frame.file == one.file and around in ("", one.name) for one in outside)


def _waits(function: Function) -> bool:
    last = function.name.rpartition(".")[2]
    return any(last in names and f"/{function.file}".endswith(f"/{end}") for end, names in _WAITING.items())
