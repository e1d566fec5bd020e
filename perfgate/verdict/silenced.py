"""From what an invalid note takes its word."""

from __future__ import annotations

from collections.abc import Iterable

from perfgate.compare.rows import Row
from perfgate.metrics.threshold import ThresholdResult
from perfgate.verdict.values import ValidityNote


def is_silenced(subject: Row | ThresholdResult, notes: Iterable[ValidityNote]) -> bool:
    """Whether one of these notes forbids `subject` to decide; a note that is about times leaves counts their word."""
    is_count = isinstance(subject, Row) and subject.is_count
    return any(
        note.invalid and note.scenario in ("", subject.scenario) and not (is_count and note.of_times) for note in notes
    )
