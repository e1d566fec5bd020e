"""Open rows that no more rounds decide, and no more runs: why, and what to do about them instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from perfgate.compare.comparison import BELOW_ZERO, OF_ZERO, Comparison
from perfgate.report import numbers
from perfgate.report.phrase import Name, Phrase
from perfgate.verdict import ReasonKind, Verdict

_MOST_NAMES = 3


def undecidable(verdict: Verdict) -> tuple[tuple[Phrase, ...], tuple[Comparison, ...]]:
    """What to do about such rows, a sentence for each reason; and the open rows that are left."""
    steps: list[Phrase] = []
    left = verdict.rows_of(ReasonKind.OPEN)
    for applies, words in _REASONS:
        found = [row for row in left if applies(verdict, row)]
        if found:
            steps.append(words(_listed(found), verdict.head.duet != ""))
            left = tuple(row for row in left if row not in found)
    return tuple(steps), left


def _never_succeeded(verdict: Verdict, row: Comparison, *sides: str) -> bool:
    """Whether all of these sides, or all there are, answered the row's requests by errors alone."""
    where = (row.row.scenario, row.row.request)
    lines = [line for line in verdict.summary if line.request and (line.scenario, line.request) == where]
    failed = [line.failed for line in lines if not sides or line.side in sides]
    return bool(failed) and all(share == 1.0 for share in failed)


def _base_never_succeeded(verdict: Verdict, row: Comparison) -> bool:
    return bool(verdict.head.duet) and _never_succeeded(verdict, row, "base")


def _on_head_alone(verdict: Verdict, row: Comparison) -> bool:
    """Stored runs that lack a row may get it: there it says how many are missing."""
    return bool(verdict.head.duet) and row.base is None and row.head is not None


def _on_base_alone(_verdict: Verdict, row: Comparison) -> bool:
    return row.head is None and row.base is not None


def _without_ratio(_verdict: Verdict, row: Comparison) -> bool:
    return not {OF_ZERO, BELOW_ZERO}.isdisjoint(row.warnings)


def _say_failing(names: Phrase, _duet: bool) -> Phrase:
    return (
        "No request of ",
        *names,
        " succeeded, and no number of rounds decides that: mend its path or the service.",
    )


def _say_failing_on_base(names: Phrase, _duet: bool) -> Phrase:
    return (
        "Base answers nothing but errors to ",
        *names,
        ", and no number of rounds decides that. Where it does not have them yet, merge this: the next change has"
        " something to be compared with.",
    )


def _say_on_head(names: Phrase, _duet: bool) -> Phrase:
    return (
        "Head alone measured ",
        *names,
        ", and no number of rounds compares that: once base has it, it is compared, and until then a threshold can"
        " limit it.",
    )


def _say_on_base(names: Phrase, duet: bool) -> Phrase:
    who, what = ("Base", "rounds") if duet else ("The baseline", "runs")
    return (f"{who} alone measured ", *names, f", and no number of {what} compares that: see why head did not.")


def _say_without_ratio(names: Phrase, _duet: bool) -> Phrase:
    return ("A value of zero or less has no ratio, so nothing decides ", *names, " but a threshold.")


_REASONS: Sequence[tuple[Callable[[Verdict, Comparison], bool], Callable[[Phrase, bool], Phrase]]] = (
    (_never_succeeded, _say_failing),
    (_base_never_succeeded, _say_failing_on_base),
    (_on_head_alone, _say_on_head),
    (_on_base_alone, _say_on_base),
    (_without_ratio, _say_without_ratio),
)


def _listed(rows: Sequence[Comparison]) -> Phrase:
    """What the rows are about, each once: requests, or metrics of whole scenarios."""
    names = list(dict.fromkeys(one.row.request or numbers.metric_name(one.row.metric, one.row.stat) for one in rows))
    shown = [part for name in names[:_MOST_NAMES] for part in (", ", Name(name))][1:]
    return (*shown, *([f" and {len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []))
