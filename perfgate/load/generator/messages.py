"""Messages to a worker of the generator, and its replies to them. Rounds are answered with a WorkerReport."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from perfgate.load.pacer import Share, ShortTurns, Slice
from perfgate.load.phase import Phase


@dataclass(frozen=True)
class WorkerConfig:
    """What the workers of a measurement have in common.

    folder: of the scenario files.
    wanted: names or files of the scenarios to load; () for all.
    vus, duration: overrides of the command line; None where the scenario's own hold.
    workers: how many there are.
    nonce: makes the ids of this run unlike those of others.
    seed: of all chance.
    cpus: to be pinned to; () for none.
    scales: how many times the users of a scenario are wanted, by its name; under "" of all others.
    verify: the certificates of targets, as a requests.Session has it.
    """

    folder: str
    wanted: tuple[str, ...]
    vus: int | None
    duration: float | None
    workers: int
    nonce: int
    seed: int
    cpus: tuple[int, ...]
    scales: dict[str, float] = field(default_factory=dict)
    verify: bool | str = True


@dataclass(frozen=True)
class Start:
    """The first message: load the scenarios. worker: the worker's number. Reply: Done."""

    config: WorkerConfig
    worker: int


@dataclass(frozen=True)
class Open:
    """Make a pool of users for `scenario` against `url`. Reply: Opened.

    side: names the pool from now on.
    set_up: run the scenario's setup and reply what it returned; otherwise `data` is that.
    verify: the target's certificate, as a requests.Session has it; a user may say otherwise.
    """

    scenario: str
    side: str
    url: str
    set_up: bool
    data: Any
    verify: bool | str


@dataclass(frozen=True)
class Opened:
    """The reply to Open. data: what the scenario's setup returned, where it was run."""

    data: Any


@dataclass(frozen=True)
class Play:
    """Play a share of a round. Reply: WorkerReport.

    graceful_stop: how long the last iterations may go on after the slice (s).
    number: of the pair, or of the warm-up.
    start_at: this machine's monotonic seconds, the same for all its workers; a moment that is past means at once.
    """

    scenario: str
    side: str
    slice: Slice
    graceful_stop: float
    share: Share
    phase: Phase
    number: int
    start_at: float


@dataclass(frozen=True)
class PlaySlices:
    """Load one side, or both, for `count` slices of equal length; users live on from slice to slice.

    Reply: Done, when all is ready; after Go a SliceReport at the end of each slice, and an empty one at the very end.

    slice: of the profile, all slices together.
    graceful_stop: how long requests that have waited for long may go on after the last one (s).
    turns: of two sides that share the load of one; None where each has all of it, all the time.
    """

    scenario: str
    sides: tuple[str, ...]
    slice: Slice
    graceful_stop: float
    share: Share
    phase: Phase
    number: int
    count: int
    turns: ShortTurns | None


@dataclass(frozen=True)
class Go:
    """Let the users begin. start_at: this machine's monotonic seconds. Has no reply of its own."""

    start_at: float


@dataclass(frozen=True)
class Halt:
    """End the slices now. Has no reply of its own."""


@dataclass(frozen=True)
class SliceReport:
    """One slice as a worker counted it.

    sides: WorkerReports in their plain form, by side, tallies in a report of what was late; {} once all is over.
    late: whether requests of the last slice have waited for long: what becomes of them comes in a report of its own.
    """

    sides: dict[str, Any]
    late: bool


@dataclass(frozen=True)
class Close:
    """Forget the pool of users. tear_down: run the scenario's teardown before. Reply: Done."""

    scenario: str
    side: str
    tear_down: bool


Command = Open | Play | Close
Signal = Go | Halt
COMMANDS = (Open, Play, PlaySlices, Close, Go, Halt)
