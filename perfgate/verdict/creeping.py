"""Notes on the change since a pinned release. They warn and never fail: no single change is to blame."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.compare.release import SinceRelease
from perfgate.units import format_percent
from perfgate.verdict.values import ValidityNote
from perfgate.verdict.wording import place_of


def check_creep(rows: Sequence[SinceRelease], release: str) -> tuple[ValidityNote, ...]:
    """Notes on the rows that are worse than the release by more than their margin. release: as it was named."""
    if not rows:
        message = f"nothing can be said of the way since {release}: fewer than five comparable runs came after it"
        return (
            ValidityNote("", message, "runs of the base branch on this testbed and with these scenarios count", False),
        )
    return tuple(
        ValidityNote(row.row.scenario, f"{_what(row)} since {release}", "many small steps add up; see the trend", False)
        for row in rows
        if row.beyond
    )


def _what(row: SinceRelease) -> str:
    change, low, high = (
        format_percent(part, signed=True)
        for part in (row.creep.change, row.creep.interval.low, row.creep.interval.high)
    )
    what = f"{row.row.metric} {row.row.stat} of {place_of(row.row)}"
    return f"{what}: {change} ({low} to {high}), margin {row.margin * 100:.3g} %,"
