"""Where control groups are seen in the file system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def cgroup_mounts(mounts: str) -> Mapping[str, Path]:
    """Where each controller of version 1 is mounted, and version 2 under the empty name. mounts: /proc/self/mounts.

    The first place counts, which is the system's: a container's own is there while it starts, and then gone.
    """
    found: dict[str, Path] = {}
    for line in mounts.splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup":
            found = dict.fromkeys(options.split(","), Path(place)) | found
        elif kind == "cgroup2":
            found.setdefault("", Path(place))
    return found
