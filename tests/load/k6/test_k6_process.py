"""What is seen of a process of k6."""

import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from perfgate.load.k6.process import Watched, ends_with_us
from perfgate.service.processes.owned_processes import is_alive

# Plays a round that lasts too long, with a command that tells its process id instead of k6.
ROUND = """
import os, sys
from pathlib import Path
from perfgate.load.k6.process import Files, Process
with Process(sys.argv[1], Files(Path(sys.argv[2])), (), os.environ) as process:
    process.watch(60)
"""
LOOKS = [(100.0, 0.0), (100.5, 0.4), (101.0, 0.5), (102.0, 0.9)]


@pytest.mark.parametrize(
    ("begin", "share"),
    [
        (100.6, (0.9 - 0.4) / 1.5),  # what it took to start is left out
        (101.9, 0.4),
        (float("inf"), 0.0),  # nothing was measured
        (99.0, 0.45),
    ],
)
def test_the_share_of_a_cpu_is_that_since_the_load_began(begin, share):
    watched = Watched(LOOKS)
    assert watched.cpu_share(begin) == pytest.approx(share)
    assert watched.cpu_seconds == 0.9


@pytest.mark.skipif(not ends_with_us(), reason="needs setpriv of util-linux 2.33")
def test_a_k6_ends_when_perfgate_is_killed(tmp_path):
    k6 = tmp_path / "k6"
    k6.write_text('#!/bin/sh\necho $$ > "${0%/*}/new" && mv "${0%/*}/new" "${0%/*}/pid"\nexec sleep 60\n')
    k6.chmod(0o755)
    player = subprocess.Popen([sys.executable, "-c", ROUND, str(k6), str(tmp_path)])
    try:
        wait_for((tmp_path / "pid").exists)
        played = psutil.Process(int((tmp_path / "pid").read_text()))
    finally:
        player.kill()
        player.wait()
    try:
        wait_for(lambda: not is_alive(played))
    finally:
        with suppress(psutil.NoSuchProcess):
            played.kill()


def wait_for(happens):
    """Until it does; some seconds are enough for what happens at once, on a machine that is busy, too."""
    deadline = time.monotonic() + 20.0
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_share_of_a_slice_is_that_between_its_ends():
    assert Watched(LOOKS).cpu_share(100.5, 101.0) == pytest.approx(0.1 / 0.5)
    assert Watched(LOOKS).cpu_share(103.0, 104.0) == 0.0
