"""`perfgate run`, killed with kill -9 at random moments, over and over on one history."""

import random
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from dataclasses import dataclass

import psutil

from perfgate.history.checking import faults_of
from tests.support.command import COMMAND, environment

RUN = ["run", "--target", "petstore", "--duration", "2s", "--round", "0.1s", "--vus", "2", "--quiet"]
_BETWEEN_LOOKS = 0.02


@dataclass
class Killed:
    """What became of the runs. before_load: killed before a round was kept; in_load: with some; ended: came too late.

    rounds: that were seen in the history before the kill. lost: of these the ones that were gone afterwards.
    """

    before_load: int = 0
    in_load: int = 0
    ended: int = 0
    rounds: int = 0
    lost: int = 0
    unsound: int = 0
    left_running: int = 0


def kill_runs(folder, times, seed=1):
    """Kill so many runs; after every tenth a run is let to its end and must succeed."""
    chance = random.Random(seed)
    found = Killed()
    longest = _whole_run(folder)
    for attempt in range(times):
        _kill_one(folder, chance.uniform(0, longest), found)
        if attempt % 10 == 9:
            _whole_run(folder)
    return found


def _whole_run(folder):
    """Let one run come to its end; how long it took, in seconds. A busy machine may make its verdict an open one."""
    before, began = _finished(folder), time.monotonic()
    done = subprocess.run(
        [*COMMAND, *RUN], cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode in (0, 3), done.stderr
    assert _finished(folder) == before + 1
    return time.monotonic() - began


def _finished(folder):
    history = folder / ".perfgate/local.db"
    if not history.exists():
        return 0
    with closing(sqlite3.connect(history)) as connection:
        return connection.execute("SELECT count(*) FROM runs WHERE finished").fetchone()[0]


def _kill_one(folder, seconds, found):
    history = folder / ".perfgate/local.db"
    known = _rounds(history)
    process = subprocess.Popen(
        [*COMMAND, *RUN], cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    seen = {}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(sqlite3.OperationalError):  # it is being written
            seen = _rounds(history)
        time.sleep(_BETWEEN_LOOKS)
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(family, timeout=20)
    kept = _rounds(history)
    new = {run: rounds for run, rounds in seen.items() if run not in known}
    found.rounds += sum(new.values())
    found.lost += sum(max(0, rounds - kept.get(run, 0)) for run, rounds in (known | seen).items())
    found.unsound += bool(faults_of(history))
    found.left_running += len(alive)
    found.ended += process.returncode == 0
    found.in_load += process.returncode != 0 and bool(new)
    found.before_load += process.returncode != 0 and not new


def _rounds(history):
    """How many rounds of each run the history holds."""
    # Opened for writing: the first reader after a kill rolls the journal back.
    with closing(sqlite3.connect(history)) as connection:
        return dict(connection.execute("SELECT run_id, sum(rounds) FROM results WHERE request = '' GROUP BY run_id"))
