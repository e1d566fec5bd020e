"""The reasons of a verdict, held against its rows, thresholds and notes: what a table says need not be said twice.

A reason that is about a row begins with the sentence of that row. What follows it, such as that the regression is
accepted, is known only from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.metrics.threshold import ThresholdResult
from perfgate.verdict import ValidityNote, Verdict
from perfgate.verdict.sentences import about_row, about_threshold, about_validity

_INFORMS = " (for information, not gated)"
_ACCEPTED = "accepted "


@dataclass(frozen=True)
class RowReason:
    """A reason about a row. remark: what it says beyond the row itself, "" for nothing."""

    row: Comparison
    remark: str

    @property
    def is_accepted(self) -> bool:
        """Whether the regression is accepted, and decides nothing."""
        return self.remark.startswith(_ACCEPTED)


@dataclass(frozen=True)
class OtherReason:
    """A reason in words of its own."""

    sentence: str


Reason = RowReason | ThresholdResult | ValidityNote | OtherReason


def reasons_of(verdict: Verdict) -> tuple[Reason, ...]:
    """Each reason as what it is about, in their order."""
    rows = {about_row(row): row for row in verdict.rows}
    tabled: dict[str, ThresholdResult | ValidityNote] = {
        **{about_threshold(result): result for result in verdict.thresholds},
        **{about_validity(note): note for note in verdict.validity},
    }
    return tuple(
        tabled.get(reason) or next(_about_a_row(reason, rows), OtherReason(reason)) for reason in verdict.reasons
    )


def _about_a_row(reason: str, rows: dict[str, Comparison]) -> Iterator[RowReason]:
    """The reason as one about a row, where its beginning, up to some semicolon, is the sentence of one."""
    reason = reason.removesuffix(_INFORMS)
    end = len(reason)
    while end > 0:
        row = rows.get(reason[:end])
        if row is not None:
            yield RowReason(row, reason[end:].removeprefix("; "))
            return
        end = reason.rfind("; ", 0, end)


def is_first_run(verdict: Verdict) -> bool:
    """Whether there was nothing at all to compare with."""
    return verdict.base is None and all(row.base is None for row in verdict.rows)


def told_rows(verdict: Verdict, said: RowVerdict) -> list[RowReason]:
    """The reasons about rows that gate, say this and are not accepted."""
    return [
        reason
        for reason in reasons_of(verdict)
        if isinstance(reason, RowReason) and reason.row.gated and reason.row.verdict is said and not reason.is_accepted
    ]
