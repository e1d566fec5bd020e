"""Rounds and runs: what was measured, together with what must be known to believe it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from perfgate.metrics.tally import Tally, merged
from perfgate.metrics.tally_statistics import count, counts_in, read, timings_in


@dataclass(frozen=True)
class GeneratorRecord:
    """How the generator itself fared in one round; a lag is None where it cannot be told.

    engine: its name.
    workers: the number of its processes.
    clock: the clock that stopped most of the measurements, "kernel" or "process"; "" where the worker died.
    stamps_missing: the number of requests for which the kernel gave no time stamp; None where it cannot be told.
    reader_lag: the median time by which the process noticed a response after the kernel did (s).
    hub_lag: the most by which the event loop was late to wake (s).
    schedule_lag: the 99th percentile by which iterations of an open model started late (s).
    cpu: as a share of one CPU per worker.
    offered: the number of iterations that the schedule asked for; None for closed models.
    here: whether it ran on this machine, so that its CPU time is part of what was used here.
    cpu_waited: the share of the time that a worker was ready to run while something else had its CPU.
    unanswered: the number of requests that had waited for long when a slice ended, and may belong to a later one.
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
    cpu_waited: float = 0.0
    unanswered: int = 0


@dataclass(frozen=True)
class Occupancy:
    """How a set of CPUs was used besides the processes that were meant to run there, as shares of their time.

    foreign: the share of other processes; the system's accounts are coarse, so none at all can come out a little above
        or below zero.
    idle: the share that was not used.
    """

    foreign: float
    idle: float


@dataclass(frozen=True)
class Environment:
    """The CPUs during one round; None where something cannot be told.

    service: the CPUs of the service.
    generator: the CPUs of the generator.
    steal: the share of their time that the hypervisor gave to other machines.
    frequency: their mean clock rate at the end of the round (Hz).
    dependencies_beside_generator: the share of the generator's CPUs that the service's dependencies took at most.
    neighbours: the greatest of the processes that belong to neither side nor to the generator: CPU time by name (s).
    """

    service: Occupancy | None
    generator: Occupancy | None
    steal: float | None
    frequency: float | None = None
    dependencies_beside_generator: float | None = None
    neighbours: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """One slice of load of one scenario on one target: the statistical unit.

    scenario: its name.
    side: "base" or "head"; "" in a run of one target.
    pair: the number of the pair in the duet, or of the round in the run, from 0.
    started_at: Unix seconds.
    tally: what was counted.
    generator: how the generator fared.
    warnings: sentences for the reader.
    problems: the reasons why nothing that it counted can be believed.
    environment: the CPUs; None where they were not watched.
    instance: the number of the service's instance that was loaded, from 0.
    disturbances: how other processes spoiled its times; what it counted stands.
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
    instance: int = 0
    disturbances: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        return not self.why_invalid

    @property
    def why_invalid(self) -> tuple[str, ...]:
        return (*self.problems, *self.disturbances)


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

    id: a time-ordered UUID (version 7).
    started_at: Unix seconds.
    command: the perfgate command; of an imported run "import" and the format of its file.
    side: "base" or "head"; "" of a run of one target.
    duet: the id that both sides of a duet share; "" of a run of one target.
    target: the target string, without user info.
    commit: that was measured; "" where unknown.
    branch: of the commit; "" where unknown.
    dirty: whether the commit had changes; False where unknown.
    testbed: the machine.
    versions: of perfgate, Python and the like.
    seed: of everything random in the load.
    cpus: the CPU sets, such as {"generator": [0], "service": [1]}.
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
    def of_this_repository(self) -> bool:
        """Whether what ran was made of the commit: a `ref:`, or the checkout."""
        return self.target.startswith("ref:") or self.target == "worktree"

    @property
    def imported_from(self) -> str:
        """The format of the file that it came from; "" of a run that perfgate measured."""
        command, _, file_format = self.command.partition(" ")
        return file_format if command == IMPORT else ""


@dataclass(frozen=True)
class ScenarioRun:
    """All rounds of one scenario on one side: its readings (`perfgate.metrics.readings`).

    scenario: its name.
    scenario_hash: of its source, data and load profile.
    executor: of its load profile.
    rounds: in the order of measuring.
    """

    scenario: str
    scenario_hash: str
    executor: str
    rounds: tuple[Round, ...]

    @property
    def valid_rounds(self) -> tuple[Round, ...]:
        return tuple(round_ for round_ in self.rounds if round_.valid)

    @property
    def instances(self) -> int:
        """How many instances of the service were loaded."""
        return len({round_.instance for round_ in self.rounds})

    @cached_property
    def total(self) -> Tally:
        """Everything the valid rounds counted; of all rounds where none was valid."""
        return merged([round_.tally for round_ in self.valid_rounds or self.rounds])

    @property
    def requests(self) -> tuple[str, ...]:
        """The names of its requests."""
        return tuple(self.total.requests)

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The names of what its service was seen to depend on."""
        return tuple(self.total.dependencies or ())

    @property
    def counts(self) -> tuple[tuple[str | None, str], ...]:
        """Request name and metric of what was counted."""
        return counts_in(self.total)

    @property
    def timings(self) -> tuple[tuple[str | None, str], ...]:
        """Request name and metric of what took time besides waiting."""
        return timings_in(self.total)

    def read(self, metric: str, stat: str, request: str | None = None) -> float | None:
        """One statistic of the total, as `metrics.tally_statistics.read` gives it."""
        return read(self.total, metric, stat, request)

    def count(self, metric: str, request: str | None = None) -> int:
        """What a counter of the total came to."""
        return count(self.total, metric, request) or 0


@dataclass(frozen=True)
class Run:
    """One commit on one testbed: its record and its scenarios."""

    record: RunRecord
    scenarios: tuple[ScenarioRun, ...]


def pair_count(budget: float, pair_seconds: float) -> int:
    """How many pairs of so many seconds a budget of load (s) pays for; one at least."""
    return max(1, int(budget / pair_seconds + 1e-9))
