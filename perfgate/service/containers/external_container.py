"""The container behind a URL: not started by perfgate, and still read and pinned."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docker
import psutil
from docker.models.containers import Container

from perfgate.errors import PerfgateError
from perfgate.service.containers.cpuset_override import CpusetOverride
from perfgate.service.containers.engine import ENGINE_ERRORS, connect, explanation
from perfgate.service.containers.sweep import sweep
from perfgate.service.containers.watched_container import WatchedContainer
from perfgate.service.probe import port_of

_HOST_NETWORK = "host"
_ANYWHERE = ("0.0.0.0", "::")


class ExternalContainer(WatchedContainer):
    """A container that was running already. `release` restores its CPU set and leaves it running.

    cpus: the CPUs that it was pinned to; empty where it was not.
    """

    def __init__(self, client: docker.DockerClient, container: Container) -> None:
        super().__init__(container)
        self.cpus: tuple[int, ...] = ()
        self._client = client
        self._override: CpusetOverride | None = None
        self._first_pid = self.pid

    def pin_to(self, cpus: tuple[int, ...], say: Callable[[str], None]) -> None:
        """Let it run on these CPUs alone, until `release`. What the engine refuses is said, and no more."""
        if not cpus:
            return
        try:
            self._override = CpusetOverride(self._client, self._container, cpus)
        except (OSError, *ENGINE_ERRORS) as error:
            say(f"The container {self._container.name} stays on the CPUs that it has: {explanation(error)}")
        else:
            self.cpus = cpus

    def alive(self) -> bool:
        """Whether it runs, and was not restarted: its usage would begin anew."""
        return super().alive() and self.pid == self._first_pid

    def release(self) -> None:
        """Restore what was changed. Once is enough."""
        self._usage.close()
        if self._override is not None:
            self._override.restore()
        self._client.close()


def find_container(url: str, environment: Mapping[str, str]) -> ExternalContainer | None:
    """The running container that listens at `url`; None where that is none of this machine, or no engine answers.

    environment: environment variables, DOCKER_HOST among them.
    """
    try:
        client = connect(environment)
    except PerfgateError:
        return None
    with suppress(OSError, *ENGINE_ERRORS):
        sweep(client)
        found = find_listening(client.api.containers(), url)
        if found is not None:
            return ExternalContainer(client, client.containers.get(found))
    client.close()
    return None


def find_listening(running: list[dict[str, Any]], url: str) -> str | None:
    """The id of the container that has the address itself, or for which the port is published, or that shares the
    network of this machine. OSError where the host has no address.
    """
    parts = urlsplit(url)
    port = port_of(parts)
    addresses = {str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
    here = _are_here(addresses)
    for one in running:
        if _own_addresses(one) & addresses or (here and _publishes(one, port, addresses)):
            return str(one["Id"])
    return next(_on_host_network(running, port), None) if here else None


def _own_addresses(one: dict[str, Any]) -> set[str]:
    networks = (one.get("NetworkSettings") or {}).get("Networks") or {}
    return {address for network in networks.values() for address in (network["IPAddress"],) if address}


def _publishes(one: dict[str, Any], port: int, addresses: set[str]) -> bool:
    published = [entry["IP"] for entry in one["Ports"] if entry.get("PublicPort") == port and entry["Type"] == "tcp"]
    return bool({*addresses, *_ANYWHERE} & set(published))


def _are_here(addresses: set[str]) -> bool:
    """Whether one of the addresses is this machine's."""
    own = {entry.address for entries in psutil.net_if_addrs().values() for entry in entries}
    return any(address in own or address.startswith("127.") for address in addresses)


def _on_host_network(running: list[dict[str, Any]], port: int) -> Iterator[str]:
    """The id of the container whose process listens on that port; which process that is, only root can see."""
    candidates = [str(one["Id"]) for one in running if one["HostConfig"]["NetworkMode"] == _HOST_NETWORK]
    if not candidates:
        return
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                groups = _groups_of(connection.pid)
                yield from (one for one in candidates if one in groups)


def _groups_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cgroup").read_text()
