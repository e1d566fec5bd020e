"""A dependency that perfgate.toml names, as its stack sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from perfgate.service.dependency import NamedDependency
from perfgate.service.endpoint import Endpoint
from perfgate.service.settings import LaunchContext


class RunningDependency(NamedDependency, Protocol):
    """A dependency beside one instance."""

    @property
    def session(self) -> int | None:
        """The session of its processes; None where perfgate started none."""
        ...

    @property
    def finished(self) -> bool:
        """Whether it was a job that has done its work: it is as good as alive then, and no dependency any more."""
        ...

    def endpoint(self, from_container: bool) -> Endpoint:
        """Where it is reached, from processes on this machine or from containers."""
        ...

    def keep(self, folder: Path) -> object:
        """End it in good order, and keep its state in a new folder. What starts the next one from there.

        TargetError where it does not end by itself.
        """
        ...

    def stop(self) -> None:
        """End it, and clear its state away, where perfgate started it. Once is enough."""
        ...


@dataclass(frozen=True)
class DependencyStart:
    """What starting a dependency takes, besides its settings.

    context: of the launch.
    folder: the side's tree, or the working folder.
    here: the values of placeholders, as processes on this machine see them.
    in_container: the same values, as containers see them.
    kept: what `keep` returned, to start from there; None for a new state.
    shown: the target in messages.
    """

    context: LaunchContext
    folder: Path
    here: Mapping[str, str]
    in_container: Mapping[str, str]
    kept: object | None
    shown: str
