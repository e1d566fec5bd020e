"""How a generator fared: the CPU that it used, and the CPU that others had while it was ready to run."""

import os
import subprocess
import sys
import time

import pytest

from perfgate.load.generator import loop_monitor
from perfgate.load.generator.loop_monitor import LoopMonitor


def work(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@pytest.mark.skipif(not loop_monitor._SCHEDULER.exists(), reason="the kernel does not tell how long a thread waits")
def test_a_process_that_shares_its_cpu_waits_for_it():
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(every)})  # a child takes that over
    hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        with LoopMonitor() as monitor:
            work(0.5)
    finally:
        hog.kill()
        hog.wait()
        os.sched_setaffinity(0, every)
    assert monitor.cpu > 0
    assert monitor.cpu_waited > 0.1
    assert monitor.cpu + monitor.cpu_waited > 0.9


def test_where_the_kernel_does_not_tell_it_has_waited_for_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(loop_monitor, "_SCHEDULER", tmp_path / "schedstat")
    with LoopMonitor() as monitor:
        work(0.01)
    assert monitor.cpu_waited == 0
