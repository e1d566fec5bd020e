"""Services as an attribution sees them: the processes that they are, and nothing else."""

from __future__ import annotations

from typing import Any

from perfgate.service.attribution.attribution import Attribution
from perfgate.service.attribution.pinning import Pinning


class WatchedService:
    """A service, and its only instance. pid: of its first process. container: its id, if it runs in one."""

    dependencies: tuple[Any, ...] = ()

    def __init__(self, pid: int, container: str = "") -> None:
        self.instance = self
        self.pids: tuple[int, ...] = (pid,)
        self.container = container

    def processes(self) -> tuple[int, ...]:
        return self.pids


def attribution_of(pinning: Pinning | None = None, /, **sides: WatchedService) -> Attribution:
    """An attribution whose thread does not look yet: the test says when. pinning: None to pin nothing."""
    services: Any = sides
    return Attribution(services, {}, pinning or Pinning((), {}, print))
