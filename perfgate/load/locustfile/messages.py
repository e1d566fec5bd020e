"""Messages to the player of a locustfile, and its replies."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.load.reports import WorkerReport


@dataclass(frozen=True)
class LoadFile:
    """The first message: load a locustfile. Reply: Inspection.

    url: of the target; None where the file is only looked at.
    verify: the target's certificate, as a requests.Session has it; a user may say otherwise.
    """

    file: str
    url: str | None
    verify: bool | str = True


@dataclass(frozen=True)
class Mistake:
    """Why a locustfile cannot be played. line: None for the whole file."""

    error: str
    hint: str
    line: int | None


@dataclass(frozen=True)
class FileSettings:
    """Locust's settings for a locustfile.

    users: how many; None where nothing says so.
    run_time: seconds; None where nothing says so.
    has_shape: it has a LoadTestShape.
    ticks: users and rate that the shape asks for in each of its seconds; () where the file is loaded to be played.
    """

    users: int | None
    run_time: float | None
    has_shape: bool
    ticks: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Inspection:
    """The reply to LoadFile: the settings, or a mistake in the file."""

    settings: FileSettings | None
    mistake: Mistake | None


@dataclass(frozen=True)
class PlayRound:
    """Play a round, or several slices of load. Replies: PlayerReady, PlayerSlice for each of them, and an empty one.

    length: seconds that are counted, all slices together.
    steps: seconds after the start, and the users from then on.
    count: of slices.
    spread: the time over which users begin, before the first slice (s).
    stagger: where in its turn a user begins, 0 to 1.
    seed: what chance depends on; the same on both sides.
    foresees: whether cycles that no slice sees the end of are counted as long as they will be.
    """

    length: float
    steps: tuple[tuple[float, int], ...]
    count: int
    spread: float
    stagger: float
    seed: int
    foresees: bool


@dataclass(frozen=True)
class PlayerReady:
    """The users are there, and wait.

    failed: why no round can be valid, as where no user got through its `on_start`; "" where one can.
    """

    failed: str


@dataclass(frozen=True)
class BeginLoad:
    """Let the users begin. start_at: when (monotonic seconds)."""

    start_at: float


@dataclass(frozen=True)
class EndLoad:
    """End the load that is being played."""


@dataclass(frozen=True)
class LocustCount:
    """Locust's own count of a round. avg, p95: of the response times (ms)."""

    requests: int
    failures: int
    avg: float
    p95: float


@dataclass(frozen=True)
class PlayerReport:
    """What was counted in a slice.

    untimed: requests without a time, which are left out.
    problems: why it is invalid.
    warnings: what a reader should know.
    """

    report: WorkerReport
    own: LocustCount
    untimed: int
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class PlayerSlice:
    """A slice of PlayRound. report: None after the last one."""

    report: PlayerReport | None
