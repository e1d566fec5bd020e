"""A server that runs already: a container, or else a process with its descendants. It is read, and not ours to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perfgate.service.usage import ProcessTree, Usage

if TYPE_CHECKING:
    from perfgate.service.containers.external_container import ExternalContainer


class ExternalServer:
    """What all servers have in common that perfgate did not start.

    pid: its first process; None where it is none of this machine, a container's, or cannot be seen.
    """

    def __init__(self, external: ExternalContainer | None, pid: int | None) -> None:
        self.pid = pid
        self._external = external
        self._tree = ProcessTree(pid) if pid is not None else None

    @property
    def container(self) -> str:
        return self._external.id if self._external else ""

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
        if self._external:
            self._external.release()
