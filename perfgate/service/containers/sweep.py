"""Remains of a perfgate that was killed: containers, images of their states, CPU sets that it had overridden."""

from __future__ import annotations

from contextlib import suppress

import docker

from perfgate.service.containers.cpuset_override import restore_abandoned
from perfgate.service.containers.engine import ENGINE_ERRORS, OWNER_LABEL, remove
from perfgate.service.owner import owner_in


def sweep(client: docker.DockerClient) -> None:
    """Remove the containers and images of owners that have ended, and restore the CPU sets that they overrode.

    Problems are no reason to measure nothing: what is left now is swept at the next start.
    """
    with suppress(*ENGINE_ERRORS):
        for found in client.api.containers(all=True, filters={"label": OWNER_LABEL}):
            owner = owner_in(found["Labels"][OWNER_LABEL])
            if owner is not None and owner.gone():
                remove(client, found["Id"])
        for kept in client.api.images(filters={"label": OWNER_LABEL}):
            owner = owner_in((kept["Labels"] or {}).get(OWNER_LABEL, ""))
            if owner is not None and owner.gone():
                client.api.remove_image(kept["Id"], force=True)
    restore_abandoned(client)
