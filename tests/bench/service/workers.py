"""The embedded petstore in three processes behind one port: `python workers.py PORT [CPUS]`; ends with its input.

Each listens for itself with SO_REUSEPORT, and the kernel deals connections out by their addresses: kept alive, they
spread unevenly, and how they do is chance.
"""

from __future__ import annotations

import os
import socket
import sys

import gevent
from gevent.pywsgi import WSGIServer
from gevent.socket import wait_read

from perfgate.petstore.application import Application
from perfgate.petstore.handler import Handler
from perfgate.petstore.injections import parse_injections
from perfgate.petstore.stock import stocked_store

WORKERS = 3


def serve(port: int) -> None:
    listener = gevent.socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    application = Application(stocked_store(), parse_injections([], ""), None)
    server = WSGIServer(listener, application, handler_class=Handler, environ={"SERVER_NAME": "127.0.0.1"})
    gevent.spawn(end_with_input, server)
    server.serve_forever()


def end_with_input(server: WSGIServer) -> None:
    wait_read(0)  # nothing is ever written there: it is readable at its end
    server.stop(0.5)


def main() -> None:
    if len(sys.argv) > 2:
        os.sched_setaffinity(0, [int(cpu) for cpu in sys.argv[2].split(",")])
    for _ in range(WORKERS - 1):
        if not os.fork():
            break
    serve(int(sys.argv[1]))


if __name__ == "__main__":
    main()
