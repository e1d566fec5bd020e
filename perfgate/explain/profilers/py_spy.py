"""py-spy: stacks of Python, read from outside of the process. https://github.com/benfred/py-spy"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from perfgate.explain.folded import parse_folded
from perfgate.explain.profile import Profile
from perfgate.explain.profilers.processes import folder_of, python_processes
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace, Program, last_words, started
from perfgate.extras import install_hint

# Samples a second. Prime numbers: work that repeats itself does not fall into step with them. Threads that wait are
# many, and each sample looks at all of them.
_RATE, _RATE_OF_WAITING = 1999, 499
# Should nobody live to end it, it ends by itself (s).
_LONGER_THAN_A_ROUND = 60
_PTRACE_SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
_ALLOW = "sudo sysctl kernel.yama.ptrace_scope=0"
# What py-spy says where no thread was awake, which is no failure.
_NOTHING_SEEN = "No stack counts found"


class PySpy:
    """py-spy, one for each Python process that no other one has started."""

    name = "py-spy"

    def __init__(self, place: ProfilerPlace, waiting: bool = False) -> None:
        """ProfilerError where it is not installed, or the kernel forbids it to look.

        waiting: whether it sees threads that wait as well, so that a sample stands for time that passes.
        """
        self._place = place
        self._waiting = waiting
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
            yield _Recording(programs, folder_of(pids), 1 / _RATE_OF_WAITING if self._waiting else None)

    def _command(self, pid: int, folder: Path, seconds: int) -> list[str]:
        rate = ["--idle", "--rate", str(_RATE_OF_WAITING)] if self._waiting else ["--rate", str(_RATE)]
        # A process that is stopped for each sample takes 8 % more CPU a request, can be seen 400 times a second at most
        # and at the same places again and again.
        options = ["--nonblocking", "--format", "raw", *rate, "--function", "--full-filenames", "--subprocesses"]
        options += ["--duration", str(seconds + _LONGER_THAN_A_ROUND)]
        return [self._program, "record", "--pid", str(pid), *options, "--output", str(folder / str(pid))]


class _Recording:
    """py-spy at work.

    programs: by the file that each one writes.
    root: the service's folder.
    sample_seconds: what a sample stands for; None for CPU.
    """

    def __init__(self, programs: Mapping[Path, Program], root: str, sample_seconds: float | None) -> None:
        self._programs = programs
        self._root = root
        self._sample_seconds = sample_seconds

    def profile(self) -> Profile:
        for program in self._programs.values():
            program.interrupt()
        ended = {file: program.end() for file, program in self._programs.items()}
        for code, _, errors in ended.values():
            if code and _NOTHING_SEEN not in errors:
                denied = "denied" in errors or "not permitted" in errors
                raise ProfilerError(f"py-spy failed: {last_words(errors)}", _allowing() if denied else "")
        text = "\n".join(file.read_text(errors="replace") for file in ended if file.is_file())
        return parse_folded(text, self._root, self._sample_seconds, begins=True)


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
