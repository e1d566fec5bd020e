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
from perfgate.service.petstore.application import Application
from perfgate.service.petstore.handler import Handler
from perfgate.service.petstore.injections import Injections
from perfgate.service.petstore.injector import Injector
from perfgate.service.petstore.stock import stocked_store

# How long requests that are under way may take after a signal, in seconds.
_GRACE = 0.5


def serve(
    host: str, port: int, injections: Injections, announce: Callable[[str], None], lifeline: int | None = None
) -> None:
    """Serve in the foreground until SIGTERM or SIGINT, on the main thread.

    port: 0 lets the system choose. announce: called with the URL as soon as it can be used. lifeline: a file descriptor
    whose end of file ends the service, too. UsageError where the port cannot be had.
    """
    injector = None if injections.none else Injector(injections, gevent.sleep)
    application = Application(stocked_store(), injections, injector)
    server = WSGIServer((host, port), application, handler_class=Handler, environ={"SERVER_NAME": host})
    try:
        server.start()
    except OSError as error:
        raise UsageError(
            f"the petstore cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}",
            "choose another --port, or leave it out and let the system choose",
        ) from error
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    watchers = [gevent.signal_handler(number, server.stop, _GRACE) for number in before]
    if lifeline is not None:
        gevent.spawn(_stop_at_end_of, lifeline, server)
    gc.freeze()
    announce(f"http://{host}:{server.server_port}")
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
