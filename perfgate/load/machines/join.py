"""The parent's end of a machine that joins a run: what `perfgate worker` does."""

from __future__ import annotations

from collections.abc import Callable

from perfgate.load.locust_version import require_locust
from perfgate.load.machines.messages import JoinRequest, Left
from perfgate.load.processes.child import Child

# A run may last; there are at most so many seconds between two things that its master has to say.
_LONGEST_RUN = 7 * 24 * 3600.0


def join(request: JoinRequest, say: Callable[[str], None]) -> None:
    """Be a machine of that master's until its run is over. UsageError where it refuses, NoVerdictError where there is
    none or it falls silent.
    """
    require_locust()
    child = Child("perfgate.load.machines.machine", "the worker", on_news=say, patience=3.0)
    try:
        child.send(request)
        say(child.receive(Left, _LONGEST_RUN).text)
    finally:
        child.stop()
