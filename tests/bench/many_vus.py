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

# The share of the VUs of an arrival rate that is busy.
_BUSY = 0.4


def measure(url: str, options: str, vus: int, think: float, seconds: float) -> list[str]:
    """One round of so many VUs after another: a row of the table."""
    with engine_for(options, url, SCENARIO.replace("THINK", str(think))) as play:
        worker = worker_process()
        bare = worker.memory_info().rss
        began = time.monotonic()
        play(seconds, 0)
        first = time.monotonic() - began - seconds
        round_ = play(seconds, 1)
        held = worker.memory_info().rss
    tally, record = round_.tally, round_.generator
    opened = sum(requests.phases.of("http_req_connecting").count for requests in tally.requests.values())
    median = next(iter(tally.requests.values())).ok.quantile(0.5) / 1e6
    return [
        options,
        f"{tally.request_count / tally.seconds:,.0f}/s",
        f"{(held - bare) / vus / 1e3:.1f} KB",
        f"{record.schedule_lag * 1000:.1f} ms" if record.offered else "",
        f"{(record.reader_lag or 0) * 1000:.2f} ms",
        f"{median:.2f} ms",
        f"{record.cpu:.0%}",
        f"{record.cpu_waited:.0%}",
        f"{first:.1f} s",
        f"{opened:,}",
        "; ".join((*round_.problems, *round_.warnings)) or "valid",
    ]


HEADS = [
    "load",
    "requests",
    "memory a VU",
    "p(99) of schedule lag",
    "answers noticed after",
    "med",
    "CPU",
    "waited for it",
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
    rate = round(options.vus / options.think * _BUSY)
    loads = {
        f"vus={options.vus}, duration='1h'": options.vus,
        f"rate={rate}, duration='1h', pre_allocated_vus={options.vus}, max_vus={options.vus}": options.vus,
    }
    with fast_service() as service:
        rows = [measure(service.urls[HTTP1], load, vus, options.think, options.seconds) for load, vus in loads.items()]
    print(f"VUs that think {options.think:g} s on one worker; {limit} files may be open")
    print(tabulate(rows, HEADS, maxcolwidths=[30] + [None] * 9 + [40]))


if __name__ == "__main__":
    main()
