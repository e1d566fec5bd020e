"""`--engine locust --workers` and `perfgate worker`, on this machine."""

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from importlib.util import find_spec

import psutil
import pytest

from tests.support.command import BRIEF, COMMAND, INTERRUPTIBLE, WIDE, assert_no_traceback, environment
from tests.support.deciding import decided_command, valid_command

needs_locust = pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed: make engines")


@pytest.fixture
def locust(folder):
    """A configuration with a port of its own, and machines that join: locust(2)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "perfgate.toml").open("a") as config:
        config.write(f'[locust]\nlisten = "127.0.0.1:{port}"\nwait = "20s"\n')
    with ExitStack() as stack:

        def join(machines):
            joined = []
            for _ in range(machines):
                process = subprocess.Popen(
                    [*COMMAND, "worker", "--master", f"127.0.0.1:{port}"],
                    cwd=folder,
                    env=environment(),
                    stderr=subprocess.PIPE,
                    text=True,
                )
                stack.callback(process.communicate)
                stack.callback(process.kill)
                joined.append(process)
            return joined

        yield join


DUET = [*BRIEF, *WIDE, "--engine", "locust", "--workers", "2", "--budget", "5s", "--json", "-", "--quiet"]


@pytest.mark.parametrize(
    ("head", "codes", "metric"),
    [
        ("petstore", {0}, None),
        ("petstore?slow=300%", {1}, "service_cpu"),
        ("petstore?errors=20%", {1}, "http_req_failed"),
    ],
)
@pytest.mark.engines
@needs_locust
def test_a_duet_on_two_machines_says_what_is_true(perfgate, locust, head, codes, metric):
    played = []

    def measure():
        machines = locust(2)
        played.extend(machines)
        return perfgate("duet", "petstore", head, *DUET)

    done = decided_command(measure, metric) if metric else valid_command(measure)
    assert done.code in codes, done.out + done.err
    red = {row["metric"] for row in json.loads(done.out)["rows"] if row["verdict"] == "regressed" and row["gated"]}
    assert metric in red if metric else not red
    assert {machine.wait(20) for machine in played} == {0}


@pytest.mark.engines
@needs_locust
def test_ctrl_c_leaves_neither_process_nor_machine_behind(folder, locust):
    machines = locust(2)
    gate = subprocess.Popen(
        [*INTERRUPTIBLE, "run", "create_pet", "--duration", "60s", "--engine", "locust", "--workers", "2"],
        cwd=folder,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in gate.stderr:
        if "measuring" in line:
            break
    started = psutil.Process(gate.pid).children(recursive=True)
    lent = [child for machine in machines for child in psutil.Process(machine.pid).children()]
    assert started
    assert lent
    time.sleep(0.5)
    os.kill(gate.pid, signal.SIGINT)
    gate.communicate(timeout=30)
    assert gate.returncode == 130
    assert [machine.wait(20) for machine in machines] == [0, 0]
    _, alive = psutil.wait_procs(started + lent, timeout=30)
    assert not alive


@pytest.mark.engines
@needs_locust
def test_a_worker_that_looks_for_its_master_can_be_interrupted(folder):
    worker = subprocess.Popen(
        [*INTERRUPTIBLE, "worker", "--master", "127.0.0.1:9"],
        cwd=folder,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (started := psutil.Process(worker.pid).children()):
        time.sleep(0.05)
    time.sleep(2)
    os.kill(worker.pid, signal.SIGINT)
    _, said = worker.communicate(timeout=30)
    assert worker.returncode == 130
    assert_no_traceback(said)
    assert not psutil.wait_procs(started, timeout=30)[1]


def test_nobody_said_on_how_many_machines(perfgate):
    done = perfgate("run", "--engine", "locust")
    assert done.code == 2
    assert "--workers N" in done.err or "pip install 'perfgate[locust]'" in done.err


def test_a_worker_needs_a_master(perfgate):
    done = perfgate("worker", "--master", "gate:port")
    assert done.code == 2
    assert "write it like 10.0.0.1" in done.err


def test_a_place_to_listen_on_that_is_none_is_reported_with_its_key(perfgate, folder):
    (folder / "perfgate.toml").write_text('[locust]\nlisten = "gate:port"\nwait = "never"\n')
    done = perfgate("run")
    assert done.code == 2
    assert "[locust] listen" in done.err
    assert "[locust] wait" in done.err
