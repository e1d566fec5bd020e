"""How often processes had to wait for their quota of CPU time, as the kernel counts it."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from perfgate.machine.quota import times_throttled

STAT = "nr_periods 100\nnr_throttled {}\nthrottled_usec 5000\n"


@pytest.fixture
def proc(tmp_path):
    """proc(mounts, cgroup, {group: times}): a /proc with process 42, and the files of its groups under `cg`."""

    def make(kind, cgroup, counts):
        root = tmp_path / "cg"
        for group, count in counts.items():
            (root / group).mkdir(parents=True, exist_ok=True)
            (root / group / "cpu.stat").write_text("usage_usec 7\n" + STAT.format(count))
        (tmp_path / "self").mkdir()
        (tmp_path / "self" / "mounts").write_text(f"none {root} {kind} 0 0\n")
        (tmp_path / "42").mkdir()
        (tmp_path / "42" / "cgroup").write_text(cgroup)
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("kind", "cgroup"),
    [
        ("cgroup2 rw", "0::/docker/abc\n"),
        ("cgroup rw,cpu,cpuacct", "9:name=systemd:/docker/abc\n8:cpu,cpuacct:/docker/abc\n"),
    ],
    ids=["version 2", "version 1"],
)
def test_a_group_and_those_above_it_are_counted(proc, kind, cgroup):
    found = proc(kind, cgroup, {"docker/abc": 3, "docker": 0, ".": 4, "docker/other": 50})
    root = found / "cg"
    assert times_throttled([42, 42, 43], found) == {str(root / "docker/abc"): 3, str(root / "docker"): 0, str(root): 4}


def test_where_nothing_tells_nobody_waited(proc, tmp_path):
    assert times_throttled([42], tmp_path) == {}
    assert times_throttled([42], proc("cgroup2 rw", "0::/gone\n", {})) == {}


BURN = "import time\nend = time.process_time() + 0.05\nwhile time.process_time() < end: pass"


@pytest.fixture
def limited_group():
    """A group that may use a twentieth of a CPU, and the name of the file that processes are put into it by."""
    first, second = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
    folder = (first if first.is_dir() else second) / f"perfgate-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("makes a control group, which takes root")
    try:
        with suppress(OSError):
            (second / "cgroup.subtree_control").write_text("+cpu")
        if not any((folder / name).exists() for name in ("cpu.max", "cpu.cfs_quota_us")):
            pytest.skip("the system gives no group a quota of CPU")
        for name, text in (("cpu.max", "5000 100000"), ("cpu.cfs_quota_us", "5000")):
            if (folder / name).exists():
                (folder / name).write_text(text)
        yield folder / "cgroup.procs"
    finally:
        folder.rmdir()


def test_a_process_that_uses_up_its_quota_is_told(limited_group):
    def join():
        limited_group.write_text(str(os.getpid()))

    with subprocess.Popen(
        [sys.executable, "-c", f"{BURN}\ninput()"], preexec_fn=join, stdin=subprocess.PIPE
    ) as process:
        group = str(limited_group.parent)
        before = times_throttled([process.pid])[group]
        left = 200
        while times_throttled([process.pid])[group] == before and left:
            left -= 1
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        assert times_throttled([process.pid])[group] > before
        process.communicate()
