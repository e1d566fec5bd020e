"""What many machines cost: `python -m tests.bench.machines [--seconds 2] [--rounds 6]`. Needs Go and Locust.

CPU per request of one of Locust's machines beside one worker of our own, rounds in turns, everything but the service on
one CPU; and what master and gate have to do for the reports of a hundred machines.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgpack
import psutil
from tabulate import tabulate

from perfgate.load.engine import Engine
from perfgate.load.generator.engine import PerfgateEngine
from perfgate.load.generator.messages import WorkerConfig
from perfgate.load.machines.engine import MachinesEngine
from perfgate.load.machines.messages import ClusterConfig
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.load.processes.messages import from_plain
from perfgate.load.processes.messages import to_plain as to_message
from perfgate.load.reports import WorkerReport, merge_reports
from perfgate.scenario import AnyScenario, Scenario
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.bench.generator import GENERATOR_CPU, SCENARIO, fast_service
from tests.bench.peers import HTTP1

MACHINES = 100
PORT = 5581
WORKER = [sys.executable, "-m", "perfgate", "worker"]


@contextmanager
def engines(url: str) -> Iterator[tuple[AnyScenario, dict[str, Engine]]]:
    """Both engines with one worker each, ready to load `url`."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "post.py").write_text(SCENARIO.format(options="vus=30, duration='1h'"))
        (scenario,) = load_scenarios(Path(folder), (), Overrides())
        own = PerfgateEngine(WorkerConfig(folder, (), None, None, 1, 1, 1, ()))
        cluster = ClusterConfig(1, "127.0.0.1", PORT, 60.0, None, None, 2, 1)
        assert isinstance(scenario, Scenario)
        locust = MachinesEngine(cluster, [scenario], lambda said: None)
        machine = subprocess.Popen(
            [*WORKER, "--master", f"127.0.0.1:{PORT}", "--scenarios", folder], stderr=subprocess.DEVNULL
        )
        both: dict[str, Engine] = {"perfgate": own, "locust": locust}
        try:
            for engine in both.values():
                engine.open(scenario, "head", url)
                engine.play(scenario, "head", Slice(0.0, 1.0, None), Phase.WARM_UP, 0)
            yield scenario, both
        finally:
            for engine in both.values():
                engine.stop()
            machine.wait()


def generators() -> dict[str, psutil.Process]:
    """The processes that make the load, by engine."""
    modules = {"perfgate": "perfgate.load.generator.worker", "locust": "perfgate.load.machines.machine"}
    children = psutil.Process().children(recursive=True)
    return {name: next(child for child in children if module in child.cmdline()) for name, module in modules.items()}


def cpu_per_request(scenario: AnyScenario, both: dict[str, Engine], seconds: float, rounds: int) -> None:
    """Rounds in turns; the CPU time of the whole process, reports and heartbeats included, over its requests."""
    processes = generators()
    cpu, requests = dict.fromkeys(both, 0.0), dict.fromkeys(both, 0)
    for number in range(rounds):
        for name in sorted(both, reverse=number % 2 == 1):
            before = sum(processes[name].cpu_times()[:2])
            played = both[name].play(scenario, "head", Slice(0.0, seconds, None), Phase.MEASURING, number)
            cpu[name] += sum(processes[name].cpu_times()[:2]) - before
            requests[name] += played.tally.request_count
    each = {name: cpu[name] / requests[name] * 1e6 for name in both}
    rows = [[name, requests[name], f"{each[name]:.1f} us", f"{each[name] / each['perfgate']:.3f}"] for name in both]
    print(f"\n30 VUs, {rounds} x {seconds:g} s in turns")
    print(tabulate(rows, ["engine", "requests", "CPU a request", "times our own"]))


def merging(scenario: AnyScenario, engine: Engine) -> None:
    """The bytes of a report, and the time for a hundred of them."""
    played = engine.play(scenario, "head", Slice(0.0, 1.0, None), Phase.MEASURING, 0)
    answer = to_message(WorkerReport(played.tally.to_plain(), 1, 0, 0.0, 0.0, 0.0, 0.1, 0.0, None, {}, 0))
    packed = msgpack.dumps({"perfgate": [{"number": 1, "value": answer}]})
    began = time.process_time()
    unpacked = [msgpack.loads(packed)["perfgate"][0]["value"] for _ in range(MACHINES)]
    line = json.dumps({"played": unpacked})
    master = time.process_time() - began
    began = time.process_time()
    merge_reports("locust", [from_plain(WorkerReport, one) for one in json.loads(line)["played"]], here=False)
    gate = time.process_time() - began
    print(f"\nA round of 1 s with {played.tally.request_count:,} requests a machine: {len(packed):,} bytes a report")
    print(f"{MACHINES} machines: {len(packed) * MACHINES / 1e6:.2f} MB a round, ", end="")
    print(f"{master * 1000:.0f} ms of CPU in the master to read and pass on, {gate * 1000:.0f} ms in the gate to merge")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    print(time.strftime("%Y-%m-%d"), "Python", sys.version.split()[0])
    with fast_service() as service:
        os.sched_setaffinity(0, {GENERATOR_CPU})
        with engines(service.urls[HTTP1]) as (scenario, both):
            cpu_per_request(scenario, both, options.seconds, options.rounds)
            merging(scenario, both["locust"])


if __name__ == "__main__":
    main()
