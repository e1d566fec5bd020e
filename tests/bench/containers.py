"""Two images of which one does 5 % more work for every request: what `service_cpu` says of that.

    python -m tests.bench.containers [--budget 4m] [--instances 16] [--work 8000]

Needs the engine and the base image that `make containers` makes. The work is rounds of hashing; what the service does
for a request besides is measured too, with an image that hashes nothing, so that the truth is known. Half a point is
less than two containers of one image may differ by, so it takes many of them; see docs/explanation/statistics.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import docker
from tabulate import tabulate

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "tests" / "containers" / "service"
MORE = 0.05

SCENARIO = """
from perfgate import scenario


@scenario(vus=2, duration="60s")
def hash_it(user):
    user.get("/")
"""

# Noise comes in stretches: the shorter a round, the more alike are the two of a pair.
SETTINGS = """
[measure]
round = "100ms"
warm_up = "500ms"
instances = {instances}
"""


def main() -> None:
    chosen = arguments()
    images = [build(round(chosen.work * (1 + more))) for more in (0.0, MORE)]
    idle = build(0)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "scenarios").mkdir()
        (Path(folder) / "scenarios" / "hash_it.py").write_text(SCENARIO)
        (Path(folder) / "perfgate.toml").write_text(SETTINGS.format(instances=chosen.instances))
        overhead = row_of(play(Path(folder), "run", "--target", f"image:{idle}", "--duration", "2s"))["head"]
        duet = play(Path(folder), "duet", *(f"image:{image}" for image in images), "--budget", chosen.budget)
    row = row_of(duet)
    truth = MORE * (1 - overhead / row["base"])
    shown = [f"{100 * value:+.2f} %" for value in (truth, row["change"], row["low"], row["high"])]
    off = f"{100 * (row['change'] - truth):+.2f} points"
    cells = (f"{row['base']:.3f} ms", f"{overhead:.3f} ms", *shown, row["rounds"], off, row["verdict"])
    headers = ("base", "besides", "truth", "service_cpu", "low", "high", "pairs", "off by", "verdict")
    print(tabulate([cells], headers, disable_numparse=True))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", default="4m", help="load of the duet (default 4m)")
    parser.add_argument("--instances", type=int, default=16, help="containers of each image (default 16)")
    parser.add_argument("--work", type=int, default=8000, help="rounds of hashing for a request of base (default 8000)")
    return parser.parse_args()


def build(work: int) -> str:
    """The name of the image whose service does so many rounds of hashing."""
    tag = f"perfgate-bench-work-{work}"
    docker.from_env().images.build(path=str(SERVICE), tag=tag, buildargs={"WORK": str(work)}, rm=True)
    return tag


def play(folder: Path, *arguments: str) -> dict[str, Any]:
    """The result file of one command."""
    command = [sys.executable, "-m", "perfgate", *arguments]
    command += ["--history", "bench.db", "--json", "-", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def row_of(result: dict[str, Any]) -> dict[str, Any]:
    """The row of the service's CPU; without one there is nothing to print but the reason."""
    for row in result["rows"]:
        if row["metric"] == "service_cpu" and row["head"] is not None:
            found: dict[str, Any] = row
            return found
    raise SystemExit(result["reasons"][0])


if __name__ == "__main__":
    main()
