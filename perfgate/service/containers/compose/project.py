"""One compose project, as the Docker Engine has it: its containers, networks and volumes, until all are removed."""

from __future__ import annotations

import time

import docker
from docker.models.containers import Container

from perfgate.service.containers.sweep import remove_labelled

# The labels of Compose, https://docs.docker.com/reference/compose-file/services/#labels.
_PROJECT = "com.docker.compose.project"
_SERVICE = "com.docker.compose.service"
_MOST_LOOKS = 20
_PAUSE = 0.1


class Project:
    """The project of that name."""

    def __init__(self, client: docker.DockerClient, name: str) -> None:
        self.name = name
        self._client = client
        self._filter = {"label": f"{_PROJECT}={name}"}

    def containers(self) -> dict[str, Container]:
        """Its containers, by the names of their services; those that have ended, too. ENGINE_ERRORS."""
        found = self._client.containers.list(all=True, filters=self._filter)
        return {one.labels[_SERVICE]: one for one in found}

    def running(self) -> set[str]:
        """The ids of its containers that run. ENGINE_ERRORS."""
        return {str(one["Id"]) for one in self._client.api.containers(filters=self._filter)}

    def remove(self) -> None:
        """Remove all that the engine has of it.

        What an interrupted call had asked the engine for may come into being after a first look: there is one more.
        """
        clean = 0
        for _ in range(_MOST_LOOKS):
            clean = 0 if remove_labelled(self._client, self._filter, lambda _: True) else clean + 1
            if clean > 1:
                return
            time.sleep(_PAUSE)
