"""CPU sets of external containers: overridden for a measurement, and restored whatever happens."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress

import docker
from docker.errors import NotFound
from docker.models.containers import Container

from perfgate.errors import PerfgateError
from perfgate.service.containers.engine import ENGINE_ERRORS, connect, translated
from perfgate.service.overrides import OverrideNotes

_PREFIX = "perfgate-cpus-"


class CpusetOverride:
    """A container that runs on `cpus` alone, from now until `restore`. ENGINE_ERRORS where the engine refuses."""

    def __init__(self, client: docker.DockerClient, container: Container, cpus: tuple[int, ...]) -> None:
        self._overrides = _overrides(client)
        everywhere = f"0-{client.info()['NCPU'] - 1}"  # an empty set would mean: as it is

        def read() -> str:
            container.reload()
            return container.attrs["HostConfig"]["CpusetCpus"] or everywhere

        def change() -> None:
            container.update(cpuset_cpus=",".join(map(str, cpus)))

        # The other side of a duet may have overridden it already.
        self._file = self._overrides.begin(str(container.id), read, change)

    def restore(self) -> None:
        """Restore the set that the container had. Once is enough."""
        if self._file is not None:
            self._overrides.end(self._file)


class PinnedContainer:
    """The same of a container of this id. TargetError where the engine refuses, or does not answer."""

    def __init__(self, container: str, cpus: tuple[int, ...], environment: Mapping[str, str]) -> None:
        self._client = connect(environment)
        try:
            with translated(f"container {container[:12]} cannot be pinned"):
                self._override = CpusetOverride(self._client, self._client.containers.get(container), cpus)
        except BaseException:
            self._client.close()
            raise

    def restore(self) -> None:
        """Restore the set that the container had. Once is enough."""
        self._override.restore()
        self._client.close()


def restore_abandoned(client: docker.DockerClient) -> None:
    """Restore the sets that owners which were killed had overridden."""
    _overrides(client).end_abandoned()


def restore_abandoned_sets(environment: Mapping[str, str]) -> None:
    """The same, of the engine of this machine, which is asked for only where something is left."""
    if not OverrideNotes(_PREFIX, lambda *_: None).abandoned():
        return
    with suppress(PerfgateError), closing(connect(environment)) as client:
        restore_abandoned(client)


def _overrides(client: docker.DockerClient) -> OverrideNotes:
    def put_back(container: str, before: str) -> None:
        with suppress(NotFound):  # the container is gone, and its set with it
            client.api.update_container(container, cpuset_cpus=before)

    return OverrideNotes(_PREFIX, put_back, ENGINE_ERRORS)
