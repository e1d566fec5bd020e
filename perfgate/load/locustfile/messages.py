"""Messages to the player of a locustfile, and its replies."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.load.reports import WorkerReport


@dataclass(frozen=True)
class LoadFile:
    """The first message: load a locustfile. Reply: Inspection.

    url: of the target; None where the file is only looked at.
    """

    file: str
    url: str | None


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
    """Play a round. Reply: PlayerReport.

    length: seconds that are counted.
    steps: seconds after the start, and the users from then on.
    """

    length: float
    steps: tuple[tuple[float, int], ...]


@dataclass(frozen=True)
class LocustCount:
    """Locust's own count of a round. avg, p95: of the response times (ms)."""

    requests: int
    failures: int
    avg: float
    p95: float


@dataclass(frozen=True)
class PlayerReport:
    """The reply to PlayRound. untimed: requests without a time, which are left out."""

    report: WorkerReport
    own: LocustCount
    untimed: int
    problems: tuple[str, ...]
