"""Logs of services, in nameless files that stay small however much is written."""

from __future__ import annotations

import os
import re
import tempfile
import threading

from perfgate.tokens import without_user_info

LAST_LINES = 50
_LAST_BYTES = 64 * 1024
# A log is at most this large, plus what is written between two looks (s).
_MOST_BYTES = 8 * 1024 * 1024
_LOOK_EVERY = 0.25

# Colours and cursor movements (ECMA-48, 5.4), and all else that a terminal would act on.
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


def readable(line: str) -> str:
    """A line of a log without control characters and without the passwords of URLs: it may be shown to everybody."""
    return without_user_info(_CONTROL.sub("", line))


def readable_end(written: bytes) -> str:
    """The last 50 lines of a log, without control characters."""
    lines = written.decode(errors="replace").splitlines()[-LAST_LINES:]
    return "\n".join(map(readable, lines))


def said_last(logs: str) -> str:
    """The end of a sentence about a service that has ended: its last line, "" where it wrote nothing."""
    lines = logs.strip().splitlines()
    return f"; the last it said: {lines[-1]}" if lines else ""


class Log:
    """A log that a child writes. While it grows its beginning is dropped; lines written in that moment may be lost.

    descriptor: the file to write to; every write goes to the end (open(2), O_APPEND).
    """

    def __init__(self) -> None:
        placed, path = tempfile.mkstemp(prefix="perfgate-")
        try:
            self.descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        finally:
            os.close(placed)
            os.unlink(path)
        self._closed = threading.Event()
        self._last_lines = ""
        self._thread = threading.Thread(target=self._keep_small, name="perfgate-log", daemon=True)
        self._thread.start()

    def last_lines(self) -> str:
        """The last 50 lines, without control characters; also after it was closed."""
        if self._closed.is_set():
            return self._last_lines
        return readable_end(self._end())

    def close(self) -> None:
        """Keep the last lines and drop the rest. Once is enough."""
        if self._closed.is_set():
            return
        last_lines = self.last_lines()
        self._closed.set()
        self._thread.join()
        self._last_lines = last_lines
        os.close(self.descriptor)

    def _end(self) -> bytes:
        # pread, because a child may write at the offset that it shares with this descriptor.
        size = os.fstat(self.descriptor).st_size
        return os.pread(self.descriptor, _LAST_BYTES, max(size - _LAST_BYTES, 0))

    def _keep_small(self) -> None:
        while not self._closed.wait(_LOOK_EVERY):
            if os.fstat(self.descriptor).st_size > _MOST_BYTES:
                kept = self._end()
                os.ftruncate(self.descriptor, 0)
                # A line may be in the middle of being written; its rest has just been dropped.
                os.write(self.descriptor, kept[: kept.rfind(b"\n") + 1])
