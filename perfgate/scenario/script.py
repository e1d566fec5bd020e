"""A script of another engine as a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from perfgate.errors import Problem
from perfgate.metrics.threshold import Threshold
from perfgate.scenario.concurrent_profiles import AnyProfile
from perfgate.scenario.scenario import Scenario


@dataclass(frozen=True)
class Script:
    """A scenario that `engine` alone can play. An engine that needs more makes a subclass.

    name: of the scenario.
    engine: the engine that plays it.
    profile: the load.
    thresholds: all of them.
    file: where a person finds it.
    line: of the scenario in the file.
    """

    name: str
    engine: str
    profile: AnyProfile
    thresholds: tuple[Threshold, ...]
    file: Path
    line: int

    @property
    def has_own_load(self) -> bool:
        """Whether the script says a load; else `profile` is what its engine plays of one that says none."""
        return True

    @property
    def neighbours(self) -> tuple[Path, ...]:
        """The local files that it brings along: those that a Python file imports of its folder."""
        from perfgate.scenario.neighbours import neighbours_of

        return neighbours_of(self.file) if self.file.suffix == ".py" else ()

    @cached_property
    def hash(self) -> str:
        """16 hex digits that change with the script, its neighbours, its engine, its name or effective load profile.

        It is made when first asked for: one run has one hash, even where the script is edited meanwhile.
        """
        from perfgate.scenario.hashing import hash_of  # only where a hash is asked for

        parts = (self.file.read_bytes(), self.engine.encode(), self.name.encode(), repr(self.profile).encode())
        return hash_of(parts, self.file.parent, self.neighbours)


AnyScenario = Scenario | Script


@dataclass(frozen=True)
class LoadedFile:
    """The contents of one scenario file.

    scenarios: in the order of the file.
    problems: the mistakes in the file and its rows.
    """

    scenarios: tuple[AnyScenario, ...]
    problems: tuple[Problem, ...]


class Reader(Protocol):
    """Makes scenarios of the files of one engine."""

    def knows(self, file: Path) -> bool:
        """Whether it is a file of this engine, as far as a glance tells: its name, its imports. Nothing is run."""

    def read(self, file: Path) -> LoadedFile:
        """Its scenarios, and all mistakes in it. UsageError where the engine itself is missing."""
