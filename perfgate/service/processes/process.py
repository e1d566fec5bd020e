"""A service as a child process: pinned to its CPUs, watched, and stopped together with all its descendants."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from perfgate.errors import TargetError
from perfgate.popen import Popen, interrupts_held
from perfgate.service.dependency import NamedDependency
from perfgate.service.log import Log
from perfgate.service.processes.owned_processes import end_owned_by, in_session
from perfgate.service.usage import ProcessTree, Usage

GRACE = 5.0
_LOOK_EVERY = 0.05  # seconds
# Where `python -m perfgate.petstore` finds the package, installed or not.
_PACKAGE_FOLDER = Path(__file__).parents[3]


@dataclass(frozen=True)
class ProcessContext:
    """Where and how a command runs.

    folder: its working folder.
    environment: its environment variables; None for those of this process.
    mark: the mark of all processes that it owns, see owned_processes; None without one.
    piped: whether its standard output is read; it goes into the log otherwise.
    spared: the sessions of processes that carry the mark, and do not end with it.
    """

    folder: Path
    environment: Mapping[str, str] | None
    mark: str | None
    piped: bool
    spared: tuple[int, ...] = ()


_PETSTORE = ProcessContext(_PACKAGE_FOLDER, None, None, piped=True)


class ServiceProcess:
    """A service in a child process. Its standard input stays open while this process lives, so that it notices our end.

    url: where it takes load, set as soon as that is known.
    cpus: the CPUs that it may run on; empty for all.
    """

    container = ""
    dependencies: Sequence[NamedDependency] = ()

    def __init__(self, command: Sequence[str], cpus: tuple[int, ...], context: ProcessContext = _PETSTORE) -> None:
        """Start `command` in a process group of its own. cpus: where it may run; empty: wherever this process may.

        TargetError where the command cannot be started or the CPUs cannot be had.
        """
        self.url = ""
        self.cpus = cpus
        self._log = Log()
        self._mark = context.mark
        self._spared = context.spared
        self._stopped = False
        started = False
        try:
            with interrupts_held(), _pinned(cpus):
                self._process = Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE if context.piped else self._log.descriptor,
                    stderr=self._log.descriptor,
                    cwd=context.folder,
                    env=context.environment,
                    start_new_session=True,
                )
                started = True
                self._tree = ProcessTree(self._process.pid)
        except BaseException as error:
            if started:
                self.stop()
            self._log.close()
            if isinstance(error, OSError):
                raise TargetError(
                    f"{command[0]} could not be started: {error.strerror}", "is it installed, and on the PATH?"
                ) from error
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def read_line(self, timeout: float) -> str:
        """The first line of its standard output; "" where none comes within `timeout` seconds or it ends before."""
        deadline = time.monotonic() + timeout
        written = b""
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in written:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    return ""
                more = os.read(self._process.stdout.fileno(), 4096)
                if not more:
                    return ""
                written += more
        return written.decode(errors="replace").splitlines()[0]

    def alive(self) -> bool:
        return self._process.poll() is None

    def ended(self) -> str:
        """How it came to an end, like "exit code 1"; "" as long as it runs."""
        code = self._process.poll()
        if code is None:
            return ""
        return f"exit code {code}" if code >= 0 else f"signal {-code} ({signal.strsignal(-code)})"

    def wait(self, timeout: float) -> bool:
        """Whether it ends by itself within `timeout` seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
        return not self.alive()

    def end_by_itself(self, timeout: float) -> bool:
        """Ask it to end (SIGTERM); whether it and all of its session have done so within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        self._process.signal_group(signal.SIGTERM)
        while self.alive() or in_session(self.pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_EVERY)
        return True

    def processes(self) -> Sequence[int]:
        return (self.pid,)

    def usage(self) -> Usage | None:
        """What it and its descendants have used; None once it has ended."""
        return self._tree.usage() if self.alive() else None

    def reset_peak(self) -> None:
        """Let the peak of its memory begin anew, where the system can do that."""
        self._tree.reset_peak()

    def logs(self) -> str:
        """The last 50 lines that it wrote, also after it was stopped."""
        return self._log.last_lines()

    def stop(self, grace: float = GRACE) -> None:
        """End it and all that belongs to it: politely first (SIGTERM), by force after `grace` seconds.

        Once is enough. An interrupted wait (Ctrl-C) is followed by force at once.
        """
        if self._stopped:
            return
        self._stopped = True
        try:
            self._process.signal_group(signal.SIGTERM)
            self.wait(grace)
        finally:
            with interrupts_held():
                self._end_by_force()

    def _end_by_force(self) -> None:
        self._process.signal_group(signal.SIGKILL)
        self._process.wait()
        if self._mark is not None:
            end_owned_by(self._mark, self._spared)
        self._log.close()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def _pinned(cpus: Sequence[int]) -> Iterator[None]:
    """Children started within may run on `cpus` only, from their first instruction on and with all their threads."""
    if not cpus or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, cpus)
    except OSError as error:
        listed = ",".join(map(str, cpus))
        raise TargetError(
            f"a service cannot be pinned to CPU {listed}: {error.strerror}", "--cpus names CPUs that this machine has"
        ) from error
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
