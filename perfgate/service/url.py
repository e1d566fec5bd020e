"""URL targets: services that run already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from perfgate.service.attribution.listener import listener_at
from perfgate.service.containers.sdk import has_docker_sdk
from perfgate.service.dependencies.shared_dependency import SharedDependency, shared_beside, values_beside
from perfgate.service.external_server import ExternalServer
from perfgate.service.placeholders import fill
from perfgate.service.probe import accepts_connections
from perfgate.service.readiness import ready_url, wait_until_ready
from perfgate.service.settings import LaunchContext
from perfgate.service.target import UNIX, UrlTarget

if TYPE_CHECKING:
    from perfgate.service.containers.external_container import ExternalContainer


class UrlInstance(ExternalServer):
    """A service that runs already: read, and pinned, where it is on this machine.

    dependencies: what perfgate.toml says that it needs, and that runs on its own as well.
    """

    def __init__(self, url: str, external: ExternalContainer | None, pid: int | None) -> None:
        super().__init__(external, pid)
        self.url = url
        self.dependencies: Sequence[SharedDependency] = ()

    def alive(self) -> bool:
        return accepts_connections(self.url) and (self._external is None or self._external.alive())

    def stop(self) -> None:
        """It is not ours to stop; what was changed of it is restored."""
        for dependency in self.dependencies:
            dependency.stop()
        self.release()


class UrlService:
    """A service that perfgate did not start.

    instance: the only one that there is.
    """

    ours = False

    def __init__(self, instance: UrlInstance) -> None:
        self.instance = instance

    def renew(self) -> None:
        """It is not ours to start."""

    def stop(self) -> None:
        self.instance.stop()

    def __enter__(self) -> UrlService:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def open_url(target: UrlTarget, context: LaunchContext) -> UrlService:
    """The service at a URL, once it answers; pinned to its CPUs where it is on this machine."""
    settings = context.settings
    ready = settings.ready and fill(settings.ready, values_beside(context))
    wait_until_ready(ready_url(target.url, ready), target.text, settings.ready_timeout, verify=settings.verify)
    with ExitStack() as undoing:
        container = _container_behind(target.url, context.environment)
        instance = UrlInstance(target.url, container, None if container else listener_at(target.url))
        undoing.callback(instance.stop)
        instance.pin_to(context.cpus, f"the service {target.text}", context.say)
        instance.dependencies = shared_beside(context)
        undoing.pop_all()
    return UrlService(instance)


def _container_behind(url: str, environment: Mapping[str, str]) -> ExternalContainer | None:
    if url.startswith(f"{UNIX}:") or not has_docker_sdk():
        return None
    from perfgate.service.containers.external_container import find_container

    return find_container(url, environment)
