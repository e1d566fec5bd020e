"""Playing one case: its services, the duet as a process of perfgate, and what is kept of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfgate.machine.cpus import read_cpus, split_cpus
from perfgate.service.readiness import wait_until_ready
from perfgate.units import parse_duration
from tests.bench.duet_cases import LOADS, ROOT, WORKERS, Case, Result, is_red

SERVICES = Path(__file__).parent / "service"
HOG = ROOT / "tests" / "support" / "hog.py"
DEFAULT_BUDGET = 60.0
LONGEST_DUET = 1800.0

# The lists that the service on a JVM makes for a request, 20 % more on head. Some milliseconds once compiled, of which
# HTTP takes a few tenths.
_WORK = {"main": 200, "more": 240}
_JVM_SERVICE = """
[service]
build_command = "javac Service.java"
command = "java -Dsun.net.httpserver.nodelay=true Service {port}"
"""
# "closed · measuring · round 1 of 120 · 4.3s", as the progress of a duet says it in a log.
_PLANNED = re.compile(r"^(\S+) · measuring · round \d+ of (\d+)", re.MULTILINE)


class NoResultError(Exception):
    """A duet that ended without a result file, with what it said."""


@dataclass(frozen=True)
class Played:
    """One duet that was played.

    result: its result file.
    planned: the pairs that its budget pays for, by scenario.
    budget: of load on one scenario (s).
    wall_seconds: from start to end, warm-ups included (s).
    """

    result: Result
    planned: dict[str, int]
    budget: float
    wall_seconds: float


def play(case: Case, budget: str) -> Played:
    """One duet from the command line. budget: instead of the case's; "" for that."""
    asked = budget or case.budget
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="perfgate-bench-")))
        if case.jvm:
            make_jvm_repository(folder)
        if case.setting:
            stack.enter_context(case.setting(folder))
        targets = [stack.enter_context(workers()) if one == WORKERS else one for one in (case.base, case.head)]
        command = [sys.executable, "-m", "perfgate", "duet", *targets, *case.scenarios]
        command += [] if case.setting else ["--scenarios", str(LOADS)]
        command += ["--history", "duets.db", "--json", "result.json", *case.options]
        command += ["--budget", asked] if asked else []
        command += ["--vus", str(case.vus)] if case.vus else []
        started = time.monotonic()
        with (folder / "log").open("w") as log:
            perfgate = subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=log)
            stack.callback(end, perfgate)
            if case.hog:
                stack.enter_context(hog(case.hog, perfgate.pid, case.heads_word, case.hog_beside))
            perfgate.wait(timeout=LONGEST_DUET)
        wall, said = time.monotonic() - started, (folder / "log").read_text()
        if not (folder / "result.json").exists():
            raise NoResultError(f"{case.name}: exit code {perfgate.returncode}\n{said}")
        result: Result = json.loads((folder / "result.json").read_text())
        planned = {name: int(count) for name, count in _PLANNED.findall(said)}
        return Played(result, planned, parse_duration(asked) if asked else DEFAULT_BUDGET, wall)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a perfgate that still runs, so that nothing of it stays."""
    if process.poll() is None:
        process.terminate()
        process.wait()


def environment() -> dict[str, str]:
    """That of a person: no settings of perfgate or of CI in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PERFGATE_", "GITHUB_", "CI"))}
    return {**kept, "PYTHONPATH": str(ROOT)}


def outcome_of(case: Case, played: Played) -> dict[str, Any]:
    """What is kept of a duet: the verdict, and what it cost.

    pairs: by scenario. at_once: by scenario, whether both sides were loaded at the same time; None where nothing was
    measured. load_seconds: with load on one side or on both, without warm-ups.
    """
    result = played.result
    pairs: dict[str, int] = {}
    for row in result["rows"]:
        pairs[row["scenario"]] = max(pairs.get(row["scenario"], 0), row["rounds"])
    at_once: dict[str, bool | None] = {}
    load = 0.0
    for scenario in pairs:
        sides = _seconds_of_sides(result, scenario)
        at_once[scenario] = _at_once(played, scenario, pairs[scenario], sides)
        load += max(sides, default=0.0) if at_once[scenario] else sum(sides)
    shown = [row for row in result["rows"] if (row["metric"], row["stat"]) == case.row]
    return {
        "case": case.name,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "budget": played.budget,
        "right": case.right(result) and load <= case.most_load,
        "verdict": "red" if is_red(result) else result["verdict"],
        "reason": result["reasons"][0],
        "change": [shown[0][key] for key in ("change", "low", "high")] if shown else None,
        "rows": {_name(row): [row[key] for key in _KEPT] for row in result["rows"]},
        "notes": [note["message"] for note in result["validity"]],
        "pairs": pairs,
        "at_once": at_once,
        "load_seconds": round(load, 1),
        "wall_seconds": round(played.wall_seconds, 1),
    }


_KEPT = ("change", "low", "high", "margin", "gated", "verdict")


def _name(row: dict[str, Any]) -> str:
    return " ".join(filter(None, (row["scenario"], row["request"], row["metric"], row["stat"])))


def _seconds_of_sides(result: Result, scenario: str) -> list[float]:
    """For how long each side was loaded (s)."""
    lines = [line for line in result["summary"] if line["scenario"] == scenario and line["request"] is None]
    return [line["requests"] / line["requests_per_second"] for line in lines if line["requests_per_second"]]


def _at_once(played: Played, scenario: str, pairs: int, sides: list[float]) -> bool | None:
    """Whether a pair takes as much of the budget as one of its rounds, or as both of them."""
    if not pairs or not sides or scenario not in played.planned:
        return None
    round_seconds = max(sides) / pairs
    return bool(played.budget / played.planned[scenario] < 1.5 * round_seconds)


def make_jvm_repository(folder: Path) -> None:
    """A repository whose commits are the service on a JVM: branch `more` does 20 % more work than `main`."""
    shutil.copy(SERVICES / "jvm" / "Service.java", folder)
    (folder / "perfgate.toml").write_text(_JVM_SERVICE)
    _git(folder, "init", "--quiet", "--initial-branch", "main")
    for branch, work in _WORK.items():
        if branch != "main":
            _git(folder, "switch", "--quiet", "--create", branch)
        (folder / "work").write_text(f"{work}\n")
        _git(folder, "add", "Service.java", "perfgate.toml", "work")
        _git(folder, "commit", "--quiet", "--message", f"Do {work} lists a request")
    _git(folder, "switch", "--quiet", "main")


def _git(folder: Path, *words: str) -> None:
    person = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    subprocess.run(["git", *person, *words], cwd=folder, check=True)


@contextmanager
def hog(how: str, perfgate: int, word: str, beside: str = "") -> Iterator[None]:
    """A hog on the CPUs of this perfgate's service that has the word in its command; it ends when that does.

    beside: a word in the command of a dependency, on whose CPUs it is instead.
    """
    words = [beside] if beside else []
    process = subprocess.Popen([sys.executable, HOG, how, str(perfgate), word, "900", *words])
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
    command = [sys.executable, str(SERVICES / "workers.py"), str(port), ",".join(map(str, cpus))]
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", "the workers", 30)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()
