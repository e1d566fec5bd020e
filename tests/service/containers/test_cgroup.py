"""The kernel's accounts of a container, as files of both versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfgate.service.containers.cgroup import Cgroup, find_cgroup
from perfgate.service.containers.memory_peak import MemoryPeak

CONTAINER = "c0ffee"


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def first(tmp_path: Path) -> Cgroup:
    """A group of version 1: 100 MB, 30 of which are files, 5 of those shared memory."""
    cpu = write(tmp_path / "cpuacct/docker/c0ffee", {"cpuacct.usage": "1500000000\n"})
    memory = write(
        tmp_path / "memory/docker/c0ffee",
        {
            "memory.usage_in_bytes": "100000000\n",
            "memory.max_usage_in_bytes": "150000000\n",
            "memory.stat": "cache 1\nrss 2\ntotal_cache 30000000\ntotal_rss 70000000\ntotal_shmem 5000000\n",
        },
    )
    return Cgroup(1, cpu, memory)


@pytest.fixture
def second(tmp_path: Path) -> Cgroup:
    """The same in version 2."""
    folder = write(
        tmp_path / "docker-c0ffee.scope",
        {
            "cpu.stat": "usage_usec 1500000\nuser_usec 1\nsystem_usec 2\n",
            "memory.current": "100000000\n",
            "memory.peak": "150000000\n",
            "memory.stat": "anon 70000000\nfile 30000000\nshmem 5000000\n",
        },
    )
    return Cgroup(2, folder, folder)


@pytest.mark.parametrize("version", ["first", "second"])
def test_cpu_time_and_memory_without_files_are_read(version: str, request: pytest.FixtureRequest) -> None:
    cgroup = request.getfixturevalue(version)
    assert cgroup.cpu_seconds() == pytest.approx(1.5)
    assert cgroup.memory_bytes() == 75_000_000


def test_version_1_resets_its_peak_when_it_is_told_to(first: Cgroup) -> None:
    peak = MemoryPeak(first)
    assert (first.memory / "memory.max_usage_in_bytes").read_text() == "0"
    (first.memory / "memory.max_usage_in_bytes").write_text("150000000")
    assert peak.read() == 125_000_000
    peak.reset()
    assert peak.read() == 75_000_000, "what is in use now"


def test_where_the_kernel_resets_nothing_the_peak_is_looked_for(second: Cgroup) -> None:
    peak = MemoryPeak(second)
    try:
        (second.memory / "memory.current").write_text("300000000")
        assert peak.read() == 275_000_000
        (second.memory / "memory.current").write_text("100000000")
        assert peak.read() == 275_000_000
        peak.reset()
        assert peak.read() == 75_000_000
    finally:
        peak.close()


def test_the_group_of_a_process_is_found_in_version_1(tmp_path: Path, first: Cgroup) -> None:
    proc = write(
        tmp_path / "proc/42", {"cgroup": "5:cpu,cpuacct:/docker/c0ffee\n4:memory:/docker/c0ffee\n0::/\n"}
    ).parent
    mounts = f"cgroup {tmp_path}/cpuacct cgroup rw,cpu,cpuacct 0 0\ncgroup {tmp_path}/memory cgroup rw,memory 0 0\n"
    starting = mounts.replace(str(tmp_path), "/overlay/merged")  # those of a container that is about to start
    write(proc / "self", {"mounts": f"tmpfs /tmp tmpfs rw 0 0\n{mounts}{starting}"})
    assert find_cgroup(42, CONTAINER, proc) == first


def test_the_group_of_a_process_is_found_in_version_2(tmp_path: Path, second: Cgroup) -> None:
    proc = write(tmp_path / "proc/42", {"cgroup": "0::/docker-c0ffee.scope\n"}).parent
    mounts = f"cgroup2 {tmp_path} cgroup2 rw 0 0\ncgroup2 /overlay/merged/sys/fs/cgroup cgroup2 rw 0 0\n"
    write(proc / "self", {"mounts": mounts})
    assert find_cgroup(42, CONTAINER, proc) == second


def test_a_group_that_is_not_of_the_container_is_not_believed(tmp_path: Path, second: Cgroup) -> None:
    proc = write(tmp_path / "proc/42", {"cgroup": "0::/docker-c0ffee.scope\n"}).parent
    write(proc / "self", {"mounts": f"cgroup2 {tmp_path} cgroup2 rw 0 0\n"})
    assert find_cgroup(42, "decade", proc) is None
    assert find_cgroup(43, CONTAINER, proc) is None


def test_a_group_whose_files_cannot_be_seen_from_here_is_none(tmp_path: Path) -> None:
    proc = write(tmp_path / "proc/42", {"cgroup": "0::/docker-c0ffee.scope\n"}).parent
    write(proc / "self", {"mounts": f"cgroup2 {tmp_path} cgroup2 rw 0 0\n"})
    assert find_cgroup(42, CONTAINER, proc) is None
