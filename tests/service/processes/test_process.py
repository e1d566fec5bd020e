"""Children: started, pinned, read and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

import perfgate
from perfgate.errors import TargetError
from perfgate.machine.cpus import read_cpus
from perfgate.petstore.injections import Injections
from perfgate.service import opening
from perfgate.service.opening import open_target
from perfgate.service.own_service import OwnService
from perfgate.service.processes.process import ServiceProcess
from perfgate.service.settings import LaunchContext
from perfgate.service.target import PetstoreTarget, parse_target
from perfgate.service.usage import ProcessTree, Usage
from tests.support.paths import QUOTED_PYTHON
from tests.support.pids import pid_of

HOUSE = Path(perfgate.__file__).parent.parent

needs_affinity = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins nothing")


@pytest.fixture
def start() -> Iterator[Callable[[str], ServiceProcess]]:
    """Starts shell commands as services and stops them after the test."""
    with ExitStack() as stack:

        def start_shell(script: str, cpus: tuple[int, ...] = ()) -> ServiceProcess:
            process = ServiceProcess(["sh", "-c", script], cpus)
            stack.callback(process.stop)
            return process

        yield start_shell


def until(file: Path) -> str:
    """Shell words that wait for a file."""
    return f"while [ ! -e '{file}' ]; do sleep 0.02; done"


def ends(pid: int) -> bool:
    """Whether a process is gone, or a zombie that nobody has buried yet, within a generous time."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_a_petstore_is_ready_alive_and_gone_after_its_block() -> None:
    with open_target(parse_target("petstore"), LaunchContext()) as service:
        assert requests.get(f"{service.instance.url}/api/v3/pet/1", timeout=10).status_code == 200
        assert service.instance.alive()
        assert isinstance(service, OwnService)
    assert not service.instance.alive()
    assert service.instance.usage() is None
    assert not psutil.pid_exists(pid_of(service))
    service.stop()


def test_a_petstore_ends_when_its_parent_is_killed() -> None:
    code = """
import time
from perfgate.service.opening import open_target
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import parse_target
service = open_target(parse_target("petstore"), LaunchContext())
print(service.instance.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=HOUSE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert psutil.Process(pid).is_running()
        parent.send_signal(signal.SIGKILL)
        assert ends(pid)


def test_a_petstore_that_cannot_start_says_why() -> None:
    impossible = PetstoreTarget("petstore", Injections(work=0, slow=-1, latency=0, errors=0, tail=0, warmup=0, seed=0))
    with pytest.raises(TargetError, match="did not start") as caught:
        open_target(impossible, LaunchContext())
    assert "--slow" in caught.value.message


def test_a_petstore_that_does_not_start_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PETSTORE_SECONDS", 0)
    with pytest.raises(TargetError, match="did not start within 0ms"):
        open_target(parse_target("petstore"), LaunchContext())


def test_another_instance_of_a_petstore_knows_nothing_of_the_first(
    open_petstore: Callable[[str], OwnService],
) -> None:
    service = open_petstore("petstore")
    first, url = pid_of(service), service.instance.url
    assert requests.post(f"{url}/pet", json={"id": 7777, "name": "doggie", "photoUrls": []}, timeout=10).ok
    service.renew()
    assert service.instance.alive()
    assert not psutil.pid_exists(first)
    assert requests.get(f"{service.instance.url}/pet/7777", timeout=10).status_code == 404


@needs_affinity
def test_a_service_runs_on_its_cpus_and_the_caller_keeps_its_own(
    open_petstore: Callable[[str], OwnService],
) -> None:
    before = os.sched_getaffinity(0)
    last = read_cpus().available[-1]
    with open_target(parse_target("petstore"), LaunchContext(cpus=(last,))) as service:
        assert isinstance(service, OwnService)
        assert os.sched_getaffinity(pid_of(service)) == {last}
    assert os.sched_getaffinity(pid_of(open_petstore("petstore"))) == before
    assert os.sched_getaffinity(0) == before


@needs_affinity
def test_cpus_that_do_not_exist_are_refused() -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(TargetError, match="cannot be pinned to CPU 1023"):
        ServiceProcess(["true"], (1023,))
    assert os.sched_getaffinity(0) == before


def test_a_command_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TargetError, match="could not be started: No such file"):
        ServiceProcess(["no-such-command"], ())


def test_the_first_line_is_read_though_it_comes_in_pieces(start: Callable[[str], ServiceProcess]) -> None:
    process = start("printf one; sleep 0.1; printf ' line\\nanother\\n'; cat")
    assert process.read_line(20) == "one line"


def test_no_line_is_an_empty_answer(start: Callable[[str], ServiceProcess]) -> None:
    assert start("sleep 60").read_line(0.05) == ""
    assert start("printf 'no end'").read_line(20) == ""


def test_the_last_fifty_lines_are_kept(start: Callable[[str], ServiceProcess]) -> None:
    process = start("seq 1 99999 >&2; echo done; sleep 60")
    assert process.read_line(20) == "done"
    assert process.logs().splitlines() == [str(number) for number in range(99950, 100000)]
    process.stop()
    assert process.logs().splitlines()[-1] == "99999"


def test_reading_the_log_does_not_disturb_the_writing(start: Callable[[str], ServiceProcess], tmp_path: Path) -> None:
    go_on = tmp_path / "go on"
    process = start(f"echo one >&2; echo said; {until(go_on)}; echo two >&2; echo said; sleep 60")
    assert process.read_line(20) == "said"
    assert process.logs() == "one"
    go_on.touch()
    assert process.read_line(20) == "said"
    assert process.logs() == "one\ntwo"


def test_descendants_end_with_the_service(start: Callable[[str], ServiceProcess]) -> None:
    process = start("sleep 60 & echo $!; wait")
    child = int(process.read_line(20))
    assert psutil.pid_exists(child)
    process.stop()
    assert not psutil.pid_exists(process.pid)
    assert ends(child)


def test_a_service_that_ignores_the_word_is_ended_by_force(start: Callable[[str], ServiceProcess]) -> None:
    process = start("trap '' TERM; echo ready; while :; do sleep 1; done")
    assert process.read_line(20) == "ready"
    process.stop(grace=0.1)
    assert not process.alive()
    assert not psutil.pid_exists(process.pid)


def test_a_descendant_that_ignores_the_word_is_ended_by_force(start: Callable[[str], ServiceProcess]) -> None:
    process = start("trap 'exit 0' TERM; (trap '' TERM; exec sh -c 'echo $$; exec sleep 60') & wait")
    child = int(process.read_line(20))
    process.stop()
    assert ends(child)


def test_a_service_is_asked_to_end_that_an_interrupt_met_while_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ready, asked = tmp_path / "ready", tmp_path / "asked"
    start = subprocess.Popen.__init__

    def interrupted(process: subprocess.Popen[bytes], *arguments: Any, **options: Any) -> None:
        start(process, *arguments, **options)
        while not ready.exists():
            time.sleep(0.02)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess.Popen, "__init__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ServiceProcess(["sh", "-c", f"trap 'echo $$ > {asked}; exit' TERM; touch {ready}; sleep 60 & wait"], ())
    assert not psutil.pid_exists(int(asked.read_text()))


def test_a_service_that_ended_by_itself_is_not_alive(start: Callable[[str], ServiceProcess]) -> None:
    process = start("echo last words >&2; exit 3")
    assert ends(process.pid)
    assert not process.alive()
    assert process.usage() is None
    assert process.logs() == "last words"


def test_usage_counts_cpu_and_memory_of_the_whole_tree(start: Callable[[str], ServiceProcess]) -> None:
    burn = "import time; d = bytearray(60_000_000); sum(range(5_000_000)); print(1, flush=True); time.sleep(60)"
    process = start(f"{QUOTED_PYTHON} -c '{burn}' & wait")
    assert process.read_line(30) == "1"
    usage = process.usage()
    assert usage is not None
    shell = psutil.Process(process.pid).cpu_times()
    assert usage.cpu_seconds > shell.user + shell.system + 0.02
    assert usage.memory_bytes > 60_000_000


def usage_before_and_after(process: ServiceProcess, go_on: Path) -> tuple[Usage, Usage]:
    """What it has used when it has written 1, and when it has written 2, after `go_on` has come into being."""
    assert process.read_line(30) == "1"
    before = process.usage()
    go_on.touch()
    assert process.read_line(30) == "2"
    after = process.usage()
    assert before is not None
    assert after is not None
    return before, after


def test_usage_never_goes_back_when_a_descendant_ends(start: Callable[[str], ServiceProcess], tmp_path: Path) -> None:
    go_on = tmp_path / "go on"
    burn = f"{QUOTED_PYTHON} -c 'sum(range(5_000_000)); print(1, flush=True); input()'"
    process = start(f"({until(go_on)}; echo) | {burn}; echo 2; sleep 60")
    before, after = usage_before_and_after(process, go_on)
    assert after.cpu_seconds >= before.cpu_seconds > 0.02
    assert after.memory_bytes >= before.memory_bytes


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere what ended between two looks is not known")
def test_usage_counts_descendants_that_came_and_went_between_two_looks(
    start: Callable[[str], ServiceProcess], tmp_path: Path
) -> None:
    go_on = tmp_path / "go on"
    burn = f"{QUOTED_PYTHON} -c 'import time\nwhile time.process_time() < 0.3: pass'"
    process = start(f"echo 1; {until(go_on)}; {burn}; echo 2; sleep 60")
    before, after = usage_before_and_after(process, go_on)
    assert after.cpu_seconds - before.cpu_seconds > 0.25


def test_usage_of_this_process_agrees_with_its_own_clock() -> None:
    tree = ProcessTree(os.getpid())
    before, first = time.process_time(), tree.usage()
    sum(range(3_000_000))
    second, after = tree.usage(), time.process_time()
    assert first is not None
    assert second is not None
    assert 0 < second.cpu_seconds - first.cpu_seconds <= after - before
    assert second.memory_bytes > 1_000_000
