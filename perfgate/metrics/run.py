"""Rounds and runs: what was measured, together with what must be known to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from perfgate.metrics.tally import Tally, count, merged, read


@dataclass(frozen=True)
class GeneratorRecord:
    """How the generator itself fared in one round; lags in seconds, cpu as a share of one CPU per worker.

    clock: "kernel" or "process", which clock stopped most of the measurements, "" where a worker that died took them
    along. stamps_missing: how many requests the kernel gave no stamp for. reader_lag: median time by which this process
    noticed a response after the kernel did. hub_lag: the most that the event loop was late to wake. schedule_lag: 99th
    percentile by which iterations of an open model started late. None for those that nobody can tell. offered:
    iterations that the schedule asked for, None for closed models. here: it ran on this machine, so its CPU is among
    what was used here.
    """

    engine: str
    workers: int
    clock: str
    stamps_missing: int | None
    reader_lag: float | None
    hub_lag: float | None
    schedule_lag: float | None
    cpu: float
    offered: int | None
    here: bool = True


@dataclass(frozen=True)
class Occupancy:
    """What became of a set of CPUs besides what was meant to run there, as shares of their time.

    foreign: what other processes took; the system's accounts are coarse, so nothing can come out a little above or
    below zero. idle: what nobody used.
    """

    foreign: float
    idle: float


@dataclass(frozen=True)
class Environment:
    """The CPUs of the service and of the generator during one round; None where that cannot be told.

    steal: the share of all their time that the hypervisor gave to others. frequency: their mean clock rate at the end
    of the round, in hertz.
    """

    service: Occupancy | None
    generator: Occupancy | None
    steal: float | None
    frequency: float | None = None


@dataclass(frozen=True)
class Round:
    """One slice of load of one scenario on one target: the statistical unit.

    side: "base" or "head" (always "head" in a run of one target). pair: which pair of the duet (or which round of the
    run), from 0. started_at: Unix seconds. warnings: what a reader should know. problems: why the round is invalid.
    environment: None where nobody looked.
    """

    scenario: str
    side: str
    pair: int
    started_at: float
    tally: Tally
    generator: GeneratorRecord
    warnings: tuple[str, ...]
    problems: tuple[str, ...]
    environment: Environment | None = None

    @property
    def valid(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class Testbed:
    """The machine's fingerprint.

    id: a hash over what does not change from boot to boot: equal on equal machines, different between CPU models.
    """

    __test__ = False  # pytest takes every class called Test... for its own

    id: str
    cpu_model: str
    cores: int
    memory_bytes: int
    kernel: str
    image: str


# The command of a run that came from a file of another tool, before the name of its format.
IMPORT = "import"


@dataclass(frozen=True)
class RunRecord:
    """Who, when, where and what: everything about a run but its numbers.

    id: a time-ordered UUID (version 7). started_at: Unix seconds. side: "base", "head" or "" where there was no duet.
    duet: the id that both sides of a duet share, "" otherwise. target: the target string, user info cut.
    commit, branch, dirty: what was measured, "" and False where unknown. versions: of perfgate, Python and the like.
    cpus: what was done with CPU sets, e.g. {"generator": [0], "service": [1]}.
    """

    id: str
    started_at: float
    command: str
    side: str
    duet: str
    target: str
    commit: str
    branch: str
    dirty: bool
    testbed: Testbed
    versions: dict[str, str]
    seed: int
    cpus: dict[str, list[int]]

    @property
    def imported_from(self) -> str:
        """The format of the file that it came from; "" of a run that perfgate measured."""
        command, _, file_format = self.command.partition(" ")
        return file_format if command == IMPORT else ""


@dataclass(frozen=True)
class ScenarioRun:
    """All rounds of one scenario on one side. scenario_hash: of its source, data and load profile."""

    scenario: str
    scenario_hash: str
    executor: str
    rounds: tuple[Round, ...]

    @property
    def valid_rounds(self) -> tuple[Round, ...]:
        return tuple(round_ for round_ in self.rounds if round_.valid)

    @cached_property
    def total(self) -> Tally:
        """Everything the valid rounds counted; of all rounds where none was valid."""
        return merged([round_.tally for round_ in self.valid_rounds or self.rounds])

    @property
    def requests(self) -> tuple[str, ...]:
        """The names of its requests."""
        return tuple(self.total.requests)

    def read(self, metric: str, stat: str, request: str | None = None) -> float | None:
        """One statistic of the total, as `metrics.tally.read` gives it."""
        return read(self.total, metric, stat, request)

    def count(self, metric: str, request: str | None = None) -> int:
        """What a counter of the total came to."""
        return count(self.total, metric, request) or 0


@dataclass(frozen=True)
class Run:
    """One commit on one testbed: its record and its scenarios."""

    record: RunRecord
    scenarios: tuple[ScenarioRun, ...]


def pair_count(budget: float, round_seconds: float) -> int:
    """How many pairs a budget of load (seconds, both sides together) pays for; one at least."""
    return max(1, int(budget / (2 * round_seconds) + 1e-9))
