"""CPU sets of external containers: overridden for a measurement, and restored whatever happens.

The set that a container had before stands in a file for as long as it is overridden, so that a later start can restore
it where this one is killed.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import docker
from docker.errors import NotFound
from docker.models.containers import Container

from perfgate.service.containers.engine import ENGINE_ERRORS
from perfgate.service.owner import owner_in, this_process

_PREFIX = "perfgate-cpus-"


class CpusetOverride:
    """A container that runs on `cpus` alone, from now until `restore`. ENGINE_ERRORS where the engine refuses."""

    def __init__(self, client: docker.DockerClient, container: Container, cpus: tuple[int, ...]) -> None:
        self._client = client
        self._note = _folder() / f"{_PREFIX}{this_process()}-{container.id}"
        everywhere = f"0-{client.info()['NCPU'] - 1}"  # an empty set would mean: as it is
        try:
            descriptor = os.open(self._note, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            self._owner = False  # it is the other side of the duet as well, and was overridden for that
            return
        self._owner = True
        with os.fdopen(descriptor, "w") as file:
            file.write(container.attrs["HostConfig"]["CpusetCpus"] or everywhere)
        try:
            container.update(cpuset_cpus=",".join(map(str, cpus)))
        except BaseException:
            self.restore()
            raise

    def restore(self) -> None:
        """Restore the set that the container had. Once is enough."""
        if self._owner:
            self._owner = False
            _restore(self._client, self._note)


def restore_abandoned(client: docker.DockerClient) -> None:
    """Restore the sets of owners that were killed."""
    for note in _folder().glob(f"{_PREFIX}*"):
        owner = owner_in(note.name)
        if owner is not None and owner.gone() and _is_ours(note):
            _restore(client, note)


def _is_ours(note: Path) -> bool:
    """Whether this user wrote it; not so where somebody else has just restored it."""
    try:
        return note.lstat().st_uid == os.getuid()
    except FileNotFoundError:
        return False


def _restore(client: docker.DockerClient, note: Path) -> None:
    with suppress(*ENGINE_ERRORS, OSError):
        with suppress(NotFound):  # the container is gone, and its set with it
            client.api.update_container(note.name.rpartition("-")[2], cpuset_cpus=note.read_text())
        note.unlink()


def _folder() -> Path:
    return Path(tempfile.gettempdir())
