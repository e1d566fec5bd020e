"""Usage and log of a container: from its control group where that can be read, else from the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docker.models.containers import Container

from perfgate.service.containers.cgroup import find_cgroup
from perfgate.service.containers.engine import ENGINE_ERRORS
from perfgate.service.containers.memory_peak import MemoryPeak
from perfgate.service.log import LAST_LINES, readable_end
from perfgate.service.usage import Usage


class ContainerUsage:
    """The accounts of one running container."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._cgroup = find_cgroup(container.attrs["State"]["Pid"], container.id)
        self._peak = MemoryPeak(self._cgroup) if self._cgroup else None

    def read(self) -> Usage | None:
        """Its usage so far; None once it has ended."""
        if self._cgroup is None or self._peak is None:
            return self._from_engine()
        try:
            return Usage(self._cgroup.cpu_seconds(), self._peak.read())
        except OSError:
            return None

    def processes(self) -> Sequence[int]:
        """The numbers of all its processes; () where they cannot be seen."""
        return self._cgroup.processes() if self._cgroup is not None else ()

    def reset_peak(self) -> None:
        """Let the peak of its memory begin anew. The engine knows no peak, only the memory in use."""
        if self._peak is not None:
            self._peak.reset()

    def close(self) -> None:
        """Stop watching the peak of memory."""
        if self._peak is not None:
            self._peak.close()

    def _from_engine(self) -> Usage | None:
        try:
            stats: dict[str, Any] = self._container.stats(stream=False, one_shot=True)
            memory = stats["memory_stats"]
            # As the Docker client shows it: without files that could be dropped at any time.
            inactive = memory["stats"].get("total_inactive_file", memory["stats"].get("inactive_file", 0))
            return Usage(stats["cpu_stats"]["cpu_usage"]["total_usage"] * 1e-9, memory["usage"] - inactive)
        except ENGINE_ERRORS:
            return None
        except KeyError:
            return None  # the numbers of a container that has ended are left out


def last_lines(container: Container) -> str:
    """The last 50 lines that a container wrote; "" where the engine does not have them."""
    try:
        written: bytes = container.logs(tail=LAST_LINES)
    except ENGINE_ERRORS:
        return ""
    return readable_end(written)
