"""Processes that are not children of the tests: such as run on a machine before perfgate is called."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

# The parent ends at once, so that init adopts its child.
_LEAVE = """
import subprocess, sys
with open(sys.argv[1], "w") as log:
    print(subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=log, stderr=log).pid)
"""
_SECONDS = 60.0


@contextmanager
def stranger(log: Path, command: Sequence[object]) -> Iterator[int]:
    """The number of a process that runs `command`, once it has written its first line to `log`; ended afterwards."""
    words = [sys.executable, "-c", _LEAVE, str(log), *map(str, command)]
    pid = int(subprocess.run(words, capture_output=True, text=True, check=True, timeout=_SECONDS).stdout)
    try:
        deadline = time.monotonic() + _SECONDS
        while not log.read_text().endswith("\n"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


@contextmanager
def strange_database(folder: Path, *options: str) -> Iterator[tuple[int, str]]:
    """A server in Python that takes CPU time for each byte it gets, see strange_database.py; its number and address."""
    log = folder / f"database{len(list(folder.iterdir()))}.log"
    program = Path(__file__).with_name("strange_database.py")
    with stranger(log, [sys.executable, program, *options]) as pid:
        yield pid, log.read_text().splitlines()[0]
