"""What reading the counters of a page takes, twice for each round and never within it.

    python -m tests.bench.counter_pages

The pages come from a process of their own that answers at once: the time of a service to write its page comes on top.
"""

from __future__ import annotations

import multiprocessing
import socket
import time
from statistics import median, quantiles

from tabulate import tabulate

from perfgate.service.counters.source import PageSource
from perfgate.service.settings import CounterSettings

# Handlers that a page has three counters of each: pages of 4 KB, 54 KB and 0.9 MB.
HANDLERS = (20, 240, 3_700)
WANTED = "shop_queries_total"
TIMES = 400


def main() -> None:
    print(tabulate(map(line_of, HANDLERS), ("page", "median", "p(95)"), disable_numparse=True))


def line_of(handlers: int) -> tuple[str, str, str]:
    """The size of a page, and what reading it takes."""
    page = page_of(handlers)
    listener = socket.create_server(("127.0.0.1", 0))
    server = multiprocessing.Process(target=serve, args=(listener, page), daemon=True)
    server.start()
    source = PageSource(CounterSettings(url="/metrics", names=(WANTED,)), {}, True)
    values = {"url": "http://{}:{}".format(*listener.getsockname())}
    taken = [reading(source, values) for _ in range(TIMES)]
    server.terminate()
    server.join()
    return f"{len(page) / 1000:,.0f} KB", f"{median(taken):.2f} ms", f"{quantiles(taken, n=20)[-1]:.2f} ms"


def page_of(handlers: int) -> bytes:
    """A page of Prometheus' text format."""
    lines = []
    for number in range(handlers):
        lines += [f"# HELP requests_{number}_total Requests by handler", f"# TYPE requests_{number}_total counter"]
        lines += [f'requests_{number}_total{{handler="/{number}",code="{code}"}} {code}' for code in (200, 404, 500)]
    return "\n".join([*lines, f"# TYPE {WANTED} counter", f"{WANTED} 41234.0", ""]).encode()


def serve(listener: socket.socket, page: bytes) -> None:
    """Answer each connection with the page."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(page), page)
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(answer)


def reading(source: PageSource, values: dict[str, str]) -> float:
    """What one takes (ms)."""
    began = time.perf_counter()
    found = source.read(values, complete=True)
    taken = 1000 * (time.perf_counter() - began)
    assert set(found) == {WANTED}
    return taken


if __name__ == "__main__":
    main()
