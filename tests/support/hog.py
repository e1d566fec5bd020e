"""A CPU hog for tests: burns the CPUs of a process, as long as that works, or by lot; ends by itself.

python hog.py while PERFGATE OPTION SECONDS    burns only while the petstore with OPTION uses CPU itself
python hog.py half PERFGATE OPTION SECONDS     burns in a random half of stretches of a second

Another word after SECONDS: it burns the CPUs of what perfgate started with that word in its command, a dependency.

PERFGATE is the process id of the perfgate that starts this petstore, and again when it takes another instance.
"""

import os
import random
import sys
import time
from contextlib import suppress

import psutil

_GLANCE = 0.02  # seconds between two looks


def cpu_of(pid):
    return time.clock_gettime((~pid << 3) | 2)


def service_of(perfgate, option):
    """The process id of the petstore that was started with this option by the perfgate of this process id."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for child in psutil.Process(perfgate).children():
            with suppress(psutil.Error):  # it may be over already
                if option in child.cmdline():
                    return child.pid
        time.sleep(0.05)
    raise AssertionError(f"no petstore was started with {option}")


def dependency_of(perfgate, word):
    """The process id of what this perfgate started with such a word in its command; None where there is none."""
    for child in psutil.Process(perfgate).children(recursive=True):
        with suppress(psutil.Error):
            if any(word in part for part in child.cmdline()):
                return child.pid
    return None


def burn(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def while_it_works(pid, deadline):
    """Burn as long as the process gets on; it does so slower beside a hog, and not at all between its rounds."""
    before = cpu_of(pid)
    while time.monotonic() < deadline:
        now = cpu_of(pid)
        working, before = now - before > 0.05 * _GLANCE, now
        burn(_GLANCE) if working else time.sleep(_GLANCE)


def half_of_the_time(pid, deadline):
    lots = random.Random(pid)
    while time.monotonic() < deadline:
        burn(1) if lots.random() < 0.5 else time.sleep(1)
        cpu_of(pid)


def main():
    how, perfgate, option, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
    deadline = time.monotonic() + seconds
    burned = service_of(perfgate, option)
    for word in sys.argv[5:6]:
        burned = dependency_of(perfgate, word) or burned
    cpus = sorted(os.sched_getaffinity(burned))
    for cpu in cpus[1:]:
        if not os.fork():
            cpus = [cpu]
            break
    os.sched_setaffinity(0, cpus[:1])
    with suppress(psutil.NoSuchProcess, AssertionError):  # perfgate has ended, and so do we
        while time.monotonic() < deadline:
            pid = service_of(perfgate, option)
            with suppress(OSError):  # this instance has ended
                {"while": while_it_works, "half": half_of_the_time}[how](pid, deadline)


if __name__ == "__main__":
    main()
