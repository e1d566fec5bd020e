"""Answers that come as they are read: what they cost, and what they leave in memory. `python -m tests.bench.streams`.

Generator on one CPU, service on the other. Needs Go for the service.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.bench.generator import engine_for, fast_service, worker_process
from tests.bench.peers import HTTP1

SCENARIO = """
from perfgate import scenario

@scenario(vus=1, duration="1h")
def stream(user):
    with user.get("PATH", stream=True) as response:
        for _ in response.READ:
            pass
"""


def stream(url: str, path: str, read: str, wanted: tuple[int, int]) -> None:
    """One user that reads the same stream until so many events and bytes have come: what it costs, and what is left."""
    events = received = 0
    with engine_for("", url, SCENARIO.replace("PATH", path).replace("READ", read)) as play:
        play(3, 0)
        worker = worker_process()
        before, cpu = worker.memory_info().rss, worker.cpu_times()
        while events < wanted[0] or received < wanted[1]:
            tally = play(3, 1).tally
            received += tally.data_received
            events += sum(requests.phases.of("sse_event_waiting").count for requests in tally.requests.values())
            assert not tally.failed_count
        after, spent = worker.memory_info().rss, worker.cpu_times()
    seconds = spent.user + spent.system - cpu.user - cpu.system
    print(
        f"{path}: {received / 1e6:,.0f} MB, {events:,} events, {seconds:.2f} s of CPU"
        f"{f' ({seconds / events * 1e6:.1f} us an event)' if events else ''},"
        f" {(after - before) / 1e6:+.2f} MB in memory"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    print(time.strftime("%Y-%m-%d"), "Python", sys.version.split()[0])
    with fast_service() as service:
        stream(service.urls[HTTP1], "/events?count=10000000", "iter_events()", (options.events, 0))
        stream(service.urls[HTTP1], "/file?count=1073741824", "iter_content(65536)", (0, 2**30))


if __name__ == "__main__":
    main()
