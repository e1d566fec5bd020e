"""CPU sets of external containers: overridden for a measurement, and restored whatever happens.

The set that a container had before stands in a file for as long as it is overridden, so that a later start can restore
it where this one is killed. Several perfgates may override the set of one container: their files tell the order. The
one that goes while a later one stays hands what it found on to that one; only the latest changes the container.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import NotFound
from docker.models.containers import Container

from perfgate.service.containers.engine import ENGINE_ERRORS
from perfgate.service.owner import owner_in, this_process

_PREFIX = "perfgate-cpus-"
_LOCK = "perfgate-cpuset-lock-"


class CpusetOverride:
    """A container that runs on `cpus` alone, from now until `restore`. ENGINE_ERRORS where the engine refuses."""

    def __init__(self, client: docker.DockerClient, container: Container, cpus: tuple[int, ...]) -> None:
        self._client = client
        self._note = _folder() / f"{_PREFIX}{this_process()}-{container.id}"
        everywhere = f"0-{client.info()['NCPU'] - 1}"  # an empty set would mean: as it is
        with _alone():
            container.reload()  # another perfgate may have changed it since it was found
            try:
                descriptor = os.open(self._note, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            except FileExistsError:
                self._owner = False  # it is the other side of the duet as well, and was overridden for that
                return
            self._owner = True
            with os.fdopen(descriptor, "w") as file:
                file.write(str(_Note(container.attrs["HostConfig"]["CpusetCpus"] or everywhere, time.time_ns())))
            try:
                container.update(cpuset_cpus=",".join(map(str, cpus)))
            except BaseException:
                _restore(self._client, self._note)
                raise

    def restore(self) -> None:
        """Restore the set that the container had. Once is enough."""
        if self._owner:
            self._owner = False
            with _alone():
                _restore(self._client, self._note)


@dataclass(frozen=True)
class _Note:
    """What a file holds.

    before: the set that the container had.
    written: when it was overridden (Unix ns).
    """

    before: str
    written: int

    def __str__(self) -> str:
        return f"{self.before}\n{self.written}"


def _read(path: Path) -> _Note:
    before, _, written = path.read_text().partition("\n")
    return _Note(before, int(written or 0))


def restore_abandoned(client: docker.DockerClient) -> None:
    """Restore the sets of owners that were killed, the latest first."""
    with _alone():
        abandoned = [
            path
            for path in _folder().glob(f"{_PREFIX}*")
            if (owner := owner_in(path.name)) is not None and owner.gone() and _is_ours(path)
        ]
        for path in sorted(abandoned, key=_written, reverse=True):
            _restore(client, path)


def _written(path: Path) -> int:
    try:
        return _read(path).written
    except (OSError, ValueError):
        return 0


def _is_ours(note: Path) -> bool:
    """Whether this user wrote it; not so where somebody else has just restored it."""
    try:
        return note.lstat().st_uid == os.getuid()
    except FileNotFoundError:
        return False


def _restore(client: docker.DockerClient, path: Path) -> None:
    with suppress(*ENGINE_ERRORS, OSError):
        note, container = _read(path), path.name.rpartition("-")[2]
        later = _next_after(note, container)
        if later is not None:
            later.write_text(str(_Note(note.before, _read(later).written)))
        else:
            with suppress(NotFound):  # the container is gone, and its set with it
                client.api.update_container(container, cpuset_cpus=note.before)
        path.unlink()


def _next_after(note: _Note, container: str) -> Path | None:
    """The file of the one that overrode the container next, and so found there what this one had set."""
    others = [path for path in _folder().glob(f"{_PREFIX}*-{container}") if _is_ours(path)]
    return min((path for path in others if _written(path) > note.written), key=_written, default=None)


@contextmanager
def _alone() -> Iterator[None]:
    """Inside, no other perfgate of this user changes a set."""
    descriptor = os.open(_folder() / f"{_LOCK}{os.getuid()}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _folder() -> Path:
    return Path(tempfile.gettempdir())
