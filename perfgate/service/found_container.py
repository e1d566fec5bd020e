"""The container behind a URL: somebody else started it on this machine, and still it can be read and kept on its CPUs."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import docker
import psutil
from docker.models.containers import Container

from perfgate.service.asking import port_of
from perfgate.service.container_usage import ContainerUsage, last_lines
from perfgate.service.docker_engine import ENGINE_ERRORS, explanation
from perfgate.service.usage import Usage

_HOST_NETWORK = "host"


class FoundContainer:
    """A container that was running already. Letting go of it puts its CPU set back, and leaves it running."""

    def __init__(self, client: docker.DockerClient, container: Container) -> None:
        self.id = str(container.id)
        self.cpus: tuple[int, ...] = ()
        self._client = client
        self._container = container
        self._usage = ContainerUsage(container)
        self._set_before = ""

    def keep_on(self, cpus: tuple[int, ...], say: Callable[[str], None]) -> None:
        """Let it run on these CPUs alone, until `let_go`. What the engine refuses is said, and nothing else."""
        if not cpus:
            return
        try:
            everything = f"0-{self._client.info()['NCPU'] - 1}"  # an empty set would mean: as it is
            self._set_before = self._container.attrs["HostConfig"]["CpusetCpus"] or everything
            self._container.update(cpuset_cpus=",".join(map(str, cpus)))
        except ENGINE_ERRORS as error:
            say(f"The container {self._container.name} stays on the CPUs that it has: {explanation(error)}")
        else:
            self.cpus = cpus

    def usage(self) -> Usage | None:
        return self._usage.read()

    def forget_peak(self) -> None:
        self._usage.forget_peak()

    def logs(self) -> str:
        return last_lines(self._container)

    def let_go(self) -> None:
        """Put back what was changed. Once is enough."""
        self._usage.close()
        if self.cpus:
            self.cpus = ()
            with suppress(*ENGINE_ERRORS):  # it may be gone
                self._container.update(cpuset_cpus=self._set_before)
        self._client.close()


def find_container(client: docker.DockerClient, url: str) -> Container | None:
    """The running container that listens at `url`; None where that is none of this machine.

    It has that address itself, or the port is published for it, or it shares the network of this machine.
    """
    parts = urlsplit(url)
    port = port_of(parts)
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
        running = client.api.containers()
    except (OSError, *ENGINE_ERRORS):
        return None
    for one in running:
        if _own_addresses(one) & addresses or (_here(addresses) and _publishes(one, port)):
            return client.containers.get(one["Id"])
    if _here(addresses):
        for one in _on_host_network(running, port):
            return client.containers.get(one["Id"])
    return None


def _own_addresses(one: dict[str, Any]) -> set[str]:
    networks = (one.get("NetworkSettings") or {}).get("Networks") or {}
    return {address for network in networks.values() for address in (network["IPAddress"],) if address}


def _publishes(one: dict[str, Any], port: int) -> bool:
    return any(entry.get("PublicPort") == port and entry["Type"] == "tcp" for entry in one["Ports"])


def _here(addresses: set[str]) -> bool:
    """Whether one of the addresses is this machine's."""
    own = {entry.address for entries in psutil.net_if_addrs().values() for entry in entries}
    return any(address in own or address.startswith("127.") for address in addresses)


def _on_host_network(running: list[dict[str, Any]], port: int) -> Iterator[dict[str, Any]]:
    """The container that the process listening on that port is in; whose processes those are only root can see."""
    candidates = [one for one in running if one["HostConfig"]["NetworkMode"] == _HOST_NETWORK]
    if not candidates:
        return
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                groups = _groups_of(connection.pid)
                yield from (one for one in candidates if one["Id"] in groups)


def _groups_of(pid: int) -> str:
    with open(f"/proc/{pid}/cgroup") as file:
        return file.read()
