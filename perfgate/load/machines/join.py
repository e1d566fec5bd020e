"""The parent's end of a machine that lends itself: what `perfgate worker` does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from perfgate.load.locust_version import require_locust
from perfgate.load.processes.child import Child

# A run may last; there are at most so many seconds between two things that its master has to say.
_LONGEST_RUN = 7 * 24 * 3600.0


@dataclass(frozen=True)
class Loan:
    """This machine for the master on host and port. folder: of the scenarios. patience: seconds to look for it."""

    host: str
    port: int
    folder: Path
    patience: float


def lend(loan: Loan, say: Callable[[str], None]) -> None:
    """Be a machine of that master's until its run is over. UsageError where it refuses, NoVerdictError where there is
    none or it falls silent.
    """
    require_locust()
    child = Child("perfgate.load.machines.machine", "the worker", on_news=lambda news: say(news["news"]), patience=3.0)
    try:
        offer = {"host": loan.host, "port": loan.port, "folder": str(loan.folder), "patience": loan.patience}
        child.say(json.dumps(offer).encode() + b"\n")
        say(child.hear(_LONGEST_RUN)["done"])
    finally:
        child.stop()
