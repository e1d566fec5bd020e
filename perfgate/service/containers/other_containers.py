"""The containers that share the machine with those that are measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perfgate.errors import PerfgateError
from perfgate.service.containers.engine import ENGINE_ERRORS, connect


def other_containers(measured: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names of all that run besides, in order.

    measured: ids; "" for a service that is no container. environment: environment variables, DOCKER_HOST among them.
    """
    try:
        client = connect(environment)
    except PerfgateError:
        return ()
    try:
        running = client.api.containers()
    except ENGINE_ERRORS:
        return ()
    finally:
        client.close()
    return tuple(sorted(one["Names"][0].lstrip("/") for one in running if one["Id"] not in measured))
