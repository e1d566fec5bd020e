"""Real duets with a known truth: how often the gate is red where it must not be, and finds what is there.

    python -m tests.bench.duets [--cases aa_closed,tail] [--times 10] [--budget 60s] [--url URL] [--results FILE]

Runs the command line as CI does. On a machine that does other things too, expect `invalid` and `inconclusive`; `red`
must not happen where it is not wanted. --url: a service that is not ours, for one more A/A case. --results: what came
out is kept there, and the table counts all that was ever kept, so that a long series can be measured in parts.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from perfgate.machine.cpus import read_cpus, split_cpus
from perfgate.service.readiness import wait_until_ready

ROOT = Path(__file__).resolve().parents[2]

SCENARIOS = """
from perfgate import scenario


def post(user):
    user.post("/pet", json={"id": user.unique_id(), "name": "doggie", "photoUrls": []})


@scenario(vus=8, duration="60s")
def closed(user):
    post(user)


@scenario(vus=20, duration="60s")
def think(user):
    post(user)
    user.think(mean=0.05)


@scenario(vus=8, duration="60s")
def get(user):
    user.get("/")
"""

Result = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What is measured, and what must come out. right: of one result file. hog: how it runs, "" for none.
    budget: of its duets; "" for what was asked for."""

    name: str
    wanted: str
    base: str
    head: str
    scenario: str
    right: Callable[[Result], bool]
    options: tuple[str, ...] = ()
    hog: str = ""
    budget: str = ""


def not_red(result: Result) -> bool:
    return bool(result["exit_code"] != 1)


def is_red(result: Result) -> bool:
    return bool(result["exit_code"] == 1)


def verdicts(result: Result, metric: str, *stats: str) -> list[str]:
    return [row["verdict"] for row in result["rows"] if row["metric"] == metric and row["stat"] in stats]


def cpu_is_red(result: Result) -> bool:
    return is_red(result) and verdicts(result, "service_cpu", "value") == ["regressed"]


def tail_is_seen(result: Result) -> bool:
    tail, median = (verdicts(result, "http_req_duration", *stats) for stats in (("p(95)", "p(99)"), ("med",)))
    return median == ["unchanged"] and bool({"regressed", "inconclusive"} & set(tail))


def improved(result: Result) -> bool:
    return bool(result["exit_code"] == 0 and "improved" in verdicts(result, "service_cpu", "value"))


# The seed tells head's process from base's; it changes nothing where no chance is involved.
HEAD = "petstore?seed=2"
CASES = (
    Case("aa_closed", "0 red", "petstore", HEAD, "closed", not_red),
    Case("aa_think", "0 red", "petstore", HEAD, "think", not_red),
    Case("workers", "0 red", "workers", "workers", "closed", not_red),
    Case("hog_half", "0 red", "petstore", HEAD, "closed", not_red, hog="half"),
    Case("hog_half_think", "0 red", "petstore", HEAD, "think", not_red, hog="half"),
    Case("hog_head", "0 red", "petstore", HEAD, "closed", not_red, hog="while"),
    Case("hog_head_think", "0 red", "petstore", HEAD, "think", not_red, hog="while"),
    Case("tail", "tail red or open, med unchanged", "petstore", "petstore?tail=3%", "think", tail_is_seen),
    Case("faster", "improved, exit 0", "petstore?slow=25%", "petstore", "closed", improved),
    Case(
        "cpu_5",
        ">= 99 % red",
        "petstore?work=1ms",
        "petstore?work=1ms&slow=5%",
        "closed",
        cpu_is_red,
        ("--margin", "service_cpu=2%"),
        budget="30s",
    ),
    Case("slow_10", ">= 95 % red", "petstore?work=1ms", "petstore?work=1ms&slow=10%", "think", is_red),
)


def main() -> None:
    chosen = arguments()
    cases = [case for case in CASES if chosen.cases is None or case.name in chosen.cases.split(",")]
    if chosen.url:
        cases.append(Case("aa_url", "0 red", chosen.url, chosen.url, "get", not_red))
    outcomes = read_outcomes(chosen.results)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "scenarios").mkdir()
        (Path(folder) / "scenarios" / "duets.py").write_text(SCENARIOS)
        for case in cases:
            for _ in range(chosen.times):
                outcomes.append(outcome_of(case, play(case, Path(folder), case.budget or chosen.budget)))
                print(*outcomes[-1].values(), sep=" · ", file=sys.stderr, flush=True)
                if chosen.results:
                    with chosen.results.open("a") as file:
                        file.write(json.dumps(outcomes[-1]) + "\n")
    print(tabulate(table_of(outcomes), ("case", "wanted", "as wanted", "verdicts"), disable_numparse=True))


def outcome_of(case: Case, result: Result) -> dict[str, Any]:
    """What is kept of one duet."""
    verdict = "red" if is_red(result) else result["verdict"]
    return {"case": case.name, "right": case.right(result), "verdict": verdict, "reason": result["reasons"][0]}


def read_outcomes(file: Path | None) -> list[dict[str, Any]]:
    """Those of earlier parts of the series."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file and file.exists() else []


def table_of(outcomes: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """A line a case."""
    wanted = {case.name: case.wanted for case in CASES}
    lines = []
    for name in dict.fromkeys(outcome["case"] for outcome in outcomes):
        found = [outcome for outcome in outcomes if outcome["case"] == name]
        counts = Counter(outcome["verdict"] for outcome in found)
        said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        right = sum(outcome["right"] for outcome in found)
        lines.append((name, wanted.get(name, "0 red"), f"{right} of {len(found)}", said))
    return lines


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", metavar="NAMES", help=f"of {', '.join(case.name for case in CASES)}; default all")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="duets of each case (default 1)")
    parser.add_argument("--budget", default="60s", help="load of one duet (default 60s)")
    parser.add_argument("--url", help="an A/A case on this service, GET / of it")
    parser.add_argument("--results", type=Path, metavar="FILE", help="keep what comes out, and count all that is kept")
    return parser.parse_args()


def play(case: Case, folder: Path, budget: str) -> Result:
    """One duet from the command line; its result file."""
    with ExitStack() as stack:
        targets = [stack.enter_context(workers()) if one == "workers" else one for one in (case.base, case.head)]
        command = [sys.executable, "-m", "perfgate", "duet", *targets, case.scenario]
        command += ["--budget", budget, "--history", "duets.db", "--json", "-", "--quiet", *case.options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        perfgate = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        if case.hog:
            stack.enter_context(hog(case.hog, perfgate.pid))
        out, _ = perfgate.communicate(timeout=900)
    result: Result = json.loads(out)
    return result


@contextmanager
def hog(how: str, perfgate: int) -> Iterator[None]:
    """A hog on the CPUs of the second petstore of this perfgate; it ends when that does."""
    process = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "cli" / "hog.py", how, str(perfgate), "--seed=2", "900"]
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def workers() -> Iterator[str]:
    """The petstore in three processes on the service's CPUs; its URL."""
    machine = read_cpus()
    cpus = split_cpus(machine.available, machine.siblings, None).service or machine.available
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "tests/bench/service/workers.py"), str(port), ",".join(map(str, cpus))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", "the workers", 30)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()


if __name__ == "__main__":
    main()
