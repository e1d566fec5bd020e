"""An instance of a service with its stack around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from perfgate.errors import TargetError
from perfgate.service.dependencies.commands import CommandEnd
from perfgate.service.dependencies.standing import Standing
from perfgate.service.dependency import NamedDependency
from perfgate.service.service import Instance
from perfgate.service.usage import Usage


class StackInstance:
    """A service's instance, and what stands around it: both begin and end together.

    service: the instance of the service itself.
    """

    def __init__(self, service: Instance, standing: Standing, restore: Callable[[], Instance] | None) -> None:
        """restore: ends the dependencies and starts them from their snapshots, the service again after them; None where
        there is no snapshot.
        """
        self.service = service
        self._standing = standing
        self._restore = restore

    @property
    def url(self) -> str:
        return self.service.url

    @property
    def cpus(self) -> tuple[int, ...]:
        return self.service.cpus

    @property
    def container(self) -> str:
        return self.service.container

    @property
    def dependencies(self) -> Sequence[NamedDependency]:
        beside = [one for one in self._standing.dependencies if not one.finished]
        return (*beside, *self.service.dependencies)

    @property
    def values(self) -> dict[str, str]:
        """What placeholders stand for."""
        return self._standing.values

    def run(self, words: Sequence[str], values: Mapping[str, str], seconds: float) -> CommandEnd:
        """Run a command as the seed is run, see `Standing.run`."""
        return self._standing.run(words, values, seconds)

    def processes(self) -> Sequence[int]:
        return self.service.processes()

    def usage(self) -> Usage | None:
        return self.service.usage()

    def reset_peak(self) -> None:
        self.service.reset_peak()

    def alive(self) -> bool:
        return self.service.alive()

    def logs(self) -> str:
        return self.service.logs()

    def restore(self) -> None:
        """Set the dependencies back to their snapshots, where there are any; the service is started again for it."""
        if self._restore is None:
            return
        before = self.service.url
        self.service.stop()
        self.service = self._restore()
        if self.service.url != before:
            raise TargetError(
                "after its dependencies were set back the service has another address, and so its load cannot go on",
                "leave reset out, or snapshot: every instance starts from the snapshot anyway",
            )

    def stop(self) -> None:
        try:
            self.service.stop()
        finally:
            self._standing.stop()
