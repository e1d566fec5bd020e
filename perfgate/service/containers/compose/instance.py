"""A compose project that runs: the service that takes the load, and the dependencies beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from docker.models.containers import Container

from perfgate.service.containers.compose.project import Project
from perfgate.service.containers.container import ending
from perfgate.service.containers.engine import ENGINE_ERRORS, explanation
from perfgate.service.containers.usage import ContainerUsage, last_lines
from perfgate.service.endpoint import Endpoint
from perfgate.service.usage import Usage


class ComposeContainer:
    """One running service of the project.

    name: of the service.
    """

    def __init__(self, name: str, container: Container) -> None:
        self.name = name
        self._container = container
        self._usage = ContainerUsage(container)
        self._last_words: str | None = None

    @property
    def pid(self) -> int | None:
        return self._container.attrs["State"]["Pid"] or None

    @property
    def container(self) -> str:
        return str(self._container.id)

    def processes(self) -> Sequence[int]:
        return self._usage.processes()

    def usage(self) -> Usage | None:
        return self._usage.read()

    def reset_peak(self) -> None:
        self._usage.reset_peak()

    def alive(self) -> bool:
        return not self.ended()

    def ended(self) -> str:
        """How it came to an end, like "exit code 1"; "" as long as it runs."""
        try:
            self._container.reload()
        except ENGINE_ERRORS as error:
            return explanation(error)
        return ending(self._container)

    def logs(self) -> str:
        return last_lines(self._container) if self._last_words is None else self._last_words

    def close(self) -> None:
        """Keep its last words, before it is removed."""
        if self._last_words is None:
            self._last_words = self.logs()
            self._usage.close()


class ComposeDependency(ComposeContainer):
    """A running service beside the one that takes the load.

    session: of its processes; perfgate started none itself.
    """

    session: int | None = None

    def __init__(
        self, name: str, container: Container, endpoints: tuple[Endpoint, Endpoint], remove: Callable[[], None]
    ) -> None:
        """endpoints: as processes on this machine see it, and as containers do. remove: takes the project away."""
        super().__init__(name, container)
        self._endpoints = endpoints
        self._remove = remove

    def endpoint(self, from_container: bool) -> Endpoint:
        """Where it is reached."""
        return self._endpoints[from_container]

    def keep(self, folder: Path) -> object:
        """Compose files have no word for that."""
        raise AssertionError(f"{self.name} has no snapshot, and {folder} gets none")

    def stop(self) -> None:
        """Take the whole project away: it ends with the service."""
        self.close()
        self._remove()


class ComposeInstance:
    """The service that takes the load, until it is removed."""

    dependencies: Sequence[ComposeDependency] = ()

    def __init__(self, app: ComposeContainer, url: str, cpus: tuple[int, ...], remove: Callable[[], None]) -> None:
        """remove: takes it away."""
        self.url = url
        self.cpus = cpus
        self._app = app
        self._remove = remove

    @property
    def container(self) -> str:
        return self._app.container

    def processes(self) -> Sequence[int]:
        return self._app.processes()

    def usage(self) -> Usage | None:
        return self._app.usage()

    def reset_peak(self) -> None:
        self._app.reset_peak()

    def alive(self) -> bool:
        return self._app.alive()

    def logs(self) -> str:
        return self._app.logs()

    def stop(self) -> None:
        self._app.close()
        self._remove()


def no_more_restarts(project: Project) -> None:
    """From now on an end is an end: a service that is started anew in a round would be measured as another one."""
    with suppress(*ENGINE_ERRORS):
        for container in project.containers().values():
            if container.attrs["HostConfig"]["RestartPolicy"]["Name"] not in ("", "no"):
                container.update(restart_policy={"Name": "no"})
