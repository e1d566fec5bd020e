"""How fast the load generator is, and whether it tells the truth. `python tests/bench/generator.py [--seconds 10]`.

Generator on one CPU, service on the other; peers run one after the other, several times around, so that whatever else
the machine does happens to all. K6=... and LOCUST=... name binaries that are not on the PATH. Needs Go for the service.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peers import PEERS, Load, NotHere, Outcome
from tabulate import tabulate

HERE = Path(__file__).parent
GENERATOR_CPU, SERVICE_CPU = 0, 1


@contextmanager
def fast_service() -> Iterator[str]:
    """The service of service/main.go on a CPU of its own; its URL."""
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "service"
        subprocess.run(["go", "build", "-o", str(binary), "main.go"], cwd=HERE / "service", check=True)
        process = subprocess.Popen(["taskset", "-c", str(SERVICE_CPU), str(binary)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait()


def throughput(url: str, seconds: int, times: int) -> None:
    """Requests per CPU second: POST with JSON body, unique id, one check, 30 VUs."""
    seen: dict[str, list[Outcome]] = {name: [] for name in PEERS}
    absent = {}
    for _ in range(times):
        for name, peer in PEERS.items():
            try:
                seen[name].append(peer(Load(url, "/pet", 30, seconds, GENERATOR_CPU)))
            except NotHere as error:
                absent[name] = str(error)
    ours = statistics.median(outcome.per_cpu_second for outcome in seen["perfgate"])
    rows = []
    for name, outcomes in seen.items():
        if not outcomes:
            rows.append([name, absent[name]])
            continue
        rate = statistics.median(outcome.per_cpu_second for outcome in outcomes)
        p50 = statistics.median(outcome.med_ms for outcome in outcomes)
        rows.append([name, f"{rate:,.0f}", f"{1e6 / rate:.0f} us", f"{ours / rate:.2f}x", f"{p50:.2f} ms"])
    print(f"\nPOST with JSON body, unique id, one check, 30 VUs, {times} x {seconds} s")
    print(tabulate(rows, ["generator", "requests per CPU second", "CPU a request", "perfgate is", "med it says"]))


def truth(url: str, seconds: int) -> None:
    """100 VUs on a service that sleeps 2 ms: what each generator says against the service's own clock."""
    rows = []
    for name, peer in PEERS.items():
        _account(url)
        try:
            outcome = peer(Load(url, "/sleep", 100, seconds, GENERATOR_CPU))
        except NotHere as error:
            rows.append([name, str(error)])
            continue
        real = _account(url)
        rows.append(
            [name, f"{outcome.med_ms:.2f} ms", f"{real['p50']:.2f} ms", f"{outcome.med_ms / real['p50'] - 1:+.0%}",
             f"{outcome.p99_ms:.1f} ms", f"{real['p99']:.1f} ms"]
        )  # fmt: skip
    print(f"\n100 VUs on a service that sleeps 2 ms, {seconds} s")
    print(
        tabulate(rows, ["generator", "med it says", "med in the service", "off by", "p(99) it says", "in the service"])
    )


def _account(url: str) -> dict[str, float]:
    with urllib.request.urlopen(f"{url}/account") as answer:
        found: dict[str, float] = json.load(answer)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    print(time.strftime("%Y-%m-%d"), "Python", sys.version.split()[0])
    with fast_service() as url:
        throughput(url, options.seconds, options.times)
        truth(url, options.seconds)


if __name__ == "__main__":
    main()
