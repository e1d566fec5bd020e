"""Creation of containers. Nothing is left of one when this process has ended, even if an interrupt came meanwhile."""

from __future__ import annotations

import atexit
from contextlib import suppress
from functools import cache
from typing import Any

import docker
from docker.models.containers import Container

from perfgate.errors import PerfgateError
from perfgate.popen import interrupts_held
from perfgate.service.containers.engine import ENGINE_ERRORS, OWNER_LABEL, connect, remove
from perfgate.service.containers.own_network import DEFAULT_NETWORK, refuse_apart
from perfgate.service.owner import this_process
from perfgate.service.settings import HOST_FROM_CONTAINERS

# The engine fills in the address of this machine (Docker Engine 20.10 and newer).
_HOSTS = {HOST_FROM_CONTAINERS: "host-gateway"}


def create(client: docker.DockerClient, image: str, name: str, **options: Any) -> Container:
    """A new container, not started yet, to which this machine is HOST_FROM_CONTAINERS.

    An interrupt waits until the engine has answered: it goes on with what it has begun, whether or not we listen.
    UsageError where this process could not reach it.
    """
    refuse_apart(client, DEFAULT_NETWORK)
    _clear_at_the_end()
    labels = {OWNER_LABEL: str(this_process())}
    with interrupts_held():
        container: Container = client.containers.create(image, name=name, labels=labels, extra_hosts=_HOSTS, **options)
    return container


def discard(client: docker.DockerClient, container: str) -> None:
    """Remove a container, as far as that can be done; an interrupt waits for it."""
    with interrupts_held(), suppress(*ENGINE_ERRORS):  # there is nothing more to try; the next start sweeps
        remove(client, container)


@cache
def _clear_at_the_end() -> None:
    """Once: an interrupt may come after the start of a container, and before anything is there that would stop it."""
    atexit.register(_clear, f"{OWNER_LABEL}={this_process()}")


def _clear(label: str) -> None:
    with interrupts_held(), suppress(PerfgateError, *ENGINE_ERRORS):
        client = connect({})
        for found in client.api.containers(all=True, filters={"label": label}):
            remove(client, found["Id"])
        client.close()
