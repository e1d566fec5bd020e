"""Serves the embedded petstore: gevent.pywsgi in this process, until a signal or the end of a lifeline."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable

import gevent
from gevent.pywsgi import WSGIServer
from gevent.socket import wait_read

from perfgate.errors import UsageError
from perfgate.petstore.application import Application
from perfgate.petstore.handler import Handler
from perfgate.petstore.injections import Injections
from perfgate.petstore.injector import Injector
from perfgate.petstore.stock import stocked_store

# How long requests that are under way may take after a signal, in seconds.
_GRACE = 0.5
# Connections that may wait to be accepted: a round opens those of all its users at once.
_BACKLOG = 1024
_HIGHEST_PORT = 65535


def serve(
    host: str, port: int, injections: Injections, announce: Callable[[str], None], lifeline: int | None = None
) -> None:
    """Serve in the foreground until SIGTERM or SIGINT, on the main thread.

    port: 0 lets the system choose. announce: called with the URL as soon as it can be used. lifeline: a file descriptor
    whose end of file ends the service, too. UsageError where the port cannot be had.
    """
    if not 0 <= port <= _HIGHEST_PORT:
        raise UsageError(f"there is no port {port}", f"ports go from 1 to {_HIGHEST_PORT}; 0 lets the system choose")
    injector = None if injections.none else Injector(injections, gevent.sleep)
    application = Application(stocked_store(), injections, injector)
    server = WSGIServer(
        (host, port), application, backlog=_BACKLOG, handler_class=Handler, environ={"SERVER_NAME": host}
    )
    try:
        server.start()
    except OSError as error:
        raise UsageError(
            # gevent adds the address to what the system says.
            f"the petstore cannot listen on {host} port {port}: {str(error.strerror).partition(': ')[0]}",
            "choose another --port, or leave it out and let the system choose",
        ) from error
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    watchers = [gevent.signal_handler(number, server.stop, _GRACE) for number in before]
    if lifeline is not None:
        gevent.spawn(_stop_at_end_of, lifeline, server)
    gc.freeze()
    announce(f"http://{f'[{host}]' if ':' in host else host}:{server.server_port}")
    try:
        server.serve_forever(stop_timeout=_GRACE)
    finally:
        for watcher, (number, handler) in zip(watchers, before.items(), strict=True):
            watcher.cancel()
            signal.signal(number, handler)


def _stop_at_end_of(lifeline: int, server: WSGIServer) -> None:
    wait_read(lifeline)
    while os.read(lifeline, 1024):
        wait_read(lifeline)
    server.stop(_GRACE)
