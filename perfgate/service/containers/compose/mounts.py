"""Mounts of a compose project: volumes of its own, and folders of this machine that both sides may see."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfgate.service.containers.compose.findings import Findings

_NAME_IT = "commit it, or name it in files under [service] in perfgate.toml, which takes it out of the checkout"
# Names that files have: in the place of one a volume would be a folder.
_OF_FILES = (
    *(".cfg", ".cnf", ".conf", ".crt", ".env", ".ini", ".json", ".key", ".pem", ".properties", ".sh", ".sql", ".toml"),
    *(".txt", ".xml", ".yaml", ".yml"),
)
_LOCAL = (None, "", "local")
# Folders that are no place for data of a service: devices, and what the kernel and the system say of themselves.
_SYSTEM = tuple(map(Path, ("/dev", "/proc", "/sys", "/run", "/var/run", "/tmp/.X11-unix")))


class Mounts:
    """The mounts of all services of a project.

    volumes: the named volumes, each as the file has to declare it.
    writable: whether a service may write into the tree, so that the next instance needs a fresh one.
    """

    def __init__(
        self,
        declared: Mapping[str, Any],
        folder: Path,
        checkout: Path | None,
        labels: Mapping[str, str],
        findings: Findings,
    ) -> None:
        """declared: the named volumes of the file. folder: the side's tree. checkout: what both sides' trees are of."""
        self.volumes: dict[str, Any] = {}
        self.writable = False
        self._declared = declared
        self._folder = folder
        self._checkout = checkout and Path(os.path.realpath(checkout))
        self._labels = labels
        self._findings = findings

    def isolated(self, service: str, mounts: list[Any]) -> list[Any]:
        """The mounts of a service, so that no other project shares what it writes."""
        return [self._isolated(service, dict(mount)) for mount in mounts]

    def refuse_missing(self, place: str, source: Path) -> None:
        """Refuse a file of the side's tree that is not there. place: within the compose file, like "secrets.key"."""
        if _inside(source, self._folder) and not source.exists():
            shown = source.relative_to(self._folder)
            self._findings.refuse(place, f"reads {shown}, which git does not have", _NAME_IT)

    def say_of_checkout(self, place: str, source: Path) -> None:
        """Say of a file or folder that a service reads, where it is not the side's own, but the checkout's.

        place: within the file, like "services.app".
        """
        if self._is_of_checkout(source):
            self._findings.say(
                f"{place} reads {source} of the checkout, which is the same for both sides: a change in it is not "
                f"measured; name it from where the compose file lies, like ./{source.name}"
            )

    def _is_of_checkout(self, source: Path) -> bool:
        if self._checkout is None or _inside(source, self._folder):
            return False
        return Path(os.path.realpath(source)).is_relative_to(self._checkout)

    def _isolated(self, service: str, mount: dict[str, Any]) -> dict[str, Any]:
        if mount.get("type") == "volume" and mount.get("source"):
            self._declare(str(mount["source"]))
        elif mount.get("type") == "bind":
            return self._bound(service, mount)
        return mount

    def _declare(self, name: str) -> None:
        raw = dict(self._declared.get(name) or {})
        place = f"volumes.{name}"
        if raw.get("external"):
            hint = "let the project have one of its own, and fill it: by a service that is a job, or by seed"
            self._findings.refuse(place, "is external: both sides would write into it", hint)
        if raw.get("driver") not in _LOCAL:
            self._findings.say(f"{place} is kept by {raw['driver']}, which may not keep it apart from others")
        device = (raw.get("driver_opts") or {}).get("device")
        if (
            device
            and not _inside(Path(device), self._folder)
            and "tmpfs" not in (device, raw["driver_opts"].get("type"))
        ):
            self._findings.refuse(place, f"lies on {device}, which both sides would share", "leave driver_opts out")
        self.volumes[name] = {
            **{key: value for key, value in raw.items() if key in ("driver", "driver_opts")},
            "labels": {**(raw.get("labels") or {}), **self._labels},
        }

    def _bound(self, service: str, mount: dict[str, Any]) -> dict[str, Any]:
        source = Path(mount.get("source") or "/")
        read_only = bool(mount.get("read_only"))
        if _inside(source, self._folder):
            if not source.exists() and _is_file(source, Path(mount["target"])):
                self.refuse_missing(f"services.{service}.volumes", source)
            elif not source.exists():
                return self._volume_for(service, mount, source)
            self.writable |= not read_only
        elif read_only:
            self.say_of_checkout(f"services.{service}", source)
        else:
            self._outside(service, source)
        return mount

    def _volume_for(self, service: str, mount: dict[str, Any], source: Path) -> dict[str, Any]:
        """A volume in place of a folder that the engine would make in the tree, and that root would own."""
        shown = source.relative_to(self._folder)
        self._findings.say(
            f"services.{service} mounts {shown}, which git does not have: an empty volume takes its place"
        )
        name = "mount-" + re.sub(r"[^a-z0-9]+", "-", str(shown).lower()).strip("-")
        self.volumes[name] = {"labels": dict(self._labels)}
        mode = {"read_only": True} if mount.get("read_only") else {}
        return {"type": "volume", "source": name, "target": mount["target"], **mode}

    def _outside(self, service: str, source: Path) -> None:
        if any(_inside(source, system) for system in _SYSTEM) or (source.exists() and not source.is_dir()):
            self._findings.say(f"services.{service} may write to {source}, which both sides share")
            return
        hint = "use a named volume, or mount it read-only (:ro)"
        if self._is_of_checkout(source):
            hint = f"name it from where the compose file lies, like ./{source.name}: each side then has its own"
        self._findings.refuse(
            f"services.{service}.volumes", f"mounts {source}, into which both sides would write", hint
        )


def _is_file(source: Path, target: Path) -> bool:
    """Whether what is mounted is a file by its names, there and in the container."""
    kinds = [path.suffix or path.name for path in (source, target)]
    return kinds[0] == kinds[1] and kinds[0].lower() in _OF_FILES


def _inside(place: Path, folder: Path) -> bool:
    return Path(os.path.normpath(place)).is_relative_to(folder)
