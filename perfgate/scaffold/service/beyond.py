"""What a compose file says of a service and no setting for one container can say, besides what it starts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from perfgate.scaffold.documents import mapping, sequence
from perfgate.scaffold.repository import Repository

_OF_THE_BUILD = ("args", "additional_contexts", "dockerfile_inline", "secrets", "ssh")
# Without the others a service starts as well; what they limit or restrict is no less fast for it.
_OF_THE_SERVICE = (
    *("extends", "user", "group_add", "working_dir", "privileged", "cap_add", "devices", "gpus", "secrets", "configs"),
    *("tmpfs", "shm_size", "ulimits", "sysctls", "volumes_from", "extra_hosts"),
)
# The name of this machine that perfgate gives every container.
_THIS_MACHINE = "host.docker.internal"
# Files that keep an empty folder in git.
_KEEPERS = (".gitkeep", ".gitignore", ".keep")


def settings_beyond(service: dict[Any, Any]) -> tuple[str, ...]:
    """The keys with such a setting. service: as the compose file has it, its variables filled in."""
    build = mapping(service.get("build"))
    return (
        *(f"build {key}" for key in _OF_THE_BUILD if any("=" in one or key != "args" for one in _entries(build, key))),
        *(key for key in _OF_THE_SERVICE if any(_THIS_MACHINE not in one for one in _entries(service, key))),
    )


def mounts_of(repository: Repository, folder: PurePosixPath, volumes: Any) -> tuple[tuple[PurePosixPath, str], ...]:
    """Files and folders of the repository that are mounted: where they are there, and where in the container.

    folder: of the compose file. volumes: as it has them, its variables filled in. Others are empty at first, or not
    there on another machine.
    """
    found = []
    for one in sequence(volumes):
        source, target = _bound(one)
        place = PurePosixPath(posixpath.normpath(folder / source)) if source else None
        if place is not None and not place.is_absolute() and _holds(repository, place):
            found.append((place, posixpath.normpath(target)))
    return tuple(found)


def env_files(folder: PurePosixPath, value: Any) -> Iterator[PurePosixPath]:
    """The files of variables without which Compose does not start a service. value: `env_file`, as it is written."""
    for one in value if isinstance(value, list) else [value]:
        path = mapping(one).get("path") if isinstance(one, dict) else one
        if isinstance(path, str) and path and mapping(one).get("required", True):
            yield PurePosixPath(posixpath.normpath(folder / path))


def _entries(raw: dict[Any, Any], key: str) -> list[str]:
    """What a key says, without what a variable would have to say that nobody has set: the user of a developer."""
    value = raw.get(key)
    if isinstance(value, dict):
        named = [(f"{name}=", one) for name, one in value.items()]
    else:
        named = [("", one) for one in (value if isinstance(value, list) else [value])]
    given = [(name, one) for name, one in named if one not in (None, "") and one is not False]
    return [f"{name}{one}" for name, one in given if "$" not in str(one)]


def _bound(volume: Any) -> tuple[str, str]:
    """The source and the target of a mount; "" for a volume, whose first contents are those of the image."""
    if isinstance(volume, dict):
        source = volume.get("source") if volume.get("type", "bind") == "bind" else None
        return (source if isinstance(source, str) else ""), str(volume.get("target"))
    source, _, rest = str(volume).partition(":")
    return (source if source.startswith((".", "/")) and rest else ""), rest.partition(":")[0]


def _holds(repository: Repository, place: PurePosixPath) -> bool:
    return any((path == place or place in path.parents) and path.name not in _KEEPERS for path in repository.files)
