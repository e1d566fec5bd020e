"""A profiler as a child process: started beside the service, ended with its round."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from perfgate.explain.profilers.profiler import ProfilerError
from perfgate.popen import Popen

_GRACE = 10.0  # seconds
_MOST_LINES = 3


@dataclass(frozen=True)
class ProfilerPlace:
    """Where profilers run.

    folder: their working folder.
    environment: their environment variables.
    """

    folder: Path
    environment: Mapping[str, str]


class Program:
    """One profiler that runs. What it writes goes into files, so that it never waits for a reader."""

    def __init__(self, command: Sequence[str], place: ProfilerPlace, output: IO[bytes], errors: IO[bytes]) -> None:
        self._called = command[0]
        self._output = output
        self._errors = errors
        self._process = Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            cwd=place.folder,
            env=place.environment,
            start_new_session=True,
        )

    def interrupt(self) -> None:
        """Ask it to end, as Ctrl-C does: profilers then write what they saw."""
        if self._process.poll() is None:
            self._process.signal_group(signal.SIGINT)

    def end(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, output and errors. ProfilerError where it does not end."""
        try:
            code = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            raise ProfilerError(f"{self._called} did not end within {_GRACE:g} s of its round") from None
        return code, _text(self._output), _text(self._errors)

    def kill(self) -> None:
        """End it by force, with what it has started."""
        self._process.signal_group(signal.SIGKILL)
        self._process.wait()


@contextmanager
def started(command: Sequence[str], place: ProfilerPlace) -> Iterator[Program]:
    """A profiler that runs until the block is left, at the latest. ProfilerError where it cannot be started."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            program = Program(command, place, output, errors)
        except OSError as error:
            raise ProfilerError(f"{command[0]} could not be started: {error.strerror}", "is it installed?") from error
        try:
            yield program
        finally:
            program.kill()


def last_words(errors: str) -> str:
    """The last lines that a program wrote, on one line."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return "; ".join(lines[-_MOST_LINES:])


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
