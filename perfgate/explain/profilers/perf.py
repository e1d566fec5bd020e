"""perf: stacks of native programs, of Go, and of what has perf maps. https://perf.wiki.kernel.org"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from perfgate.explain.profile import Profile
from perfgate.explain.profilers.gathering import Gathering
from perfgate.explain.profilers.images import Memory
from perfgate.explain.profilers.perf_names import PerfNames
from perfgate.explain.profilers.perf_script import FIELDS, parse_script
from perfgate.explain.profilers.processes import folder_of, tree
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace, Program, last_words, started
from perfgate.explain.profilers.source_lines import SourceLines
from perfgate.extras import install_hint, is_installed

# Samples a second. A prime number: work that repeats itself does not fall into step with it.
_RATE = 997
# A timer for each CPU: it needs no counters of the hardware, which most virtual machines do not have.
_EVENT = "cpu-clock"
_PARANOID = Path("/proc/sys/kernel/perf_event_paranoid")
# From which value on the kernel lets ordinary users not see the kernel, and see nothing at all (Debian's and Ubuntu's).
_USER_ONLY, _NOTHING = 2, 3
_ALLOW = "sudo sysctl kernel.perf_event_paranoid=2"
_INSTALL = "apt-get install linux-perf (Debian), linux-tools-generic (Ubuntu), or perf (Fedora)"
# Ubuntu's /usr/bin/perf only looks for the one of the kernel that runs; every other one serves as well.
_UBUNTU = ("/usr/lib/linux-tools", "/usr/lib")
_ANSWERS_IN = 5.0  # seconds
# What perf does at its end otherwise takes up to a second.
_QUICK_END = ("--no-buildid", "--no-buildid-cache", "--no-bpf-event")


class Perf:
    """perf, for all processes of a service at once."""

    name = "perf"

    def __init__(self, place: ProfilerPlace) -> None:
        """ProfilerError where it is not installed, or the kernel forbids it to look."""
        self._place = place
        self._sources = SourceLines(place)
        found = _find(place)
        if found is None:
            raise ProfilerError("profiling this service needs perf", _INSTALL)
        self._program = found
        if not is_installed("elftools"):
            raise ProfilerError("reading what perf saw needs pyelftools", install_hint("explain"))
        self._event = _event()

    @contextmanager
    def record(self, pids: Sequence[int], seconds: int) -> Iterator[_Recording]:
        """As its parent; it is ended with the round."""
        processes = [process.pid for process in tree(pids)]
        with tempfile.TemporaryDirectory(prefix="perfgate-") as folder:
            data = str(Path(folder, "perf.data"))
            options = ["--freq", str(_RATE), "--event", self._event, "--call-graph", "fp", *_QUICK_END]
            options += ["--output", data, "--pid", ",".join(map(str, processes))]
            with started([self._program, "record", *options], self._place) as program:
                yield _Recording(self, program, data, processes)

    def read(self, data: str, memories: Mapping[int, Memory], root: str) -> Profile:
        """The profile in a file that perf wrote."""
        # --no-inline: perf would ask another program for every single frame.
        command = [self._program, "script", "--force", "--no-inline", "--fields", FIELDS, "--input", data]
        with started(command, self._place) as program:
            code, output, errors = program.end()
        if code:
            raise ProfilerError(f"perf script failed: {last_words(errors)}")
        samples = parse_script(output.splitlines())
        gathering = Gathering(root)
        names = PerfNames(memories, self._sources, gathering)
        names.look_at(samples)
        for sample, count in samples.items():
            gathering.add(names.stack(sample), count)
        return gathering.profile()


class _Recording:
    """perf at work."""

    def __init__(self, perf: Perf, program: Program, data: str, processes: Sequence[int]) -> None:
        self._perf = perf
        self._program = program
        self._data = data
        self._processes = processes

    def profile(self) -> Profile:
        memories = {pid: Memory(pid) for pid in self._processes}
        root = folder_of(self._processes)
        self._program.interrupt()
        code, _, errors = self._program.end()
        if code not in (0, -signal.SIGINT) or not Path(self._data).is_file():
            raise _failure(errors)
        return self._perf.read(self._data, memories, root)


def _find(place: ProfilerPlace) -> str | None:
    """A perf that starts."""
    found = [shutil.which("perf", path=place.environment.get("PATH"))]
    found += [str(path) for folder in _UBUNTU for path in sorted(Path(folder).glob("*/perf"), reverse=True)]
    return next((one for one in found if one and _starts(one, place)), None)


def _starts(program: str, place: ProfilerPlace) -> bool:
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            [program, "--version"], cwd=place.folder, env=place.environment, capture_output=True, timeout=_ANSWERS_IN
        )
        return done.returncode == 0
    return False


def _event() -> str:
    """What is counted: without the kernel where that is not ours to see. ProfilerError where nothing is."""
    if os.geteuid() == 0:
        return _EVENT
    try:
        paranoid = int(_PARANOID.read_text())
    except (OSError, ValueError):
        paranoid = 0
    if paranoid >= _NOTHING:
        message = f"the kernel lets no program but root's be profiled: perf_event_paranoid is {paranoid}"
        raise ProfilerError(message, _ALLOW)
    return f"{_EVENT}:u" if paranoid >= _USER_ONLY else _EVENT


def _failure(errors: str) -> ProfilerError:
    said = last_words(errors)
    if "ermission" in errors or "not permitted" in errors or "perf_event_paranoid" in errors:
        return ProfilerError(f"perf is not allowed to look: {said[:200]}", _allowing())
    return ProfilerError(f"perf failed: {said}")


def _allowing() -> str:
    if os.geteuid() == 0:
        return "the container that perfgate runs in needs the capability PERFMON, or --privileged"
    return f"run perfgate as the service's own user, and allow it: {_ALLOW}"
