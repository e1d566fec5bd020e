"""Rows gate where they can.

A row of a duet can decide if its interval is narrow enough to rule a regression out nearly always when nothing changed.
The tail of a few hundred requests is not known so well, and a gate that waits for such rows never speaks. So a row that
is gated by default and cannot decide informs, and says what it would take. Three kinds stay: rows that a margin names,
rows that look worse than chance makes them, and the best known latency of a scenario. Whether a row can decide depends
on its scatter alone, never on where it lies. A regression that is proven all the same fails the gate. Failures are no
noise of a clock, so their row is held to chance by itself, and those that head alone has never only inform.

On the way only rows inform that no luck can decide any more: what could go either way is better known at the end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from perfgate.compare.comparison import Comparison, RowVerdict, rules_out_regression
from perfgate.compare.foresight.prospect import TINY, Progress, Prospect, prospect_of, requests_needed
from perfgate.compare.rows import DURATION, FAILED, Row
from perfgate.compare.rules import Rules
from perfgate.metrics.tally import Tally
from perfgate.units import format_short

# So many failures fall all on head by chance in one of 32 cases.
_TELLING_FAILURES = 5

# How the warning begins by which a report finds these rows again, in a stored result as well.
_INFORMS = "informs: "

_Sides = tuple[Tally, Tally]


def cannot_decide(comparison: Comparison) -> bool:
    """Whether `comparison` would gate on another load, and only informs on this one."""
    return not comparison.gated and any(warning.startswith(_INFORMS) for warning in comparison.warnings)


def gate_where_possible(
    rows: Sequence[Comparison], rules: Rules, progress: Progress, sides: _Sides, counted: _Sides | None = None
) -> tuple[Comparison, ...]:
    """The rows of one scenario; those that cannot decide inform, and say how many requests it would take.

    sides: what base and head counted so far. counted: likewise in the pairs of which counts are compared, where these
    are others.
    """
    prospects = {
        comparison: found
        for comparison in rows
        if comparison.gated and (found := prospect_of(comparison, progress)) is not None
    }
    at_end = progress.share >= 1
    cannot = {
        comparison: found
        for comparison, found in prospects.items()
        if (not found.decides if at_end else found.half > found.margin) and not rules_out_regression(comparison)
    }
    informing = [
        comparison
        for comparison, found in cannot.items()
        if comparison.verdict is not RowVerdict.REGRESSED
        and not rules.names(comparison.row)
        and not found.looks_worse(1 if comparison.row.metric == FAILED else len(cannot))
        and not _fails_on_head_alone(comparison, found, sides)
    ]
    latencies = [comparison for comparison in rows if comparison.gated and comparison.row.metric == DURATION]
    if latencies and all(comparison in informing for comparison in latencies):
        informing.remove(
            min(
                latencies, key=lambda comparison: prospects[comparison].needed / max(TINY, prospects[comparison].margin)
            )
        )
    requests = {
        comparison: _requests(comparison.row, counted if counted and comparison.row.is_count else sides)
        for comparison in informing
    }
    return tuple(
        _informs(comparison, cannot[comparison], progress, requests[comparison])
        if comparison in informing
        else comparison
        for comparison in rows
    )


def _fails_on_head_alone(comparison: Comparison, prospect: Prospect, sides: _Sides) -> bool:
    """Whether more requests failed on head than the margin allows, and none on base."""
    base, head = (side.failed_count for side in sides)
    is_telling = comparison.row.metric == FAILED and not base and head >= _TELLING_FAILURES
    return is_telling and prospect.estimate > prospect.margin


def _informs(comparison: Comparison, prospect: Prospect, progress: Progress, requests: int) -> Comparison:
    half = prospect.half if comparison.row.in_points else math.expm1(prospect.half)
    size = f"±{half * 100:.1f} points" if comparison.row.in_points else f"±{format_short(half * 100)} %"
    by_then = "" if progress.share >= 1 else "by the end of the budget "
    known = round(requests / progress.share)
    wanted = requests_needed(known, prospect)
    said = (
        f"{_INFORMS}{by_then}{comparison.row.metric} {comparison.row.stat} of {known:,} requests is known to {size}"
        " only;"
        f" {'more instances' if wanted is None else f'about {wanted:,}'} would decide it"
    )
    return replace(comparison, gated=False, warnings=(*comparison.warnings, said))


def _requests(row: Row, sides: _Sides) -> int:
    """The requests of both sides that the row is about."""
    name = row.request
    if name is None:
        return sum(side.request_count for side in sides)
    return sum(side.requests[name].count for side in sides if name in side.requests)
