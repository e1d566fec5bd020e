"""Live progress as a value and the lines that show it. Who prints them, and how often, is the command line's affair."""

from __future__ import annotations

from dataclasses import dataclass

from perfgate.report.escaping import clean, cut
from perfgate.units import format_percent, format_rate, format_seconds

_NAME_LIMIT = 32
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


@dataclass(frozen=True)
class ScenarioProgress:
    """How far the measuring of one scenario is.

    phase: in the words of perfgate.load.phase.
    round: number of the round, from 1; 0 before the first.
    rounds: number of rounds; 0 where it is not known.
    elapsed: since the scenario began (s).
    requests_per_second: of the latest round; None before anything was answered.
    failed: fraction of its requests that failed, likewise.
    """

    scenario: str
    phase: str
    round: int
    rounds: int
    elapsed: float
    requests_per_second: float | None
    failed: float | None


def status_line(progress: ScenarioProgress, *, width: int = 80, frame: int = 0) -> str:
    """The line that a terminal rewrites in place, never wider than `width`. frame: counts up to turn the spinner."""
    spinner = _FRAMES[frame % len(_FRAMES)]
    return cut(f"{spinner} {_line(progress)}", max(width, 1))


def plain_line(progress: ScenarioProgress) -> str:
    """The line for a log, where nothing can be rewritten."""
    return _line(progress)


def _line(progress: ScenarioProgress) -> str:
    parts = [
        clean(progress.scenario, _NAME_LIMIT),
        progress.phase,
        _round(progress),
        format_seconds(max(progress.elapsed, 0.0)) if progress.elapsed >= 1 else "0s",
        "" if progress.requests_per_second is None else format_rate(progress.requests_per_second),
        "" if progress.failed is None else f"errors {format_percent(progress.failed)}",
    ]
    return " · ".join(part for part in parts if part)


def _round(progress: ScenarioProgress) -> str:
    if not progress.round:
        return ""
    return f"round {progress.round} of {progress.rounds}" if progress.rounds else f"round {progress.round}"
