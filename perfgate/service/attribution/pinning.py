"""CPUs of dependencies that nobody named: theirs for a measurement, and restored whatever happens."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Mapping
from contextlib import suppress
from typing import Protocol

from perfgate.errors import PerfgateError
from perfgate.service.attribution.found_dependency import FoundDependency
from perfgate.service.containers.sdk import has_docker_sdk
from perfgate.service.processes.affinity_override import AffinityOverride, restore_abandoned_affinities


class _Pinned(Protocol):
    def restore(self) -> None: ...


class Pinning:
    """Lets what is found run on some CPUs alone, even if it serves others, too, until `restore`.

    cpus: empty as long as nothing is pinned.
    """

    def __init__(self, cpus: tuple[int, ...], environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        """environment: environment variables, DOCKER_HOST among them. say: told what is refused, once of each."""
        self.cpus = cpus
        self._environment = environment
        self._say = say
        self._tried: set[Hashable] = set()
        self._pinned: list[_Pinned] = []

    def restore_abandoned(self) -> None:
        """Restore what perfgates that were killed had pinned."""
        restore_abandoned_affinities()
        if has_docker_sdk():
            from perfgate.service.containers.cpuset_override import restore_abandoned_sets

            restore_abandoned_sets(self._environment)

    def pin(self, found: FoundDependency) -> None:
        """Pin what of a dependency was not yet: its container, its first processes and all that they started."""
        if not self.cpus or not hasattr(os, "sched_setaffinity"):
            return
        by_engine = bool(found.container) and has_docker_sdk()
        if by_engine and self._is_new(found.container):
            self._pin_container(found)
        for pid in () if by_engine else sorted(found.family.roots):
            if self._is_new((pid, found.family)):
                self._pin_process(found, pid)

    def pin_forwarders(self, pids: Collection[int]) -> None:
        """The same of what forwards ports to containers.

        It belongs to root. What is refused is not said: most of them have nothing to do, and every instance has others.
        """
        if self.cpus and hasattr(os, "sched_setaffinity"):
            for pid in sorted(pids):
                if self._is_new(pid):
                    with suppress(OSError):
                        self._pinned.append(AffinityOverride(pid, self.cpus))

    def restore(self) -> None:
        """Restore the CPUs of everything, the last first. Once is enough."""
        while self._pinned:
            self._pinned.pop().restore()

    def _is_new(self, key: Hashable) -> bool:
        if key in self._tried:
            return False
        self._tried.add(key)
        return True

    def _pin_process(self, found: FoundDependency, pid: int) -> None:
        try:
            self._pinned.append(AffinityOverride(pid, self.cpus))
        except ProcessLookupError:
            pass  # it has ended
        except OSError as error:
            self._say(f"{found.name} (process {pid}) stays on the CPUs that it has: {error.strerror or error}")
        else:
            found.cpus = self.cpus

    def _pin_container(self, found: FoundDependency) -> None:
        from perfgate.service.containers.cpuset_override import PinnedContainer

        try:
            self._pinned.append(PinnedContainer(found.container, self.cpus, self._environment))
        except PerfgateError as error:
            self._say(f"The container of {found.name} stays on the CPUs that it has: {error.message}")
        else:
            found.cpus = self.cpus
