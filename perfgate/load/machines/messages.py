"""Messages between the gate and the processes of Locust's master and of a machine, and their replies."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from perfgate.load.generator.messages import Close, Open, Play
from perfgate.load.reports import WorkerReport


@dataclass(frozen=True)
class ClusterConfig:
    """The machines of a run.

    machines: how many are wanted.
    host, port: where the master listens.
    patience: how long to wait for the machines (s).
    vus, duration: overrides of the command line; None where the scenario's own hold.
    nonce: makes the ids of this run unlike those of others.
    seed: of all chance.
    scales: how many times the users of a scenario are wanted, by its name; under "" of all others.
    verify: whether the certificates of targets are verified.
    """

    machines: int
    host: str
    port: int
    patience: float
    vus: int | None
    duration: float | None
    nonce: int
    seed: int
    scales: dict[str, float] = field(default_factory=dict)
    verify: bool = True


@dataclass(frozen=True)
class StartMaster:
    """The first message to the master: listen for machines. Reply: Listening.

    files: names of the scenario files.
    hashes: of the scenarios, by name.
    """

    cluster: ClusterConfig
    files: tuple[str, ...]
    hashes: dict[str, str]


@dataclass(frozen=True)
class Listening:
    """The reply to StartMaster."""

    port: int


@dataclass(frozen=True)
class Gather:
    """Wait until all machines have joined. Reply: Done."""


@dataclass(frozen=True)
class SetUp:
    """Run a scenario's setup on one machine, for all. patience: seconds. Reply: Opened."""

    command: Open
    patience: float


@dataclass(frozen=True)
class PlayRound:
    """Play a round on all machines. Reply: RoundReport.

    users: as many as the scenario ever has.
    patience: time in which all machines must have reported (s).
    """

    command: Play
    users: int
    patience: float


@dataclass(frozen=True)
class RoundReport:
    """One round on all machines.

    reports: of the machines that played it.
    machines: how many took part.
    problems: why the round is invalid.
    """

    reports: tuple[WorkerReport, ...]
    machines: int
    problems: tuple[str, ...]


@dataclass(frozen=True)
class TearDown:
    """Run a scenario's teardown on one machine; all forget its users. patience: seconds. Reply: Done."""

    command: Close
    patience: float


@dataclass(frozen=True)
class JoinRequest:
    """The only message to a machine: join the master on host and port. Reply: Left, after the run.

    folder: of the scenario files.
    patience: how long to look for the master (s).
    """

    host: str
    port: int
    folder: Path
    patience: float


@dataclass(frozen=True)
class Left:
    """The reply to JoinRequest. text: how the run ended."""

    text: str
