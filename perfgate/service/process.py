"""A service as a child process: pinned to its CPUs, watched, and stopped together with everything it started."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import perfgate
from perfgate.errors import TargetError
from perfgate.service.usage import ProcessTree, Usage

LAST_LINES = 50
_LAST_BYTES = 64 * 1024
GRACE = 5.0


class ServiceProcess:
    """A running child. Its standard input stays open while this process lives, so that it can notice our end."""

    def __init__(self, command: Sequence[str], cpus: Sequence[int]) -> None:
        """Start `command` in a process group of its own. cpus: where it may run; empty: wherever this process may.

        TargetError where the command cannot be started or the CPUs cannot be had.
        """
        self._log: int | None = _unnamed_file()
        self._last_words = ""
        try:
            with _pinned(cpus):
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._log,
                    cwd=Path(perfgate.__file__).parent.parent,
                    start_new_session=True,
                )
        except OSError as error:
            os.close(self._log)
            raise TargetError(f"{command[0]} could not be started: {error.strerror}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self._tree = ProcessTree(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    def read_line(self, timeout: float) -> str:
        """The first line of its standard output; "" where none comes within `timeout` seconds or it ends before."""
        deadline = time.monotonic() + timeout
        written = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            while b"\n" not in written:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    return ""
                more = os.read(self._output.fileno(), 4096)
                if not more:
                    return ""
                written += more
        return written.decode(errors="replace").splitlines()[0]

    def alive(self) -> bool:
        return self._process.poll() is None

    def usage(self) -> Usage | None:
        """What it and its descendants have used; None once it has ended."""
        return self._tree.usage() if self.alive() else None

    def forget_peak(self) -> None:
        """Let the peak of its memory begin anew, where the system can do that."""
        self._tree.forget_peak()

    def logs(self) -> str:
        """The last 50 lines of its standard error, also after it was stopped."""
        if self._log is None:
            return self._last_words
        size = os.fstat(self._log).st_size
        # pread, because the child writes at the offset that it shares with this descriptor.
        end = os.pread(self._log, _LAST_BYTES, max(size - _LAST_BYTES, 0))
        return "\n".join(end.decode(errors="replace").splitlines()[-LAST_LINES:])

    def stop(self, grace: float = GRACE) -> None:
        """End it and its descendants: with a word first (SIGTERM), by force after `grace` seconds. Once is enough."""
        if self._log is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._signal(signal.SIGTERM)
            self._process.wait(grace)
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._last_words = self.logs()
        os.close(self._log)
        self._log = None
        self._input.close()
        self._output.close()

    def _signal(self, number: int) -> None:
        # The group is gone where the child and its descendants are; macOS says so with a PermissionError.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


class ProcessService:
    """A service in a child process."""

    def __init__(self, url: str, process: ServiceProcess, cpus: tuple[int, ...]) -> None:
        self.url = url
        self.cpus = cpus
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def usage(self) -> Usage | None:
        return self._process.usage()

    def forget_peak(self) -> None:
        self._process.forget_peak()

    def alive(self) -> bool:
        return self._process.alive()

    def logs(self) -> str:
        return self._process.logs()

    def stop(self) -> None:
        self._process.stop()

    def __enter__(self) -> ProcessService:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _unnamed_file() -> int:
    descriptor, path = tempfile.mkstemp(prefix="perfgate-")
    os.unlink(path)
    return descriptor


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
