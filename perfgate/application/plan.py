"""The measurement plan: command line over perfgate.toml over defaults, with its scenarios; checked before any load."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from perfgate.compare.rules import Margin
from perfgate.config.values import Config
from perfgate.machine.cpus import CpuSets
from perfgate.scenario import AnyScenario
from perfgate.scenario.overrides import Overrides


@dataclass(frozen=True)
class Histories:
    """The history files of a measurement.

    write: the file that its runs are added to.
    read: the files that it is compared with, read as one.
    """

    write: Path
    read: tuple[Path, ...]


@dataclass(frozen=True)
class LoadOptions:
    """The load options of a command line; None where one was not given.

    scenarios: the folder of the scenario files.
    config: the configuration file.
    history: the history file.
    vus: virtual users, instead of the scenario's own.
    duration: length of the load (s), instead of the scenario's own.
    round_seconds: length of a round (s).
    scale: how many times the users and arrival rates; "auto" until the service is a third busy.
    seed: of pair order, data and think times.
    workers: generator processes, or machines with Locust.
    engine: what plays scenario files of our own.
    cpus: the CPUs of the service, like "1" or "2-3".
    """

    scenarios: Path | None
    config: Path | None
    history: Path | None
    vus: int | None
    duration: float | None
    round_seconds: float | None
    scale: float | Literal["auto"] | None
    seed: int | None
    workers: int | None
    engine: str | None
    cpus: str | None


@dataclass(frozen=True)
class MeasurementPlan:
    """All that a measuring command needs to know.

    config: perfgate.toml, with the options of the command line in the place of its own.
    scenarios: the scenarios to play, in order.
    wanted: their names or files, as the command line gave them; () for all.
    overrides: VUs, duration and scale instead of the scenarios' own.
    histories: the history files that its runs are written to and compared with.
    seed: of pair order, data and think times.
    cpus: the CPUs of the generator and of the service.
    margins: the margins of the command line, to repeat them.
    budget: the budget of the command line (s), to repeat it; None where there was none.
    """

    config: Config
    scenarios: tuple[AnyScenario, ...]
    wanted: tuple[str, ...]
    overrides: Overrides
    histories: Histories
    seed: int
    cpus: CpuSets
    margins: tuple[Margin, ...] = ()
    budget: float | None = None

    @property
    def folder(self) -> Path:
        """The folder of the scenario files."""
        return self.config.scenarios

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the declared scenarios, all of which must be measured."""
        return tuple(scenario.name for scenario in self.scenarios)
