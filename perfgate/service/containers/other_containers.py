"""The containers that share the machine with those that are measured."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.errors import PerfgateError
from perfgate.service.containers.engine import ENGINE_ERRORS, connect


def other_containers(measured: Sequence[str]) -> tuple[str, ...]:
    """The names of all that run besides, in order. measured: ids; empty where a service is no container."""
    try:
        client = connect()
    except PerfgateError:
        return ()
    try:
        running = client.api.containers()
    except ENGINE_ERRORS:
        return ()
    finally:
        client.close()
    return tuple(sorted(one["Names"][0].lstrip("/") for one in running if one["Id"] not in measured))
