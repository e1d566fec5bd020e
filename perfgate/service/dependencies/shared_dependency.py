"""A dependency that runs already and is shared: reached by its URL, and read where it is on this machine."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from perfgate.service.containers.sdk import has_docker_sdk
from perfgate.service.dependencies.command_dependency import filled_ready
from perfgate.service.dependencies.commands import CommandEnd, Place, run_to_its_end
from perfgate.service.dependencies.readiness import wait_for_dependency
from perfgate.service.dependencies.running import DependencyStart
from perfgate.service.endpoint import Endpoint, parse_endpoint
from perfgate.service.external_server import ExternalServer
from perfgate.service.owner import this_process
from perfgate.service.placeholders import PORT, SIDE, fill, side_name
from perfgate.service.probe import accepts_connections
from perfgate.service.processes.surroundings import inherited_in
from perfgate.service.settings import HOST_FROM_CONTAINERS, TCP, DependencySettings, LaunchContext

if TYPE_CHECKING:
    from perfgate.service.containers.external_container import ExternalContainer

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SharedDependency(ExternalServer):
    """A server that is not ours.

    name: of the dependency.
    """

    session = None
    finished = False

    def __init__(self, name: str, endpoint: Endpoint, external: ExternalContainer | None, pid: int | None) -> None:
        super().__init__(external, pid)
        self.name = name
        self._endpoint = endpoint

    @property
    def shared_place(self) -> str:
        return self._endpoint.place

    def endpoint(self, from_container: bool) -> Endpoint:
        if from_container and self._endpoint.host in _LOOPBACK:
            return self._endpoint.at(HOST_FROM_CONTAINERS, self._endpoint.port)
        return self._endpoint

    def alive(self) -> bool:
        """Whether it does is seen by the service that needs it."""
        return True

    def keep(self, folder: Path) -> object:
        raise AssertionError("what is shared has no snapshot")

    def stop(self) -> None:
        self.release()


def shared_endpoint(settings: DependencySettings, values: Mapping[str, str]) -> Endpoint:
    """Where it is. values: {side} and {sha}."""
    assert settings.url is not None
    return parse_endpoint(fill(settings.url, values))


def join_shared(settings: DependencySettings, start: DependencyStart) -> SharedDependency:
    """The dependency, once it is ready. TargetError where nothing answers there."""
    endpoint = shared_endpoint(settings, start.here)
    known = {**start.here, PORT: str(endpoint.port), **endpoint.values(settings.name)}
    inherited = inherited_in(start.folder, start.context)
    place = Place(start.folder, inherited, f"perfgate-{this_process()}-ready-{settings.name}")

    def attempt(words: Sequence[str], seconds: float) -> CommandEnd:
        return run_to_its_end(words, {}, place, seconds)

    wait_for_dependency(settings, filled_ready(settings, known), endpoint, lambda: "", None, attempt)
    return _found(settings.name, endpoint, start.context)


def values_beside(context: LaunchContext) -> dict[str, str]:
    """What placeholders stand for beside a service that runs already: the side, and the servers that it needs."""
    values = {SIDE: side_name(context.side)}
    for one in context.settings.dependencies:
        if one.url:
            values |= shared_endpoint(one, values).values(one.name)
    return values


def shared_beside(context: LaunchContext) -> tuple[SharedDependency, ...]:
    """Those that a service needs which runs already, as far as they are reached from here: nothing waits for them."""
    early = {SIDE: side_name(context.side)}
    endpoints = {one.name: shared_endpoint(one, early) for one in context.settings.dependencies if one.url}
    with ExitStack() as undoing:
        found = []
        for name, endpoint in endpoints.items():
            if accepts_connections(f"{TCP}://{endpoint.place}"):
                found.append(_found(name, endpoint, context))
                undoing.callback(found[-1].stop)
        undoing.pop_all()
    return tuple(found)


def _found(name: str, endpoint: Endpoint, context: LaunchContext) -> SharedDependency:
    container = _container_behind(endpoint, context.environment)
    found = SharedDependency(name, endpoint, container, None if container else _listener(endpoint))
    found.pin_to(context.cpus_beside, f"the dependency {name}", context.say)
    return found


def _container_behind(endpoint: Endpoint, environment: Mapping[str, str]) -> ExternalContainer | None:
    if not has_docker_sdk():
        return None
    from perfgate.service.containers.external_container import find_container

    return find_container(f"{TCP}://{endpoint.place}", environment)


def _listener(endpoint: Endpoint) -> int | None:
    """The process that listens there; which one that is, only root and its own user can see."""
    with suppress(OSError, psutil.Error):
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(endpoint.host, endpoint.port)}
        own = {entry.address for entries in psutil.net_if_addrs().values() for entry in entries}
        if not addresses & own and not any(address.startswith("127.") for address in addresses):
            return None
        pids = {
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == endpoint.port and connection.pid
        }
        # A server hands its socket down: the first process has it too.
        return min(pids, default=None)
    return None
