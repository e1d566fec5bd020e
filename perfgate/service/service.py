"""The open target: a service, and the instance of it that runs."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from perfgate.service.dependency import NamedDependency
from perfgate.service.usage import Usage


class Instance(Protocol):
    """One process tree or container that takes load, from its start to its end."""

    @property
    def url(self) -> str:
        """Where load goes; with a URL's user info, and so never shown."""
        ...

    @property
    def cpus(self) -> tuple[int, ...]:
        """The CPUs that perfgate pinned it to; empty where it is not pinned."""
        ...

    @property
    def container(self) -> str:
        """The id of its container; "" where there is none, or none that is known."""
        ...

    @property
    def dependencies(self) -> Sequence[NamedDependency]:
        """What stands beside it in a stack of its own; () where it has none."""
        ...

    def processes(self) -> Sequence[int]:
        """The numbers of its first processes, whose descendants belong to it, too; () where they are not known."""
        ...

    def usage(self) -> Usage | None:
        """Its use of CPU and memory so far; None where that cannot be read, or the instance has ended."""
        ...

    def reset_peak(self) -> None:
        """Let the peak of memory begin anew, where the system can do that."""
        ...

    def alive(self) -> bool:
        """Whether it still runs, or, where perfgate did not start it, still takes connections."""
        ...

    def logs(self) -> str:
        """The last 50 lines of its log, as far as they can be read."""
        ...

    def stop(self) -> None:
        """Stop it where perfgate started it, else restore what was changed. Once is enough; more does no harm."""
        ...


class Service(Protocol):
    """An open target: one instance, or one after the other. Leaving its `with` block stops it."""

    @property
    def instance(self) -> Instance:
        """The instance that runs now."""
        ...

    @property
    def ours(self) -> bool:
        """Whether perfgate started it, and so can put another instance in its place."""
        ...

    def renew(self) -> None:
        """Stop the instance that runs, where it is ours, and have another one ready for load; its URL may differ."""
        ...

    def stop(self) -> None:
        """Stop the instance, and clear away what it stood on. Once is enough; more does no harm."""
        ...

    def __enter__(self) -> Service: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
