"""Thousands of VUs that think, on one worker: memory, lag, CPU, start-up. `python -m tests.bench.many_vus`.

Generator on one CPU, service on the other. Needs Go for the service.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from tabulate import tabulate

from tests.bench.generator import engine_for, fast_service, worker_process
from tests.bench.peers import HTTP1

SCENARIO = """
from perfgate import scenario

@scenario({options})
def browse(user):
    response = user.post("/pet", json={{"id": user.unique_id(), "name": "doggie", "photoUrls": []}})
    user.check("answered", response.status_code == 200)
    user.think(0.5 * THINK, 1.5 * THINK)
"""


def measure(url: str, vus: int, think: float, seconds: float) -> list[str]:
    """One round of so many VUs after another: a row of the table."""
    with engine_for(f"vus={vus}, duration='1h'", url, SCENARIO.replace("THINK", str(think))) as play:
        worker = worker_process()
        bare = worker.memory_info().rss
        began = time.monotonic()
        play(seconds, 0)
        first = time.monotonic() - began - seconds
        used = worker.cpu_times()
        round_ = play(seconds, 1)
        spent = worker.cpu_times()
        held = worker.memory_info().rss
    cpu = spent.user + spent.system - used.user - used.system
    tally, record = round_.tally, round_.generator
    opened = sum(requests.phases.of("http_req_connecting").count for requests in tally.requests.values())
    median = next(iter(tally.requests.values())).ok.quantile(0.5) / 1e6
    return [
        f"{vus:,}",
        f"{tally.request_count / tally.seconds:,.0f}/s",
        f"{(held - bare) / vus / 1e3:.1f} KB",
        f"{record.reader_lag * 1000:.2f} ms",
        f"{record.hub_lag * 1000:.1f} ms",
        f"{median:.2f} ms",
        f"{cpu:.2f} s of {tally.seconds:.1f}",
        f"{first:.1f} s",
        f"{opened:,}",
        "; ".join((*round_.problems, *round_.warnings)) or "valid",
    ]


HEADS = [
    "VUs",
    "requests",
    "memory a VU",
    "answers noticed after",
    "most hub lag",
    "med",
    "CPU",
    "more than its length",
    "connections",
    "round",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vus", type=int, default=10_000)
    parser.add_argument("--think", type=float, default=1.0, help="seconds, on average")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    print(time.strftime("%Y-%m-%d"), "Python", sys.version.split()[0])
    limit = subprocess.run(["sh", "-c", "ulimit -n"], capture_output=True, text=True, check=True).stdout.strip()
    with fast_service() as service:
        rows = [measure(service.urls[HTTP1], vus, options.think, options.seconds) for vus in (100, options.vus)]
    print(f"VUs that think {options.think:g} s on one worker; {limit} files may be open")
    print(tabulate(rows, HEADS, maxcolwidths=[None] * 9 + [40]))


if __name__ == "__main__":
    main()
