"""The ground that all instances of one side's service stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from perfgate.service.dependencies.running import RunningDependency
from perfgate.service.service import Instance
from perfgate.service.settings import LaunchContext


@dataclass(frozen=True)
class Ground:
    """What all instances of one side's service have in common.

    shown: the target in messages.
    folder: the side's tree, where seeds run; the working folder for an image that has none.
    sha: the value of {sha}.
    mark: of the service's processes; those of seeds and teardowns have one that begins with it.
    in_container: whether the service runs in a container.
    port: says where the next instance will listen.
    start_beside: starts what perfgate.toml does not name, such as the services of a compose file.
    """

    shown: str
    folder: Path
    sha: str
    mark: str
    in_container: bool
    port: Callable[[], int]
    start_beside: Callable[[LaunchContext], Sequence[RunningDependency]] | None = None


Start = Callable[[LaunchContext], Instance]
"""Starts an instance of the service, from settings whose placeholders are filled in and whose port is known."""
