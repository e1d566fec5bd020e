"""The tables of a report as rows of cells: the terminal and the comment show the same ones, each in its own style."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.metrics.catalogue import unit_of
from perfgate.metrics.threshold import ThresholdResult
from perfgate.report import numbers
from perfgate.report.sentences import remark_of
from perfgate.units import format_count, format_rate
from perfgate.verdict import ScenarioSummary, Verdict, badness


class Tone(Enum):
    """How a cell is meant: where there are colours, they follow this."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


@dataclass(frozen=True)
class Column:
    """One column. figures: it holds numbers, set flush right."""

    title: str
    figures: bool


@dataclass(frozen=True)
class Cell:
    """One cell. name: its text comes from outside and is escaped before it is shown. notes: numbers of footnotes.

    link: an address that was checked, for where there are links; "" for none.
    """

    text: str
    name: bool = False
    tone: Tone = Tone.PLAIN
    notes: tuple[int, ...] = ()
    link: str = ""


@dataclass(frozen=True)
class Table:
    """Columns and rows. remark: one sentence that belongs below, "" for none."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    remark: str


EMPTY = Cell("")


def _text(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, figures=False) for title in titles)


def _figures(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, figures=True) for title in titles)


# Comparisons

_ORDER = {RowVerdict.REGRESSED: 0, RowVerdict.INCONCLUSIVE: 1, RowVerdict.IMPROVED: 2, RowVerdict.UNCHANGED: 3}
_TONES = {
    RowVerdict.REGRESSED: Tone.BAD,
    RowVerdict.INCONCLUSIVE: Tone.OPEN,
    RowVerdict.IMPROVED: Tone.GOOD,
    RowVerdict.UNCHANGED: Tone.PLAIN,
}
_COMPARISON_COLUMNS = (
    *_text("scenario", "request", "metric"),
    *_figures("base", "head", "change", "interval", "margin"),
    *_text("verdict"),
)


_DECIDES_NOTHING = "decides nothing: the measurement of this scenario is invalid"


def compared_rows(verdict: Verdict) -> tuple[Comparison, ...]:
    """The rows that were to be compared: a run without a base has values in the result file that are no such rows."""
    if verdict.is_first_run:
        return ()
    return tuple(row for row in verdict.rows if row.base is not None or row.gated or row.warnings)


def rows_of(verdict: Verdict) -> tuple[Comparison, ...]:
    """The rows of a verdict, with what it says about each beyond its numbers as a warning of that row.

    Such as: that a regression is accepted, or that the numbers of its scenario cannot be believed.
    """
    silenced = {note.scenario for note in verdict.validity if note.invalid}
    remarks = {reason.row: remark_of(reason) for reason in verdict.reasons if reason.acceptance}
    rows = []
    for row in compared_rows(verdict):
        doubt = (_DECIDES_NOTHING,) if silenced & {"", row.row.scenario} else ()
        remark = (remarks[row],) if row in remarks else ()
        rows.append(replace(row, warnings=(*row.warnings, *doubt, *remark)))
    return tuple(rows)


def worst_first(rows: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """Regressions, what is not decided, improvements, the rest; those that gate first, then by how bad they are.

    What did not change keeps its order, so that a reader finds it where it was yesterday.
    """
    return tuple(sorted(rows, key=_order))


def _order(row: Comparison) -> tuple[int, bool, float]:
    how_bad = {RowVerdict.IMPROVED: abs(badness(row)), RowVerdict.UNCHANGED: 0.0}.get(row.verdict, badness(row))
    return (_ORDER[row.verdict], row.verdict is not RowVerdict.UNCHANGED and not row.gated, -how_bad)


def is_worth_reading(row: Comparison) -> bool:
    """Whether a row changed, or gates and is not decided."""
    return row.gated if row.verdict is RowVerdict.INCONCLUSIVE else row.verdict is not RowVerdict.UNCHANGED


def footnotes(rows: Iterable[Comparison]) -> tuple[str, ...]:
    """The warnings of these rows, each once, in the order in which a reader meets them: the first is number 1."""
    return tuple(dict.fromkeys(warning for row in rows for warning in row.warnings))


def comparison_table(rows: Sequence[Comparison], notes: Sequence[str]) -> Table:
    """A line for each row, in the order given. notes: the footnotes that a row's warnings are numbered by."""
    footnotes = {note: number for number, note in enumerate(notes, 1)}
    lines = tuple(_comparison_line(row, footnotes) for row in rows)
    return Table(_COMPARISON_COLUMNS, lines, _remark(rows))


def _comparison_line(row: Comparison, footnotes: Mapping[str, int]) -> tuple[Cell, ...]:
    tone = _TONES[row.verdict]
    marks = tuple(sorted({footnotes[warning] for warning in row.warnings}))
    return (
        Cell(row.row.scenario, name=True),
        EMPTY if row.row.request is None else Cell(row.row.request, name=True),
        Cell(numbers.metric_name(row.row.metric, row.row.stat)),
        Cell(numbers.value(row.base, row.row.unit)),
        Cell(numbers.value(row.head, row.row.unit)),
        Cell(numbers.change(row), tone=tone),
        Cell(numbers.interval(row)),
        Cell(numbers.margin(row)),
        Cell(row.verdict.value if row.gated else f"({row.verdict.value})", tone=tone, notes=marks),
    )


def _remark(rows: Sequence[Comparison]) -> str:
    """What these rows could have told from noise, and from how much."""
    if not rows:
        return ""
    ratios = _seen([row for row in rows if not numbers.is_difference(row)], "")
    shares = _seen([row for row in rows if numbers.is_difference(row)], "of a share ")
    seen = ", ".join(part for part in (ratios, shares) if part)
    rounds = _range([format_count(count) for count in sorted(row.rounds for row in rows)])
    return f"Smallest change that this table could have seen: {seen}; rounds behind a row: {rounds}."


def _seen(rows: Sequence[Comparison], what: str) -> str:
    """The smallest changes of rows that change on the same scale; "" of no rows."""
    known = sorted((row for row in rows if row.smallest is not None), key=lambda row: row.smallest or 0.0)
    if rows and not known:
        return f"{what}not known, with so few rounds"
    return f"{what}{_range([numbers.smallest(row) for row in known])}" if rows else ""


def _range(ordered: Sequence[str]) -> str:
    """The first and the last of some figures: "0.7 to 13 %", or the one that they all are."""
    if not ordered or ordered[0] == ordered[-1]:
        return ordered[0] if ordered else ""
    return f"{ordered[0].split(' ')[0]} to {ordered[-1]}"


# The load-test summary


def summary_table(lines: Sequence[ScenarioSummary]) -> Table:
    """The load-test summary. A column for base and head, for requests and for retries only where there are any.

    The line of a request name is left out where its scenario has but that one: it would say the same twice.
    """
    lines = _side_by_side(_without_single_requests(lines))
    has_requests = any(line.request is not None for line in lines)
    has_sides = any(line.side for line in lines)
    has_retries = any(line.retries for line in lines)
    columns = (
        *_text("scenario", *["request"] * has_requests, *["side"] * has_sides),
        *_figures("average response time", "peak VUs", "errors"),
        *_text("threshold compliance"),
        *_figures("requests", "req/s", "p(95)", *["retries"] * has_retries),
    )
    rows = tuple(
        (
            Cell(line.scenario, name=True),
            *[EMPTY if line.request is None else Cell(line.request, name=True)] * has_requests,
            *[Cell(line.side)] * has_sides,
            Cell(numbers.value(line.avg_ms, "ms")),
            Cell(numbers.value(line.vus_max, "count")) if line.request is None else EMPTY,
            Cell(numbers.value(line.failed, "fraction"), tone=Tone.BAD if line.failed == 1 else Tone.PLAIN),
            _compliance(line),
            Cell(numbers.value(line.requests, "count")),
            Cell(_rate(line.requests_per_second)),
            Cell(numbers.value(line.p95_ms, "ms")),
            *[Cell(numbers.value(line.retries, "count"))] * has_retries,
        )
        for line in lines
    )
    return Table(columns, rows, "")


def _without_single_requests(lines: Sequence[ScenarioSummary]) -> list[ScenarioSummary]:
    requests = Counter((line.scenario, line.side) for line in lines if line.request is not None)
    return [line for line in lines if line.request is None or requests[line.scenario, line.side] > 1]


def _side_by_side(lines: Sequence[ScenarioSummary]) -> list[ScenarioSummary]:
    """Base and head of a scenario, or of a request name, next to each other; all else in its order."""
    scenarios: dict[str, int] = {}
    names: dict[tuple[str, str | None], int] = {}
    for place, line in enumerate(lines):
        scenarios.setdefault(line.scenario, place)
        names.setdefault((line.scenario, line.request), place)
    return sorted(lines, key=lambda line: (scenarios[line.scenario], names[line.scenario, line.request]))


def _rate(per_second: float | None) -> str:
    return numbers.NOTHING if per_second is None else format_rate(per_second).removesuffix("/s")


def _compliance(line: ScenarioSummary) -> Cell:
    if not line.thresholds_total:
        # Thresholds are declared for a scenario and held against head: only there their lack is worth a word.
        return EMPTY if line.request is not None or line.side == "base" else Cell("none declared")
    if line.thresholds_passed == line.thresholds_total:
        return Cell("Passed", tone=Tone.GOOD)
    return Cell("Partially passed" if line.thresholds_passed else "Failed", tone=Tone.BAD)


# Thresholds


def threshold_table(results: Sequence[ThresholdResult]) -> Table:
    """The thresholds that were crossed, then the others."""
    columns = (*_text("scenario", "threshold"), *_figures("measured"), *_text("result"))
    ordered = sorted(results, key=lambda result: result.passed)
    return Table(columns, tuple(_threshold_line(result) for result in ordered), "")


def _threshold_line(result: ThresholdResult) -> tuple[Cell, ...]:
    threshold = result.threshold
    tone = Tone.GOOD if result.passed else Tone.BAD
    outcome = "passed" if result.passed else "no data" if result.value is None else "crossed"
    return (
        Cell(result.scenario, name=True),
        Cell(f"{threshold.selector}: {threshold.expression}", name=True),
        Cell(numbers.value(result.value, unit_of(threshold.metric, threshold.stat)), tone=tone),
        Cell(outcome, tone=tone),
    )
