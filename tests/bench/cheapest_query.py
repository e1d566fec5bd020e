"""What one query of the cheapest kind costs a Redis: the floor under which `dependency_cpu` shows no regression.

python -m tests.bench.cheapest_query
"""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing

from perfgate.service.usage import ProcessTree
from tests.support.databases import Redis

_SET = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n"
_GET = b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
# How often it is asked, with so many seconds between two queries.
_PACES = ((5000, 0.0), (1000, 0.001))
_TIMES = 5


def main() -> None:
    server = Redis()
    with ExitStack() as stack:
        stack.callback(server.stop)
        connection = stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
        tree = ProcessTree(server.pid)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _ask(connection, _SET)
        for count, pause in _PACES:
            costs = [_cost(tree, connection, count, pause) for _ in range(_TIMES)]
            between = f"{pause * 1000:g} ms between" if pause else "one after the other"
            print(f"{between}: {min(costs) * 1e6:.1f} to {max(costs) * 1e6:.1f} us of CPU a GET")


def _cost(tree: ProcessTree, connection: socket.socket, count: int, pause: float) -> float:
    before = _cpu_seconds(tree)
    for _ in range(count):
        _ask(connection, _GET)
        if pause:
            time.sleep(pause)
    return (_cpu_seconds(tree) - before) / count


def _cpu_seconds(tree: ProcessTree) -> float:
    usage = tree.usage()
    assert usage is not None
    return usage.cpu_seconds


def _ask(connection: socket.socket, command: bytes) -> None:
    connection.sendall(command)
    connection.recv(100)


if __name__ == "__main__":
    main()
