"""A profiler as a child process: started beside the service, ended with its round."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import IO

from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.popen import Popen

_GRACE = 10.0  # seconds
_MOST_LINES = 3


class Program:
    """One profiler that runs. What it writes goes into files, so that it never waits for a reader."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it. ProfilerError where that fails."""
        self._name = os.path.basename(command[0])
        self._output, self._errors = _file(), _file()
        try:
            self._process = Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._errors,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            self._close()
            raise ProfilerError(f"{command[0]} could not be started: {error.strerror}", "is it installed?") from error

    def interrupt(self) -> None:
        """Ask it to end, as Ctrl-C does: profilers then write what they saw."""
        if self._process.poll() is None:
            self._process.signal_group(signal.SIGINT)

    def end(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, output and errors. ProfilerError where it does not end."""
        try:
            code = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            raise ProfilerError(f"{self._name} did not end within {_GRACE:g} s of its round", "") from None
        return code, _text(self._output), _text(self._errors)

    def kill(self) -> None:
        """End it by force, if it still runs."""
        self._process.signal_group(signal.SIGKILL)
        self._process.wait()
        self._close()

    def _close(self) -> None:
        self._output.close()
        self._errors.close()


def last_words(errors: str) -> str:
    """The last lines that a program wrote, on one line."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return "; ".join(lines[-_MOST_LINES:])


def _file() -> IO[bytes]:
    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
        stack.pop_all()  # closed with the program
        return file


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
