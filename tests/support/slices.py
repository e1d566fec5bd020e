"""Slices of load on two services, whatever engine plays them."""

from contextlib import contextmanager

from perfgate.load.engine import SlicePlan
from perfgate.load.pacer import Slice
from perfgate.load.phase import Phase
from perfgate.testing import ScriptedServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@contextmanager
def two_services(*paths, wait=0.0):
    """Two services by their side, that answer at these paths, `wait` seconds late, and keep what they were asked."""
    with (
        ScriptedServer({path: [wait, OK] for path in paths}) as base,
        ScriptedServer({path: [wait, OK] for path in paths}) as head,
    ):
        yield {"base": base, "head": head}


@contextmanager
def stopping(services):
    """opened(engine, scenario): opens the scenario on both services, and the engine is stopped at the end."""
    engines = []

    def opened(engine, scenario):
        engines.append(engine)
        for side, service in services.items():
            engine.open(scenario, side, service.url)
        return engine, scenario

    yield opened
    for engine in engines:
        engine.stop()


def plan(seconds, count, spread=0.0, boundary=lambda _: None, phase=Phase.MEASURING, number=0, turns=None):
    """So many slices of a round of so many seconds."""
    return SlicePlan(Slice(0.0, seconds, None, spread), count, phase, number, boundary, turns)
