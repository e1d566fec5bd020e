"""A server that runs already: a container, or else a process with its descendants. It is read, and not ours to stop."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from perfgate.service.processes.affinity_override import AffinityOverride
from perfgate.service.usage import ProcessTree, Usage

if TYPE_CHECKING:
    from perfgate.service.containers.external_container import ExternalContainer


class ExternalServer:
    """What all servers have in common that perfgate did not start.

    pid: its first process; None where it is none of this machine, a container's, or cannot be seen.
    cpus: the CPUs that it was pinned to; empty where it was not.
    """

    def __init__(self, external: ExternalContainer | None, pid: int | None) -> None:
        self.pid = pid
        self._external = external
        self.cpus: tuple[int, ...] = ()
        self._tree = ProcessTree(pid) if pid is not None else None
        self._override: AffinityOverride | None = None

    @property
    def container(self) -> str:
        return self._external.container if self._external else ""

    def processes(self) -> Sequence[int]:
        if self._external:
            return self._external.processes()
        return (self.pid,) if self.pid is not None else ()

    def pin_to(self, cpus: tuple[int, ...], name: str, say: Callable[[str], None]) -> None:
        """Let it run on these CPUs alone, until `release`. What is refused is said, and no more.

        name: it in messages.
        """
        if self._external:
            self._external.pin_to(cpus, say)
            self.cpus = self._external.cpus
        elif self.pid is not None and cpus and hasattr(os, "sched_setaffinity"):
            try:
                self._override = AffinityOverride(self.pid, cpus)
            except OSError as error:
                say(f"{name} (process {self.pid}) stays on the CPUs that it has: {error.strerror or error}")
            else:
                self.cpus = cpus

    def usage(self) -> Usage | None:
        if self._external:
            return self._external.usage()
        return self._tree.usage() if self._tree else None

    def reset_peak(self) -> None:
        if self._external:
            self._external.reset_peak()
        elif self._tree:
            self._tree.reset_peak()

    def logs(self) -> str:
        return self._external.logs() if self._external else ""

    def release(self) -> None:
        """Restore what was changed of it. Once is enough."""
        if self._override is not None:
            self._override.restore()
        if self._external:
            self._external.release()
