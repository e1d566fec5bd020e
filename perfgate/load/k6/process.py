"""One run of k6: watched while it lasts, and gone with everything it started when it is over."""

from __future__ import annotations

import bisect
import math
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psutil

from perfgate.errors import NoVerdictError
from perfgate.load.k6.log import K6Log
from perfgate.popen import Popen

LOOK = 0.02  # seconds between looks at the process
_OPTIONS = ("--quiet", "--no-usage-report", "--no-thresholds", "--log-format", "json", "--address", "")
_PEER_LOOKS = 10  # connections are dearer to look at than CPU


@dataclass(frozen=True)
class Files:
    """What the runs of one scenario on one side read and write, in a folder of their own."""

    folder: Path

    @property
    def module(self) -> Path:
        return self.folder / "round.js"

    @property
    def beginning(self) -> Path:
        return self.folder / "beginning.js"

    @property
    def samples(self) -> Path:
        return self.folder / "samples.json"

    @property
    def log(self) -> Path:
        return self.folder / "log.json"

    @property
    def answer(self) -> Path:
        return self.folder / "setup.json"


@dataclass
class Watched:
    """What was seen of a process.

    looks: Unix time and CPU seconds until then, from its start to its end.
    peers: addresses and ports that it was connected to.
    code: exit code; None where it had to be stopped because its time was up.
    """

    looks: list[tuple[float, float]]
    peers: set[tuple[str, int]] = field(default_factory=set)
    code: int | None = None

    @property
    def cpu_seconds(self) -> float:
        """What it used in all."""
        return self.looks[-1][1]

    def cpu_share(self, begin: float, end: float = math.inf) -> float:
        """CPUs that were busy with it from `begin` (Unix seconds) to `end`, or to its own end, on average."""
        ended, total = self._look_at(end)
        since, before = self._look_at(begin)
        return (total - before) / (ended - since) if ended > since else 0.0

    def _look_at(self, moment: float) -> tuple[float, float]:
        """The last look until a moment; the first one where there is none."""
        place = bisect.bisect_right(self.looks, (moment, math.inf))
        return self.looks[max(0, place - 1)]


class Process:
    """`k6 run` of a module. A context manager: nothing of it is left behind.

    watched: what was seen of it so far.
    """

    def __init__(self, k6: str, files: Files, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self.watched = Watched([(time.time(), 0.0)])
        self._count = 0
        with files.log.open("wb") as log:
            try:
                # A session of its own: Ctrl-C at the terminal is the parent's to answer.
                self._process = Popen(
                    [*ends_with_us(), k6, "run", *_OPTIONS, *arguments, str(files.module)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                raise NoVerdictError(f"{k6} cannot be started: {error}") from None
        self._seen = psutil.Process(self._process.pid)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def watch(self, patience: float, look_at_peers: bool = False) -> Watched:
        """Wait for its end, `patience` seconds at most. look_at_peers: see where its connections go, too."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and not self.has_ended(look_at_peers):
            time.sleep(LOOK)
        return self.watched

    def has_ended(self, look_at_peers: bool = False) -> bool:
        """Look at it once."""
        watched = self.watched
        if watched.code is not None:
            return True
        # What a process has used in all is known to the microsecond once it has ended, until then to a tick.
        ended, status, used = os.wait4(self._process.pid, os.WNOHANG)
        if ended:
            self._process.returncode = watched.code = os.waitstatus_to_exitcode(status)
            watched.looks.append((time.time(), used.ru_utime + used.ru_stime))
            return True
        with suppress(psutil.Error):
            until_now = self._seen.cpu_times()
            watched.looks.append((time.time(), until_now.user + until_now.system))
            if look_at_peers and self._count % _PEER_LOOKS == 0:
                watched.peers |= _peers(self._seen)
        self._count += 1
        return False

    def kill(self) -> None:
        """End it now, with all that it started."""
        self._process.signal_group(signal.SIGKILL)
        self._process.wait()


@cache
def ends_with_us() -> tuple[str, ...]:
    """What starts a command so that the kernel ends it with the thread that called; () where the system cannot.

    setpriv of util-linux 2.33 asks for that (prctl(2), PR_SET_PDEATHSIG) and then becomes the command. The thread is no
    trap: who starts a k6 also waits for it.
    """
    command = (shutil.which("setpriv") or "setpriv", "--pdeathsig", "KILL")
    try:
        done = subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return ()
    return () if done.returncode else command


def _peers(process: psutil.Process) -> set[tuple[str, int]]:
    connections = process.net_connections(kind="tcp")
    return {
        (one.raddr.ip, one.raddr.port) for one in connections if one.raddr and one.status == psutil.CONN_ESTABLISHED
    }


def read_log(files: Files) -> K6Log:
    """What k6 wrote to its log."""
    with files.log.open(encoding="utf-8", errors="replace") as lines:
        return K6Log.of(lines)
