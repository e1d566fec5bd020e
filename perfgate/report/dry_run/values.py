"""A dry run: what would be measured, for how long at most, and what it could see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from perfgate.compare.rows import Row


class Way(str, Enum):
    """How a side is started."""

    RUNNING = "running"
    """It runs already."""
    PETSTORE = "petstore"
    """The embedded petstore, in a process of its own."""
    IMAGE = "image"
    """A container of an image that is there."""
    COMMAND = "command"
    """A process in a work tree of its own."""
    BUILD = "build"
    """A container of an image that is built of the commit."""
    COMPOSE = "compose"
    """A Compose project of its own."""


@dataclass(frozen=True)
class PlannedDependency:
    """What would stand beside the service of a side.

    name: as perfgate.toml calls it.
    way: how it is started; RUNNING of a server that both sides share.
    what: its image, or its command; "" of a server that runs already.
    """

    name: str
    way: Way
    what: str


@dataclass(frozen=True)
class PlannedSide:
    """One side as it would be started.

    side: "base" or "head".
    target: its target string.
    commit: the full hash that the target means; "" where it means none.
    branch: the branch that the target names; "" for none.
    changed: whether it is the checkout with changes that are in no commit.
    way: how it is started.
    what: the command, the Dockerfile or its folder, the image, or the compose file with its service; "" for none.
    build_command: run before the command; "" for none.
    """

    side: str
    target: str
    commit: str
    branch: str
    changed: bool
    way: Way
    what: str
    build_command: str


@dataclass(frozen=True)
class ForeseenRow:
    """A row that would gate, or would if the load can decide it.

    row: which one.
    margin: the regression that it may show.
    named: whether a margin of perfgate.toml or of the command line names it, as those by `perfgate calibrate` do.
    smallest: the smallest change that it could see, as Comparison.smallest; None where that is not known.
    """

    row: Row
    margin: float
    named: bool
    smallest: float | None


@dataclass(frozen=True)
class PlannedScenario:
    """One scenario as it would be played.

    scenario: its name.
    engine: what plays it.
    executor: of its load profile.
    vus: the most virtual users at once.
    load_seconds: the most load after the warm-ups, both sides together (s).
    warm_up_seconds: the most that is spent on warm-ups, both sides and all instances together (s).
    pairs: the most pairs; 0 where head alone is measured.
    instances: the most instances of each side.
    rows: what it could see; () where no stored run tells.
    seen_at: when the stored run that tells was measured (Unix time, s); None where none tells.
    """

    scenario: str
    engine: str
    executor: str
    vus: int
    load_seconds: float
    warm_up_seconds: float
    pairs: int
    instances: int
    rows: tuple[ForeseenRow, ...]
    seen_at: float | None

    @property
    def seconds(self) -> float:
        """All of its load, at most (s)."""
        return self.load_seconds + self.warm_up_seconds


@dataclass(frozen=True)
class DryRun:
    """What a gate would do.

    sides: base and head; head alone where it would be compared with the history.
    dependencies: what would stand beside each side; () where perfgate starts none.
    seed: the command that would fill them; "" for none.
    scenarios: in their order.
    round_seconds: the least length of a round (s).
    scaled: whether the load would be fitted to the service first, and is more than is said here.
    explain_seconds: the most that looking for causes would take (s); 0 for not at all.
    runs_missing: how many more runs of the base branch it takes to judge by the history; 0 of a duet.
    """

    sides: tuple[PlannedSide, ...]
    dependencies: tuple[PlannedDependency, ...]
    seed: str
    scenarios: tuple[PlannedScenario, ...]
    round_seconds: float
    scaled: bool
    explain_seconds: float
    runs_missing: int

    @property
    def is_duet(self) -> bool:
        return len(self.sides) > 1

    @property
    def seconds(self) -> float:
        """All load, at most (s); builds, starts and looking for causes are not counted."""
        return sum(scenario.seconds for scenario in self.scenarios)
