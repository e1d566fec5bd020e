"""The rows of a comparison as reports show them: with remarks as warnings, in the order of reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from perfgate.compare.comparison import Comparison, RowVerdict, rules_out_regression
from perfgate.compare.foresight.gating import cannot_decide
from perfgate.metrics.catalogue import name_in
from perfgate.report.words.acceptance_words import remark_of
from perfgate.verdict import Verdict, badness, is_silenced

_ORDER = {RowVerdict.REGRESSED: 0, RowVerdict.INCONCLUSIVE: 1, RowVerdict.IMPROVED: 2, RowVerdict.UNCHANGED: 3}
_DECIDES_NOTHING = "decides nothing: the measurement of this scenario is invalid"


def compared_rows(verdict: Verdict) -> tuple[Comparison, ...]:
    """The rows that were to be compared: a run without a base has values in the result file that are no such rows.

    Parts of the time of requests are left out unless they gate: see `timing_rows`.
    """
    if verdict.is_first_run:
        return ()
    return tuple(
        row
        for row in verdict.rows
        if (row.base is not None or row.gated or row.warnings) and not (row.row.is_timing and not row.gated)
    )


def timing_rows(verdict: Verdict) -> tuple[Comparison, ...]:
    """Where the time of requests went, and how long events were waited for, as far as it only informs."""
    return tuple(row for row in verdict.rows if row.row.is_timing and not row.gated)


def rows_of(verdict: Verdict) -> tuple[Comparison, ...]:
    """The rows of a verdict, with what it says about each beyond its numbers as a warning of that row.

    Such as: that a regression is accepted, or that the numbers of its scenario cannot be believed.
    """
    remarks = {reason.row: said for reason in verdict.reasons if (said := remark_of(reason, verdict))}
    rows = []
    for comparison in compared_rows(verdict):
        doubt = (_DECIDES_NOTHING,) if is_silenced(comparison.row, verdict.validity) else ()
        remark = (remarks[comparison],) if comparison in remarks else ()
        rows.append(replace(comparison, warnings=(*comparison.warnings, *doubt, *remark)))
    return tuple(rows)


def worst_first(rows: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """Regressions, what is not decided, improvements, the rest; those that gate first, then by how bad they are.

    What did not change keeps its order, so that a reader finds it where it was yesterday.
    """
    return tuple(sorted(rows, key=_order))


def _order(comparison: Comparison) -> tuple[int, bool, float]:
    verdict = RowVerdict.UNCHANGED if is_not_worse(comparison) else comparison.verdict
    how_bad = {RowVerdict.IMPROVED: abs(badness(comparison)), RowVerdict.UNCHANGED: 0.0}.get(
        verdict, badness(comparison)
    )
    return (_ORDER[verdict], verdict is not RowVerdict.UNCHANGED and not comparison.gated, -how_bad)


def is_worth_reading(comparison: Comparison) -> bool:
    """Whether a row changed, gates and is not decided, or would gate if this load could decide it.

    Also whether it is about a dependency, or a count, that one side alone has.
    """
    if (comparison.row.is_cpu_of_dependency or comparison.row.is_count) and is_new_or_gone(comparison):
        return True
    if comparison.verdict is RowVerdict.INCONCLUSIVE:
        return cannot_decide(comparison) or (comparison.gated and not is_not_worse(comparison))
    return comparison.verdict is not RowVerdict.UNCHANGED


def is_new_or_gone(comparison: Comparison) -> bool:
    """Whether a row is about a dependency or counter that one side alone has, so that there is nothing to compare."""
    one_sided = (comparison.base is None) is not (comparison.head is None)
    return one_sided and not comparison.gated and name_in(comparison.row.metric) is not None


def is_not_worse(comparison: Comparison) -> bool:
    """Whether a row rules a regression out and leaves an improvement open."""
    return comparison.verdict is RowVerdict.INCONCLUSIVE and rules_out_regression(comparison)


def footnotes(rows: Iterable[Comparison]) -> tuple[str, ...]:
    """The warnings of these rows, each once, in the order in which a reader meets them: the first is number 1."""
    return tuple(dict.fromkeys(warning for row in rows for warning in row.warnings))
