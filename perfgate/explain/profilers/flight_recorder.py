"""JDK Flight Recorder: stacks of a JVM, which the JDK's `jfr` prints.

https://docs.oracle.com/en/java/javase/21/docs/specs/man/jfr.html; for commands to the recorder jcmd.html beside it
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from perfgate.explain.profile import Function, Profile
from perfgate.explain.profilers.gathering import Gathering
from perfgate.explain.profilers.java_sources import JavaSources
from perfgate.explain.profilers.jfr_print import EVENT, Method, parse_print
from perfgate.explain.profilers.jvm import ask
from perfgate.explain.profilers.processes import folder_here, folder_of
from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.explain.profilers.program import ProfilerPlace, last_words, started
from perfgate.explain.profilers.runtimes import Runtime, busy_processes

_NAME = "perfgate"
# Nothing but samples is recorded: the rest would take more than it tells here.
_SETTINGS = f"""<?xml version="1.0" encoding="UTF-8"?>
<configuration version="2.0">
  <event name="{EVENT}"><setting name="enabled">true</setting><setting name="period">2 ms</setting></event>
</configuration>
"""
_SETTINGS_FILE, _SAMPLES_FILE = "settings.jfc", "samples.jfr"
_DEEPEST = "64"


class FlightRecorder:
    """The recorder of every busy JVM of a service."""

    name = "JDK Flight Recorder"

    def __init__(self, place: ProfilerPlace, pids: Sequence[int]) -> None:
        """pids: of a service. ProfilerError where no JDK is there to read what is recorded."""
        self._place = place
        found = _jfr(busy_processes(Runtime.JAVA, pids), place)
        if found is None:
            raise ProfilerError("profiling a JVM needs jfr of its JDK", "apt-get install default-jdk-headless")
        self._program = found
        self._sources: dict[str, JavaSources] = {}

    @contextmanager
    def record(self, pids: Sequence[int], seconds: int) -> Iterator[_Recording]:
        """As its parent."""
        with ExitStack() as stack:
            folders = {pid: stack.enter_context(_shared_folder(pid)) for pid in busy_processes(Runtime.JAVA, pids)}
            for pid, folder in folders.items():
                stack.enter_context(_recording(pid, folder))
            yield _Recording(self, folders, folder_of(pids), folder_here(pids))

    def read(self, samples: Path, folder: str, gathering: Gathering) -> None:
        """Gather what a file holds that the recorder wrote. folder: where sources may lie; "" for none."""
        command = [self._program, "print", "--events", EVENT, "--stack-depth", _DEEPEST, str(samples)]
        with started(command, self._place) as program:
            code, output, errors = program.end()
        if code:
            raise ProfilerError(f"jfr failed: {last_words(errors)}")
        sources = self._sources_in(folder)
        for methods, count in parse_print(output.splitlines()).items():
            gathering.add((_function(method, sources, gathering) for method in reversed(methods)), count)

    def _sources_in(self, folder: str) -> JavaSources:
        """Those below a folder, which are looked for once; where there are none, those that lie where perfgate runs."""
        if folder not in self._sources:
            found = JavaSources("" if folder == "/" else folder)  # all of this machine is no service's
            self._sources[folder] = found or JavaSources(str(self._place.folder))
        return self._sources[folder]


class _Recording:
    """Recorders at work.

    folders: where they write, by the processes.
    root: the service's folder, as it calls it.
    here: as it is called on this machine.
    """

    def __init__(self, recorder: FlightRecorder, folders: Mapping[int, _SharedFolder], root: str, here: str) -> None:
        self._recorder = recorder
        self._folders = folders
        self._root = root
        self._here = here

    def profile(self) -> Profile:
        gathering = Gathering(self._root)
        for pid, folder in self._folders.items():
            ask(pid, f"JFR.stop name={_NAME} filename={folder.inside}/{_SAMPLES_FILE}")
            self._recorder.read(folder.outside / _SAMPLES_FILE, self._here, gathering)
        return gathering.profile()


class _SharedFolder:
    """A folder that a process can write to. outside: as it is called here. inside: as the process calls it."""

    def __init__(self, outside: Path, inside: str) -> None:
        self.outside = outside
        self.inside = inside


@contextmanager
def _shared_folder(pid: int) -> Iterator[_SharedFolder]:
    """In the process's own /tmp, which is another one in a container."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="perfgate-", dir=f"/proc/{pid}/root/tmp"))
        try:
            (folder / _SETTINGS_FILE).write_text(_SETTINGS)
            if os.geteuid() == 0:
                owner = Path(f"/proc/{pid}").stat()
                for one in (folder, folder / _SETTINGS_FILE):
                    os.chown(one, owner.st_uid, owner.st_gid)
            yield _SharedFolder(folder, f"/tmp/{folder.name}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise ProfilerError(f"the JVM cannot be given a folder to write to: {error.strerror}") from None


@contextmanager
def _recording(pid: int, folder: _SharedFolder) -> Iterator[None]:
    ask(pid, f"JFR.start name={_NAME} settings={folder.inside}/{_SETTINGS_FILE}")
    try:
        yield
    finally:
        # Where it was stopped already, it says so.
        with suppress(ProfilerError):
            ask(pid, f"JFR.stop name={_NAME}")


def _jfr(pids: Sequence[int], place: ProfilerPlace) -> str | None:
    """The program of the JDK that the service runs on, or another one's."""
    for pid in pids:
        with suppress(OSError):
            beside = Path(f"/proc/{pid}/exe").readlink().with_name("jfr")
            if beside.is_file():
                return str(beside)
    return shutil.which("jfr", path=place.environment.get("PATH"))


def _function(method: Method, sources: JavaSources, gathering: Gathering) -> Function:
    name = f"{method.class_name}.{method.name}"
    return gathering.function(name, sources.file(method.class_name), method.line, begins=False)
