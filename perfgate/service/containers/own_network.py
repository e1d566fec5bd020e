"""Whether this process reaches the containers that it starts: one in a container beside them mostly does not.

A job with `container:` on GitHub is one. The engine keeps its networks apart, and publishes ports on the machine, whose
loopback address is not that of a container.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import docker

from perfgate.errors import UsageError
from perfgate.service.containers.engine import ENGINE_ERRORS

DEFAULT_NETWORK = "bridge"
"""The network of containers that are started without a word about it."""

# What the Docker Engine puts into every container, and how it calls one that is given no name.
_IN_A_CONTAINER = Path("/.dockerenv")
_SHORT_ID = re.compile(r"[0-9a-f]{12}")


def refuse_apart(client: docker.DockerClient, network: str | None) -> None:
    """UsageError where it is certain that this process cannot reach containers that it starts on a network.

    network: its name; None for one that is made for them. Nothing is certain of a container of another engine.
    """
    name = socket.gethostname()
    if not _IN_A_CONTAINER.exists() or not _SHORT_ID.fullmatch(name):
        return
    with suppress(*ENGINE_ERRORS):
        own = client.api.inspect_container(name)
        networks = _networks(own) if own["Id"].startswith(name) else set()
        if networks and network not in networks:
            raise UsageError(
                f"perfgate runs in a container on the network {', '.join(sorted(networks))}, "
                "which does not reach the containers that it would start",
                "on GitHub leave `container:` out of the job; elsewhere start perfgate's container with --network host;"
                " or start the service by command under [service] in perfgate.toml",
            )


def _networks(container: Mapping[str, Any]) -> set[str]:
    """The networks of a container; none where it has those of the machine, or of another container."""
    mode = str(container["HostConfig"]["NetworkMode"])
    return set() if mode == "host" or mode.startswith("container:") else set(container["NetworkSettings"]["Networks"])
