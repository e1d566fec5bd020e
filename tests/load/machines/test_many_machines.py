"""Rounds on several machines: real Locust masters and workers, each machine a network namespace of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack
from importlib.util import find_spec
from types import SimpleNamespace

import psutil
import pytest

from perfgate.errors import NoVerdictError
from perfgate.load.machines.engine import MachinesEngine
from perfgate.load.machines.messages import ClusterConfig, JoinRequest
from perfgate.load.pacer import Slice, slices
from perfgate.load.phase import Phase
from perfgate.load.processes.messages import to_line
from perfgate.scenario import Scenario
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.support.asking import faults
from tests.support.namespaces import Network

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed: make engines"),
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("ip"), reason="network namespaces take root and ip: make engines"
    ),
]

PERFGATE = [sys.executable, "-m", "perfgate"]
# As from a terminal: a shell that runs tests in the background lets its children ignore Ctrl-C, and they inherit it.
INTERRUPTIBLE = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from perfgate.cli import main; main()",
]
PORT = 5557
SCENARIO = """
from perfgate import scenario

@scenario(vus=9, duration="1m", graceful_stop="2s")
def create_pet(user):
    user.post("/pet", json={"id": user.unique_id(), "name": "doggie", "photoUrls": [], "status": "pending"})
    user.think(0.01)
"""

EXECUTORS = """
from perfgate import scenario

@scenario(stages=[("2s", 8)], start_vus=1)
def ramping(user):
    user.get("/store/inventory")

@scenario(rate=50, duration="1s", pre_allocated_vus=12)
def arriving(user):
    user.get("/store/inventory")

@scenario(vus=2, iterations=20)
def shared(user):
    user.get("/store/inventory")

@scenario(executor="per-vu-iterations", vus=5, iterations=10)
def each(user):
    user.get("/store/inventory", name=f"user {user.vu}")
    user.check("has what setup returned", user.data == {"word": "hello"})

@each.setup
def prepare(user):
    return {"word": "hello"}
"""


@pytest.fixture(scope="module")
def network():
    with Network(3) as network, network.at_the_gate():
        yield network


@pytest.fixture
def petstore(network):
    """The service, where all machines reach it."""
    command = [sys.executable, "-m", "perfgate.petstore", "--host", network.address, "--lifeline"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().strip()

        def pets():
            with urllib.request.urlopen(f"{url}/pet/findByStatus?status=pending") as answer:
                return len(json.load(answer))

        yield SimpleNamespace(url=url, pets=pets)
        process.stdin.close()


@pytest.fixture
def stage(network, tmp_path):
    """stage.engine(machines) is an engine; stage.join(number) has that machine run perfgate worker."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "create_pet.py").write_text(SCENARIO)
    with ExitStack() as stack:
        yield Stage(network, tmp_path, stack)


class Stage:
    def __init__(self, network, folder, stack):
        self._network = network
        self._stack = stack
        self.folder = folder
        self.said = []

    def engine(self, machines, patience=30.0):
        loaded = load_scenarios(self.folder / "scenarios", (), Overrides())
        scenarios = [one for one in loaded if isinstance(one, Scenario)]
        cluster = ClusterConfig(machines, "*", PORT, patience, None, None, 5, 1)
        engine = MachinesEngine(cluster, scenarios, self.said.append)
        self._stack.callback(engine.stop)
        return engine, *scenarios

    def join(self, machine, folder="scenarios", command=PERFGATE):
        words = [*command, "worker", "--master", self._network.address, "--scenarios", str(self.folder / folder)]
        process = subprocess.Popen(self._network.on(machine, words), stderr=subprocess.PIPE, text=True)
        self._stack.callback(process.communicate)
        self._stack.callback(process.kill)
        return process


def play(engine, scenario, seconds=1.0, number=0):
    return engine.play(scenario, "head", Slice(0.0, seconds, None), Phase.MEASURING, number)


def worker_of(process):
    """The Locust worker under a perfgate worker."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for child in psutil.Process(process.pid).children():
            return child
        time.sleep(0.05)
    raise AssertionError("no worker")


def test_what_three_machines_report_is_what_the_service_counted_and_no_id_comes_twice(stage, petstore):
    machines = [stage.join(number) for number in range(3)]
    engine, scenario = stage.engine(3)
    engine.open(scenario, "head", petstore.url)
    before = petstore.pets()
    played = [play(engine, scenario, 1.0, number) for number in range(3)]
    assert [faults(round_) for round_ in played] == [[], [], []]
    assert {(round_.generator.workers, round_.tally.vus, round_.generator.engine) for round_ in played} == {
        (3, 9, "locust")
    }
    assert sum(round_.tally.failed_count for round_ in played) == 0
    assert sum(round_.tally.request_count for round_ in played) == petstore.pets() - before > 0
    engine.close(scenario, "head")
    engine.stop()
    assert [machine.wait(60) for machine in machines] == [0, 0, 0]
    assert "the run on" in machines[0].stderr.read()


def test_every_executor_is_shared_out_between_the_machines(stage, petstore):
    (stage.folder / "scenarios" / "create_pet.py").write_text(EXECUTORS)
    for number in range(3):
        stage.join(number)
    engine, ramping, arriving, shared, each = stage.engine(3)

    def played(scenario, seconds):
        engine.open(scenario, "head", petstore.url)
        (part, *_) = slices(scenario.profile, seconds)
        played = engine.play(scenario, "head", part, Phase.MEASURING, 0)
        engine.close(scenario, "head")
        # Beside a busy neighbour a schedule may be late, but every machine must have played its part.
        assert faults(played) == []
        assert (played.generator.workers, played.tally.failed_count) == (min(3, scenario.profile.vus_max), 0)
        return played

    assert 2 < played(ramping, 2.0).tally.vus_max <= 8
    arrived = played(arriving, 1.0)
    assert arrived.generator.offered == 50
    assert arrived.tally.iterations.count + arrived.tally.dropped_iterations == 50
    assert played(shared, 1.0).tally.iterations.count == 2
    counted = played(each, 1.0).tally
    assert counted.checks["has what setup returned"].fails == 0
    assert {name: requests.count for name, requests in counted.requests.items()} == {
        f"user {number}": 1 for number in range(5)
    }


def test_a_machine_that_is_killed_spoils_its_round_and_one_that_joins_late_takes_its_place(stage, petstore):
    machines = [stage.join(number) for number in range(3)]
    engine, scenario = stage.engine(3)
    engine.open(scenario, "head", petstore.url)
    play(engine, scenario, 0.5)
    victim = worker_of(machines[1])
    threading.Timer(1.0, os.kill, (victim.pid, signal.SIGKILL)).start()
    lost = play(engine, scenario, 4.0, 1)
    assert any("was lost: it fell silent" in problem for problem in lost.problems), "rather than waited for in vain"

    left = play(engine, scenario, 0.5, 2)
    assert (left.problems, left.warnings[:1]) == ((), ("2 of 3 machines took part",))
    assert left.tally.vus == 9

    stage.join(1)
    deadline = time.monotonic() + 30
    again = left
    while (again.problems, again.generator.workers) != ((), 3) and time.monotonic() < deadline:
        again = play(engine, scenario, 0.5, 3)
        # Beside a busy neighbour users may be late where they are moved to, and then that is said.
        assert all("so the load is not what was asked for" in problem for problem in again.problems)
    assert (again.problems, again.generator.workers, again.tally.vus) == ((), 3, 9)
    assert sum("has joined" in line for line in stage.said) == 4


def test_a_machine_that_leaves_spoils_its_round_and_the_others_go_on(stage, petstore):
    leaver, _ = stage.join(0, command=INTERRUPTIBLE), stage.join(1)
    engine, scenario = stage.engine(2)
    engine.open(scenario, "head", petstore.url)
    play(engine, scenario, 0.5)  # so that the next one begins at once
    threading.Timer(1.0, leaver.send_signal, (signal.SIGINT,)).start()
    left = play(engine, scenario, 4.0, 1)
    assert any("left during the round" in problem for problem in left.problems), left
    assert leaver.wait(60) == 130
    alone = play(engine, scenario, 0.5, 2)
    assert (alone.problems, alone.generator.workers, alone.tally.vus) == ((), 1, 9)


def test_a_run_whose_last_machine_is_killed_ends(stage, petstore):
    machine = stage.join(0)
    engine, scenario = stage.engine(1)
    engine.open(scenario, "head", petstore.url)
    play(engine, scenario, 0.5)  # so that the next one begins at once
    threading.Timer(1.0, os.kill, (worker_of(machine).pid, signal.SIGKILL)).start()
    lost = play(engine, scenario, 4.0, 1)
    assert any("was lost: it fell silent" in problem for problem in lost.problems)
    with pytest.raises(NoVerdictError, match="no machine is left"):
        play(engine, scenario)
    assert machine.wait(60) == 3
    assert "died (signal 9)" in machine.stderr.read()


def test_a_machine_whose_network_is_cut_spoils_its_round_and_comes_back(stage, petstore, network):
    for number in range(3):
        stage.join(number)
    engine, scenario = stage.engine(3)
    engine.open(scenario, "head", petstore.url)
    play(engine, scenario, 0.5)
    threading.Timer(1.0, network.cut, (2,)).start()
    try:
        cut = play(engine, scenario, 4.0, 1)
        assert any("was lost: it fell silent" in problem for problem in cut.problems)
        left = play(engine, scenario, 0.5, 2)
        assert (left.problems, left.generator.workers, left.tally.vus) == ((), 2, 9)
    finally:
        network.mend(2)
    deadline = time.monotonic() + 120  # on a busy machine Locust counts the users of before for a while
    while time.monotonic() < deadline:
        back = play(engine, scenario, 0.5, 3)
        if back.generator.workers == 3 and not back.problems:
            break
    assert (back.problems, back.generator.workers, back.tally.vus) == ((), 3, 9)


def test_waiting_for_a_machine_that_never_comes_has_an_end(stage, petstore):
    stage.join(0)
    engine, scenario = stage.engine(2, patience=15.0)
    with pytest.raises(NoVerdictError, match=r"1 of 2 machines came in 15 s \(") as caught:
        engine.open(scenario, "head", petstore.url)
    assert "--workers" in caught.value.hint


def test_a_machine_without_the_scenarios_is_refused_and_both_sides_say_so(stage, petstore):
    (stage.folder / "empty").mkdir()
    (stage.folder / "other").mkdir()
    (stage.folder / "other" / "create_pet.py").write_text(SCENARIO.replace("doggie", "kitty"))
    without, other = stage.join(0, "empty"), stage.join(1, "other")
    engine, scenario = stage.engine(1, patience=15.0)
    with pytest.raises(NoVerdictError, match="0 of 1 machines") as caught:
        engine.open(scenario, "head", petstore.url)
    assert "there is no scenario" in caught.value.message
    assert "has another create_pet than the gate" in caught.value.message
    assert (without.wait(60), other.wait(60)) == (2, 2)
    assert "has another create_pet than the gate" in other.stderr.read()
    assert "--scenarios" in without.stderr.read()


OLD = [
    sys.executable,
    "-c",
    "import perfgate.version; perfgate.version.VERSION = '0.0.1'\n"
    "from perfgate.load.machines.machine import main; main()",
]


def test_a_machine_of_another_version_is_refused_and_both_sides_say_so(stage, petstore, network):
    request = JoinRequest(network.address, PORT, stage.folder / "scenarios", 40)
    with subprocess.Popen(network.on(0, OLD), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as old:
        old.stdin.write(to_line(request).decode())
        old.stdin.flush()
        engine, scenario = stage.engine(1, patience=15.0)
        with pytest.raises(NoVerdictError, match=r"has perfgate 0\.0\.1, the gate has"):
            engine.open(scenario, "head", petstore.url)
        answer = json.loads(old.stdout.readline())
        assert "has perfgate 0.0.1" in answer["error"]
        assert answer["hint"] == "install the same version on both machines"


def test_a_worker_that_finds_no_master_says_so_in_time(stage, network):
    done = subprocess.run(
        network.on(0, [*PERFGATE, "worker", "--master", "10.77.0.99", "--wait", "2s"]),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 3
    assert "no master answered on 10.77.0.99:5557 in 2 s" in done.stderr


def test_a_port_that_is_taken_is_told(stage, petstore):
    stage.join(0)
    engine, scenario = stage.engine(1)
    engine.open(scenario, "head", petstore.url)
    other, scenario = stage.engine(1)
    with pytest.raises(NoVerdictError, match="cannot listen on") as caught:
        other.open(scenario, "head", petstore.url)
    assert "[locust]" in caught.value.hint
