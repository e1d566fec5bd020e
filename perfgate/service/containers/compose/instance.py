"""A compose project that runs: the service that takes the load, and the dependencies beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from docker.models.containers import Container

from perfgate.service.containers.compose.project import Project
from perfgate.service.containers.engine import ENGINE_ERRORS
from perfgate.service.containers.watched_container import WatchedContainer
from perfgate.service.endpoint import Endpoint
from perfgate.service.usage import Usage


class ComposeContainer(WatchedContainer):
    """One running service of the project.

    name: of the service.
    """

    def __init__(self, name: str, container: Container) -> None:
        super().__init__(container)
        self.name = name


class ComposeDependency(ComposeContainer):
    """A running service beside the one that takes the load.

    cpus: the CPUs that it may run on; empty for all.
    session: of its processes; perfgate started none itself.
    finished: whether it was a job, and has done its work.
    """

    session: int | None = None
    shared_place = ""

    def __init__(
        self,
        name: str,
        container: Container,
        cpus: tuple[int, ...],
        endpoints: tuple[Endpoint, Endpoint],
        remove: Callable[[], None],
        is_job: bool,
    ) -> None:
        """endpoints: as processes on this machine see it, and as containers do. remove: takes the project away.

        is_job: whether it may have done its work and end.
        """
        super().__init__(name, container)
        self.cpus = cpus
        self.finished = False
        self._endpoints = endpoints
        self._remove = remove
        self._is_job = is_job

    def alive(self) -> bool:
        how = "" if self.finished else self.ended()
        self.finished = self.finished or (self._is_job and how == "exit code 0")
        return self.finished or not how

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
