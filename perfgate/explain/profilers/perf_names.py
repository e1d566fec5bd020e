"""The functions that perf's frames are: with file and line for Go, for what has a perf map, and by `addr2line`.

What is the service's own has a file that lies in no library; of a library without known sources the name alone is
given, with the file that it is in behind it: "SSL_read [libssl.so.3]".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from perfgate.explain.profile import Function, Stack
from perfgate.explain.profilers.gathering import Gathering
from perfgate.explain.profilers.go_functions import GoCall
from perfgate.explain.profilers.go_names import go_file, unnumbered
from perfgate.explain.profilers.images import Image, Memory
from perfgate.explain.profilers.perf_script import PerfFrame, Sample
from perfgate.explain.profilers.source_lines import SourceLines

_PERF_MAP = re.compile(r".*/perf-\d+\.map|\[JIT\] tid \d+|//anon|")
# V8: the kind of code, a mark for its tier, the name, and its place. https://github.com/v8/v8/blob/main/src/logging/log.cc
_JAVASCRIPT = re.compile(
    r"(?:LazyCompile|Function|JS|Script|Eval|Callback):[~^*+']*(?P<name>.*?) ?"
    r"(?P<file>(?:file://|node:|/)[^:]*):(?P<line>[0-9]{1,9}):\d+"
)
# CPython: Doc/howto/perf_profiling.rst.
_PYTHON = re.compile(r"py::(?P<name>.*?):(?P<file>[^:]*)")
# What compilers add to a name by its order, or as they optimize: closures of Rust and C++, and clones.
_CLONE = r"\.(?:constprop|isra|lto_priv)\.\d+"
_COMPILERS_OWN = re.compile(rf"#\d+(?=\}})|(?:{_CLONE}|(?: \[clone {_CLONE}\]))+$")
_SYSTEM_CALL = re.compile(r"(?:__(?:x64|arm64|se|do)_sys|ksys)_(?P<name>\w+)")
_ENTRY = ("entry_SYSCALL", "do_syscall", "el0_svc", "syscall_", "x64_sys_call", "invoke_syscall")
_KERNEL = "[kernel]"


class PerfNames:
    """Names the frames of one round.

    memories: of the processes. gathering: what the functions are for.
    """

    def __init__(self, memories: Mapping[int, Memory], sources: SourceLines, gathering: Gathering) -> None:
        self._memories = memories
        self._sources = sources
        self._function = gathering.function
        # Addresses of a process are told as offsets in its files: so does perf since 6.0.
        self._by_offset = True
        self._hosts: set[int] = set()
        self._known: dict[tuple[int, PerfFrame, bool], tuple[Function, ...]] = {}

    def look_at(self, samples: Iterable[Sample]) -> None:
        """Learn how addresses are told, and ask for the sources of all native functions at once."""
        frames = {
            (sample.pid, frame)
            for sample in samples
            for frame in sample.frames
            if sample.pid in self._memories and not frame.in_kernel and not _PERF_MAP.fullmatch(frame.image)
        }
        # The program of a process with such a map runs what somebody else wrote.
        self._hosts = {
            sample.pid
            for sample in samples
            if any(_PERF_MAP.fullmatch(one.image) for one in sample.frames if one.image)
        }
        self._by_offset = any(not self._memories[pid].holds(frame.address) for pid, frame in frames)
        wanted: dict[Image, set[int]] = {}
        for pid, frame in frames:
            found = self._place(pid, frame, frame.address - frame.offset) if frame.symbol else None
            if found and not found[0].is_go and self._is_program(pid, frame):
                wanted.setdefault(found[0], set()).add(found[1])
        for image, addresses in wanted.items():
            self._sources.look_up(image, addresses)

    def stack(self, sample: Sample) -> Stack:
        """The functions of a sample, from the outermost on. What the kernel does is one of them."""
        found: list[Function] = []
        kernel = [frame.symbol for frame in sample.frames if frame.in_kernel]
        if kernel:
            found.append(Function(_kernel_name(kernel), ""))
        user = [frame for frame in sample.frames if not frame.in_kernel]
        for number, frame in enumerate(user):
            found += self._functions(sample.pid, frame, is_call=bool(number or kernel))
        return tuple(reversed(found))

    def _functions(self, pid: int, frame: PerfFrame, is_call: bool) -> tuple[Function, ...]:
        """The functions at a frame, the innermost first. is_call: its address is the one that a call returns to."""
        key = (pid, frame, is_call)
        if key not in self._known:
            self._known[key] = self._named(pid, frame, frame.address - is_call)
        return self._known[key]

    def _named(self, pid: int, frame: PerfFrame, address: int) -> tuple[Function, ...]:
        if _PERF_MAP.fullmatch(frame.image):
            return (self._compiled(frame.symbol),)
        found = self._place(pid, frame, address)
        if found and found[0].go:
            calls = found[0].go.calls(found[1])
            if calls:
                return tuple(self._go(call, found[0].go.module) for call in calls)
        return (self._native(pid, frame),)

    def _place(self, pid: int, frame: PerfFrame, address: int) -> tuple[Image, int] | None:
        """The file of a frame, and an address of it as the file counts."""
        memory = self._memories.get(pid)
        if memory is None:
            return None
        return memory.place_in(frame.image, address) if self._by_offset else memory.place(address)

    def _compiled(self, symbol: str) -> Function:
        """What a perf map says of code that was compiled while it ran."""
        if match := _JAVASCRIPT.fullmatch(symbol):
            file = match["file"].removeprefix("file://")
            return self._function(match["name"] or "<anonymous>", file, int(match["line"]))
        if match := _PYTHON.fullmatch(symbol):
            return self._function(match["name"], match["file"], 0)
        return Function(symbol or "[unknown]", "")

    def _go(self, call: GoCall, module: str) -> Function:
        return self._function(unnumbered(call.name), go_file(call.name, call.file, module), call.line)

    def _native(self, pid: int, frame: PerfFrame) -> Function:
        inside = PurePath(frame.image).name or "unknown"
        if not frame.symbol:
            return Function(f"[{inside}]", "")
        name = _COMPILERS_OWN.sub("", frame.symbol).replace(";", ",")
        if not self._is_program(pid, frame):
            return Function(f"{name} [{inside}]", "")
        found = self._place(pid, frame, frame.address - frame.offset)
        source = self._sources.source(*found) if found else None
        if source is not None:
            return self._function(name, *source) if source[0] else Function(f"{name} [{inside}]", "")
        return self._function(name, frame.image, 0)

    def _is_program(self, pid: int, frame: PerfFrame) -> bool:
        """Whether a frame is in the service's own program."""
        memory = self._memories.get(pid)
        return memory is not None and pid not in self._hosts and frame.image == memory.executable


def _kernel_name(symbols: Sequence[str]) -> str:
    """What was asked of the kernel: "[kernel] sendto"; "[kernel]" for what nobody asked for, such as an interrupt."""
    for symbol in reversed(symbols):
        if match := _SYSTEM_CALL.fullmatch(symbol):
            return f"{_KERNEL} {match['name']}"
        if symbol and not symbol.startswith(_ENTRY):
            break
    return _KERNEL
