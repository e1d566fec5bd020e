"""What every target has become once it is open."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from perfgate.service.usage import Usage


class Instance(Protocol):
    """One process tree or container that takes load, from its start to its end."""

    @property
    def url(self) -> str:
        """Where load goes; with a URL's user info, and so never shown."""
        ...

    @property
    def cpus(self) -> tuple[int, ...]:
        """The CPUs that perfgate keeps it on; empty where it was left alone."""
        ...

    @property
    def container(self) -> str:
        """The id of the container that it is; "" where it is none, or none that we know of."""
        ...

    def usage(self) -> Usage | None:
        """What the service has used so far; None where that cannot be had, or the service has ended."""
        ...

    def reset_peak(self) -> None:
        """Let the peak of memory begin anew, where the system can do that."""
        ...

    def alive(self) -> bool:
        """Whether it still runs, or, where it is not ours, still takes connections."""
        ...

    def logs(self) -> str:
        """The last 50 lines that it wrote, as far as they can be had."""
        ...

    def stop(self) -> None:
        """Stop what was started. Once is enough; more does no harm."""
        ...


class Service(Instance, Protocol):
    """What a target is while it is open: one instance, or one after the other. Leaving its `with` block stops it."""

    @property
    def ours(self) -> bool:
        """Whether perfgate started it, and so can put another instance in its place."""
        ...

    def renew(self) -> None:
        """Stop the instance that runs, where it is ours, and have another one ready for load; its URL may differ."""
        ...

    def __enter__(self) -> Service: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
