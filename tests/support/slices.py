"""Slices of load on two services, whatever engine plays them."""

import re
from contextlib import contextmanager
from statistics import median

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


def sent_at(service):
    """The moments that the headers `at` of its requests say, in their order."""
    return sorted(float(found[1]) for one in service.requests if (found := re.search(rb"(?i)\r\nat: ([0-9.]+)", one)))


def who_is_first(services):
    """Which side sent the first of its requests earlier, which the second, and so on."""
    base, head = (sent_at(services[side]) for side in ("base", "head"))
    return ["base" if one < other else "head" for one, other in zip(base, head, strict=True)]


def apart(services):
    """How far the requests of head are from the nearest of base, in the middle (s)."""
    base, head = (sent_at(services[side]) for side in ("base", "head"))
    return median(min(abs(one - other) for other in base) for one in head)
