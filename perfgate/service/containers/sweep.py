"""Remains of a perfgate that was killed: what its stacks had on the engine, and CPU sets that it had overridden."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

import docker

from perfgate.service.containers.cpuset_override import restore_abandoned
from perfgate.service.containers.engine import ENGINE_ERRORS, OWNER_LABEL, remove
from perfgate.service.owner import owner_in


def sweep(client: docker.DockerClient) -> None:
    """Remove what owners that have ended left on the engine, and restore the CPU sets that they overrode.

    Problems are no reason to measure nothing: what is left now is swept at the next start.
    """
    mark = {"label": OWNER_LABEL}
    remove_labelled(client, mark, _abandoned)
    with suppress(*ENGINE_ERRORS):
        for kept in client.api.images(filters=mark):
            if _abandoned(kept["Labels"] or {}):
                client.api.remove_image(kept["Id"], force=True)
    restore_abandoned(client)


def remove_labelled(
    client: docker.DockerClient, filters: Mapping[str, str], doomed: Callable[[Mapping[str, str]], bool]
) -> int:
    """Remove containers, then their networks and volumes; how many there were, removed or not.

    filters: as the engine takes them. doomed: whether one with such labels is meant.
    """
    api = client.api
    count = 0
    with suppress(*ENGINE_ERRORS):
        for one in api.containers(all=True, filters=filters):
            if doomed(one["Labels"]):
                count += 1
                with suppress(*ENGINE_ERRORS):
                    remove(client, one["Id"])
    with suppress(*ENGINE_ERRORS):
        for one in api.networks(filters=filters):
            if doomed(one["Labels"]):
                count += 1
                with suppress(*ENGINE_ERRORS):
                    api.remove_network(one["Id"])
    with suppress(*ENGINE_ERRORS):
        for one in api.volumes(filters=filters)["Volumes"] or ():
            if doomed(one["Labels"]):
                count += 1
                with suppress(*ENGINE_ERRORS):
                    api.remove_volume(one["Name"], force=True)
    return count


def _abandoned(labels: Mapping[str, str]) -> bool:
    owner = owner_in(labels.get(OWNER_LABEL, ""))
    return owner is not None and owner.gone()
