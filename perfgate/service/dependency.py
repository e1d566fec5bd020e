"""The dependency: what a service needs to run, such as a database, a cache or a broker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from perfgate.service.usage import Usage


class Dependency(Protocol):
    """A dependency that runs now, beside one instance of a service."""

    @property
    def name(self) -> str:
        """By which metrics and messages call it, like "postgres"."""
        ...

    @property
    def pid(self) -> int | None:
        """Its first process on this machine; None where that is not known."""
        ...

    @property
    def container(self) -> str:
        """The id of its container; "" where there is none, or none that is known."""
        ...

    def processes(self) -> Sequence[int]:
        """The numbers of its first processes, whose descendants belong to it, too; () where they are not known."""
        ...

    @property
    def cpus(self) -> tuple[int, ...]:
        """The CPUs that perfgate pinned it to; empty where it is not pinned."""
        ...

    def usage(self) -> Usage | None:
        """Its use of CPU and memory so far; None where that cannot be read, or it has ended."""
        ...

    def reset_peak(self) -> None:
        """Let the peak of its memory begin anew, where the system can do that."""
        ...


class NamedDependency(Dependency, Protocol):
    """A dependency that perfgate.toml names."""

    @property
    def shared_place(self) -> str:
        """Host and port of a server that runs already, wherever that is; "" for one that perfgate started."""
        ...

    def alive(self) -> bool:
        """Whether it still runs; True where that is not ours to know."""
        ...

    def logs(self) -> str:
        """The last 50 lines of its log, as far as they can be read."""
        ...


def usage_by_name(dependencies: Iterable[Dependency]) -> dict[str, Usage]:
    """What dependencies have used so far, those of one name together; without a name of which one cannot be read."""
    found: dict[str, list[Usage | None]] = {}
    for dependency in dependencies:
        found.setdefault(dependency.name, []).append(dependency.usage())
    return {
        name: Usage(sum(usage.cpu_seconds for usage in known), sum(usage.memory_bytes for usage in known))
        for name, read in found.items()
        if len(known := [usage for usage in read if usage is not None]) == len(read)
    }
