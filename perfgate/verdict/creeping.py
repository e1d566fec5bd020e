"""Notes on the change since a pinned release. They warn and never fail: no single change is to blame."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.compare.stored.release import SinceRelease, Unanswered
from perfgate.units import format_percent, format_short
from perfgate.verdict.values import ValidityNote
from perfgate.verdict.wording import place_of

# The reason, and what to do.
_WORDS = {
    Unanswered.OTHER_TESTBED: (
        "it was measured on another testbed",
        "measure it again on this one, with perfgate run on its commit",
    ),
    Unanswered.OTHER_SCENARIO: (
        "it was measured with other scenarios, or with these before they changed",
        "measure it again with perfgate run on its commit, with the scenarios as they are now",
    ),
    Unanswered.FEW_RUNS: (
        "fewer than five comparable runs came after it",
        "runs of the base branch on this testbed and with these scenarios count",
    ),
}


def note_on_unanswered(why: Unanswered, release: str) -> ValidityNote:
    """The note that no row could be held against the release. release: as it was named."""
    reason, hint = _WORDS[why]
    return ValidityNote("", f"nothing can be said of the way since {release}: {reason}", hint, False)


def check_creep(rows: Sequence[SinceRelease], release: str) -> tuple[ValidityNote, ...]:
    """Notes on the rows that are worse than the release by more than their margin. release: as it was named."""
    return tuple(
        ValidityNote(
            comparison.row.scenario,
            f"{_what(comparison)} since {release}",
            "many small steps add up; see the trend",
            False,
        )
        for comparison in rows
        if comparison.beyond
    )


def _what(comparison: SinceRelease) -> str:
    change, low, high = (
        format_percent(part, signed=True)
        for part in (comparison.creep.change, comparison.creep.interval.low, comparison.creep.interval.high)
    )
    what = f"{comparison.row.metric} {comparison.row.stat} of {place_of(comparison.row)}"
    return f"{what}: {change} ({low} to {high}), margin {format_short(comparison.margin * 100, 3)} %,"
