"""py-spy: stacks of Python, read from outside of the process. https://github.com/benfred/py-spy"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from perfgate.explain.profilers.processes import python_processes
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace, Program, last_words, started
from perfgate.extras import install_hint

# Samples a second. A prime number: work that repeats itself does not fall into step with it.
_RATE = 997
# Should nobody live to end it, it ends by itself (s).
_LONGER_THAN_A_ROUND = 60
_PTRACE_SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
_ALLOW = "sudo sysctl kernel.yama.ptrace_scope=0"
# What py-spy says where no thread was awake, which is no failure.
_NOTHING_SEEN = "No stack counts found"


class PySpy:
    """py-spy, one for each Python process that no other one has started."""

    name = "py-spy"

    def __init__(self, place: ProfilerPlace) -> None:
        """ProfilerError where it is not installed, or the kernel forbids it to look."""
        self._place = place
        beside = Path(sys.executable).with_name("py-spy")
        found = str(beside) if beside.is_file() else shutil.which("py-spy", path=place.environment.get("PATH"))
        if found is None:
            raise ProfilerError("profiling a Python service needs py-spy", install_hint("explain"))
        self._program = found
        if _forbidden():
            raise ProfilerError(
                "the kernel lets no program but root's look into a process: ptrace_scope is set", _ALLOW
            )

    @contextmanager
    def record(self, pids: Sequence[int], seconds: int) -> Iterator[_Recording]:
        """As its parent; it is ended with the round, whatever that takes."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="perfgate-")))
            programs = {}
            for pid in python_processes(pids):
                command = self._command(pid, folder, seconds)
                programs[folder / str(pid)] = stack.enter_context(started(command, self._place))
            yield _Recording(programs)

    def _command(self, pid: int, folder: Path, seconds: int) -> list[str]:
        options = ["--format", "raw", "--rate", str(_RATE), "--function", "--full-filenames", "--subprocesses"]
        options += ["--duration", str(seconds + _LONGER_THAN_A_ROUND)]
        return [self._program, "record", "--pid", str(pid), *options, "--output", str(folder / str(pid))]


class _Recording:
    """py-spy at work."""

    def __init__(self, programs: Mapping[Path, Program]) -> None:
        self._programs = programs

    def folded(self) -> str:
        for program in self._programs.values():
            program.interrupt()
        ended = {file: program.end() for file, program in self._programs.items()}
        for code, _, errors in ended.values():
            if code and _NOTHING_SEEN not in errors:
                denied = "denied" in errors or "not permitted" in errors
                raise ProfilerError(f"py-spy failed: {last_words(errors)}", _allowing() if denied else "")
        return "\n".join(file.read_text(errors="replace") for file in ended if file.is_file())


def _forbidden() -> bool:
    if os.geteuid() == 0:
        return False
    try:
        return int(_PTRACE_SCOPE.read_text()) > 0
    except (OSError, ValueError):
        return False


def _allowing() -> str:
    if os.geteuid() == 0:
        return "the container that perfgate runs in needs the capability SYS_PTRACE"
    return f"run perfgate as the service's own user, and allow it: {_ALLOW}"
