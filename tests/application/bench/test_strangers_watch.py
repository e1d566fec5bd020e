"""In whose turns the neighbours worked: a real process that works in some of them alone."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from perfgate.application.bench.strangers_watch import StrangersWatch
from perfgate.machine.cpus import CpuSets, allowed_cpus
from perfgate.machine.process_table import read_entry
from perfgate.metrics.run import Environment, Occupancy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the accounts are those of Linux")

# Burns so many seconds of CPU for each line that it gets, and answers with a line.
WORKER = """
import sys, time
print("ready", flush=True)
for line in sys.stdin:
    end = time.process_time() + float(line)
    while time.process_time() < end:
        pass
    print("done", flush=True)
"""
BOTH = Environment(Occupancy(0.3, 0.5), Occupancy(0.2, 0.6), 0.0)


class Worker:
    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._process.stdout.readline()
        self.entry = read_entry(self._process.pid)

    def work(self, seconds):
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        self._process.stdout.readline()

    def end(self):
        self._process.communicate(timeout=30)


@pytest.fixture
def worker():
    found = Worker()
    yield found
    found.end()


def watched(worker, turns):
    """A watch over turns of a side and the CPU time that the process takes in each."""
    watch = StrangersWatch([worker.entry])
    began = {}
    for side, cpu in turns:
        watch.turn(side)
        start = time.monotonic()
        worker.work(cpu) if cpu else time.sleep(0.1)
        began[side] = began.get(side, 0.0) + time.monotonic() - start
    watch.turn("")
    return watch, began


def test_what_a_neighbour_takes_in_the_turns_of_one_side_is_charged_to_that_side(worker):
    watch, seconds = watched(worker, [("base", 0), ("head", 0.1)] * 3)
    everywhere = tuple(sorted(allowed_cpus(worker.entry.pid)))
    both = replace(BOTH, neighbours={worker.entry.name: 0.3, "gone": 0.1})
    base, head = (watch.in_turns_of(side, both, CpuSets((), everywhere)) for side in ("base", "head"))
    # 0.3 s of CPU in the turns of head, of as many CPUs as there are.
    share = 0.3 / len(everywhere)
    assert head.service.foreign - base.service.foreign == pytest.approx(share / seconds["head"], rel=0.1)
    assert head.service.foreign + head.service.idle == pytest.approx(0.8)
    mean = (base.service.foreign * seconds["base"] + head.service.foreign * seconds["head"]) / sum(seconds.values())
    assert mean == pytest.approx(0.3, abs=0.01)
    assert head.neighbours[worker.entry.name] == pytest.approx(0.3, rel=0.1)
    assert base.neighbours[worker.entry.name] < 0.03
    assert base.neighbours["gone"] + head.neighbours["gone"] == pytest.approx(0.1, rel=0.1)


def test_one_of_the_same_name_that_began_meanwhile_has_its_share_of_the_time(worker):
    watch, seconds = watched(worker, [("base", 0), ("head", 0.1)])
    both = replace(BOTH, neighbours={worker.entry.name: 0.5})
    base, head = (
        watch.in_turns_of(side, both, CpuSets((), ())).neighbours[worker.entry.name] for side in ("base", "head")
    )
    assert base + head == pytest.approx(0.5, rel=0.01)
    assert base == pytest.approx(0.4 * seconds["base"] / sum(seconds.values()), rel=0.1)


def test_a_neighbour_elsewhere_moves_nothing(worker):
    watch, _ = watched(worker, [("base", 0), ("head", 0.1)])
    nowhere = max(allowed_cpus(worker.entry.pid)) + 1
    assert watch.in_turns_of("head", BOTH, CpuSets((nowhere,), (nowhere,))).service == BOTH.service


def test_a_side_without_a_turn_has_what_both_have(worker):
    watch, _ = watched(worker, [("base", 0)])
    assert watch.in_turns_of("head", BOTH, CpuSets((0,), (0,))) == BOTH


def test_a_neighbour_that_ends_is_no_trouble(worker):
    watch = StrangersWatch([worker.entry])
    watch.turn("base")
    worker.work(0.05)
    worker.end()
    watch.turn("head")
    watch.turn("")
    everywhere = tuple(sorted(allowed_cpus(0)))
    found = watch.in_turns_of("base", BOTH, CpuSets(everywhere, everywhere))
    assert found.service is not None
