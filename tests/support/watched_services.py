"""Services as an attribution sees them: the processes that they are, and nothing else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from perfgate.service.attribution.attribution import Attribution
from perfgate.service.attribution.pinning import Pinning
from perfgate.service.usage import Usage


@dataclass(frozen=True)
class NamedServer:
    """A dependency that perfgate.toml names. pids: its first processes. container: its id, if it runs in one."""

    name: str
    pids: tuple[int, ...]
    container: str = ""
    cpus: tuple[int, ...] = ()
    shared_place: str = ""

    @property
    def pid(self) -> int | None:
        return self.pids[0] if self.pids and not self.container else None

    def processes(self) -> tuple[int, ...]:
        return self.pids

    def usage(self) -> Usage:
        return Usage(0.0, 0)


class WatchedService:
    """A service, and its only instance. pid: of its first process. container: its id, if it runs in one."""

    dependencies: tuple[NamedServer, ...] = ()

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


def look_until_found(attribution: Attribution, *sides: str, count: int = 1) -> None:
    """Look until each side has so many dependencies.

    One look may find nothing: a process that ends meanwhile, whoever's, makes it fail.
    """
    deadline = time.monotonic() + 30
    while any(len(attribution.dependencies(side)) < count for side in sides or ("base",)):
        attribution.look()
        assert time.monotonic() < deadline, "nothing was found"
