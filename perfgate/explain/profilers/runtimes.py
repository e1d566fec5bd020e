"""What runs in the processes of a service: it decides which profiler serves."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

import psutil

from perfgate.explain.profilers.images import Memory
from perfgate.explain.profilers.processes import is_python, number_inside, tree


class Runtime(str, Enum):
    """What a process runs."""

    PYTHON = "Python"
    NODE = "Node"
    JAVA = "a JVM"
    GO = "Go"
    INTERPRETED = "an interpreter"
    """Of a language that needs a profiler of its own."""
    NATIVE = "a native program"


# They start services, and are none.
_SHELLS = ("sh", "bash", "dash", "ash", "busybox", "zsh", "tini", "dumb-init", "npm", "make", "env", "timeout")
# Programs that run what somebody else wrote, and what such programs have their code from.
_INTERPRETER = re.compile(
    r"(?:php(?:-fpm|-cgi)?|ruby|perl|lua(?:jit)?|beam\.smp|dotnet|mono(?:-sgen)?|deno|bun|dart|R)[\d.-]*"
)
_INTERPRETERS_CODE = re.compile(r"lib(?:coreclr|monosgen|php|ruby)[\d.-]*\.so|memfd:doublemapper")
_HARDLY_ANY = 0.1


def runtime_of(pids: Sequence[int]) -> Runtime:
    """What the processes of these trees run, those that took most of the CPU."""
    used: defaultdict[Runtime, float] = defaultdict(float)
    for process in tree(pids):
        # One that has done no work yet counts as well, and a shell only where nothing else is.
        used[_runtime(process.pid)] += (_used(process.pid) + 0.01) * (1e-6 if _is_shell(process) else 1.0)
    return max(used, key=lambda one: used[one], default=Runtime.NATIVE)


def processes_that_run(runtime: Runtime, pids: Sequence[int]) -> list[int]:
    """Those of the trees that run it."""
    return [process.pid for process in tree(pids) if _runtime(process.pid) is runtime]


def busy_processes(runtime: Runtime, pids: Sequence[int]) -> list[int]:
    """Those that run it, but for those that took hardly any CPU beside the others: they start services, or watch."""
    used = {pid: _used(pid) for pid in processes_that_run(runtime, pids)}
    most = max(used.values(), default=0.0)
    return [pid for pid, seconds in used.items() if seconds >= _HARDLY_ANY * most]


def writes_perf_map(pids: Sequence[int]) -> bool:
    """Whether Node tells perf its functions there."""
    return any("--perf-basic-prof" in node_options(pid) for pid in busy_processes(Runtime.NODE, pids))


def node_options(pid: int) -> str:
    """What a Node process was started with, with dashes in the names of options."""
    try:
        process = psutil.Process(pid)
        return " ".join([*process.cmdline(), process.environ().get("NODE_OPTIONS", "")]).replace("_", "-")
    except (psutil.Error, OSError):
        return ""


def _used(pid: int) -> float:
    """CPU so far (s)."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _is_shell(process: psutil.Process) -> bool:
    try:
        return process.name() in _SHELLS
    except psutil.Error:
        return True


def _runtime(pid: int) -> Runtime:
    if is_python(pid):
        return Runtime.PYTHON
    memory = Memory(pid)
    name = Path(memory.executable).name
    if name in ("node", "nodejs"):
        return Runtime.NODE
    if name == "java" or memory.has("/libjvm.so"):
        return Runtime.JAVA
    if memory.is_go:
        return Runtime.GO
    runs_others = _INTERPRETER.fullmatch(name) or memory.has_named(_INTERPRETERS_CODE)
    return Runtime.INTERPRETED if runs_others and not _has_perf_map(pid) else Runtime.NATIVE


def _has_perf_map(pid: int) -> bool:
    """Whether a process tells perf what it compiles."""
    try:
        return os.path.exists(f"/proc/{pid}/root/tmp/perf-{number_inside(pid)}.map")
    except OSError:
        return False
