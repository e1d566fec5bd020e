"""Containers that run on this machine, whoever started them: where they listen, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from perfgate.errors import PerfgateError
from perfgate.service.containers.engine import ENGINE_ERRORS, connect
from perfgate.service.containers.external_container import find_listening

_COMPOSE_SERVICE = "com.docker.compose.service"


def container_names(container: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """What Compose calls a container's service, and its image; "" for what is not known."""
    with suppress(OSError, PerfgateError, *ENGINE_ERRORS):
        client = connect(environment)
        try:
            config = client.api.inspect_container(container)["Config"]
            return str((config.get("Labels") or {}).get(_COMPOSE_SERVICE, "")), str(config.get("Image", ""))
        finally:
            client.close()
    return "", ""


def listening_container(address: str, port: int, environment: Mapping[str, str]) -> tuple[str, int] | None:
    """The id and the first process of the container that an address and a port lead to; None for none."""
    with suppress(OSError, PerfgateError, *ENGINE_ERRORS):
        client = connect(environment)
        try:
            host = f"[{address}]" if ":" in address else address
            found = find_listening(client.api.containers(), f"tcp://{host}:{port}")
            if found is not None:
                return found, int(client.api.inspect_container(found)["State"]["Pid"])
        finally:
            client.close()
    return None
