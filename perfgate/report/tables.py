"""The tables of a report: the terminal and the comment show the same columns, each in its own style."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.metrics.catalogue import unit_of
from perfgate.metrics.threshold import ThresholdResult
from perfgate.report import numbers
from perfgate.report.cells import EMPTY, Cell, Column, Table, Tone, numeric, table_of, words
from perfgate.report.rows import is_new_or_gone, is_not_worse
from perfgate.units import format_count, format_rate
from perfgate.verdict import ScenarioSummary

# Comparisons

_TONES = {
    RowVerdict.REGRESSED: Tone.BAD,
    RowVerdict.INCONCLUSIVE: Tone.OPEN,
    RowVerdict.IMPROVED: Tone.GOOD,
    RowVerdict.UNCHANGED: Tone.PLAIN,
}


def name_cell(name: str | None) -> Cell:
    """A name from outside; empty where there is none."""
    return EMPTY if name is None else Cell(name, name=True)


SCENARIO: Column[Comparison] = words("scenario", lambda comparison: name_cell(comparison.row.scenario))
REQUEST: Column[Comparison] = words("request", lambda comparison: name_cell(comparison.row.request))
METRIC: Column[Comparison] = words(
    "metric", lambda comparison: Cell(numbers.metric_name(comparison.row.metric, comparison.row.stat))
)
BASE: Column[Comparison] = numeric("base", lambda comparison: Cell(numbers.value(comparison.base, comparison.row.unit)))
HEAD: Column[Comparison] = numeric("head", lambda comparison: Cell(numbers.value(comparison.head, comparison.row.unit)))
VALUE: Column[Comparison] = numeric("value", HEAD.cell_of)
CHANGE: Column[Comparison] = numeric("change", lambda row: Cell(numbers.change(row), tone=_TONES[row.verdict]))
INTERVAL: Column[Comparison] = numeric("interval", lambda row: Cell(numbers.interval(row)))
MARGIN: Column[Comparison] = numeric("margin", lambda row: Cell(numbers.margin(row)))


NOT_WORSE = "not worse"
"""The word for a row that rules a regression out and leaves an improvement open."""


def verdict_column(notes: Sequence[str]) -> Column[Comparison]:
    """The verdict of a row, in brackets where it does not gate. notes: the footnotes that number its warnings."""
    number_of = {note: number for number, note in enumerate(notes, 1)}

    def cell_of(comparison: Comparison) -> Cell:
        marks = tuple(sorted({number_of[warning] for warning in comparison.warnings}))
        word, tone = comparison.verdict.value, _TONES[comparison.verdict]
        if is_not_worse(comparison):
            word, tone = NOT_WORSE, Tone.PLAIN
        if is_new_or_gone(comparison):
            word, tone = "new" if comparison.base is None else "gone", Tone.PLAIN
        return Cell(word if comparison.gated else f"({word})", tone=tone, notes=marks)

    return words("verdict", cell_of)


def comparison_table(rows: Sequence[Comparison], notes: Sequence[str]) -> Table:
    """A line for each row, in the order given. notes: the footnotes that number the warnings of the rows."""
    columns = (SCENARIO, REQUEST, METRIC, BASE, HEAD, CHANGE, INTERVAL, MARGIN, verdict_column(notes))
    return table_of(columns, rows, smallest_changes(rows))


def timing_table(rows: Sequence[Comparison], *, compared: bool) -> Table:
    """Where the time of requests went: a line for each row, in the order given. compared: with base and the change."""
    return table_of((SCENARIO, REQUEST, METRIC, *((BASE, HEAD, CHANGE, INTERVAL) if compared else (VALUE,))), rows)


def smallest_changes(rows: Sequence[Comparison]) -> str:
    """The changes that these rows could have told from noise, and the rounds behind them; "" of no rows."""
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
    """The first and the last of some numbers: "0.7 to 13 %", or the one that they all are."""
    if not ordered or ordered[0] == ordered[-1]:
        return ordered[0] if ordered else ""
    return f"{ordered[0].split(' ')[0]} to {ordered[-1]}"


# The load-test summary

_REQUEST_OF_SUMMARY: Column[ScenarioSummary] = words("request", lambda line: name_cell(line.request))
_SIDE: Column[ScenarioSummary] = words("side", lambda line: Cell(line.side))
_RETRIES: Column[ScenarioSummary] = numeric("retries", lambda line: Cell(numbers.value(line.retries, "count")))


def summary_table(lines: Sequence[ScenarioSummary]) -> Table:
    """The load-test summary. A column for base and head, for requests and for retries only where there are any.

    The line of a request name is left out where its scenario has but that one: it would say the same twice.
    """
    lines = summary_lines(lines)
    names: list[Column[ScenarioSummary]] = [words("scenario", lambda line: name_cell(line.scenario))]
    if any(line.request is not None for line in lines):
        names.append(_REQUEST_OF_SUMMARY)
    return table_of((*names, *summary_columns(lines)), lines)


def summary_lines(lines: Sequence[ScenarioSummary]) -> list[ScenarioSummary]:
    """The lines that a table shows, both sides of each next to each other."""
    return _side_by_side(_without_single_requests(lines))


def summary_columns(lines: Sequence[ScenarioSummary]) -> tuple[Column[ScenarioSummary], ...]:
    """The columns after the names; the side and the retries only where there are any."""
    return (
        *([_SIDE] if any(line.side for line in lines) else []),
        numeric("average response time", lambda line: Cell(numbers.value(line.avg_ms, "ms"))),
        numeric("peak VUs", _peak_vus),
        numeric("errors", _errors),
        words("threshold compliance", _compliance),
        numeric("requests", lambda line: Cell(numbers.value(line.requests, "count"))),
        numeric("req/s", lambda line: Cell(_rate(line.requests_per_second))),
        numeric("p(95)", lambda line: Cell(numbers.value(line.p95_ms, "ms"))),
        *([_RETRIES] if any(line.retries for line in lines) else []),
    )


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


def _peak_vus(line: ScenarioSummary) -> Cell:
    return EMPTY if line.request is not None else Cell(numbers.value(line.vus_max, "count"))


def _errors(line: ScenarioSummary) -> Cell:
    return Cell(numbers.value(line.failed, "fraction"), tone=Tone.BAD if line.failed == 1 else Tone.PLAIN)


def _rate(per_second: float | None) -> str:
    return numbers.NOTHING if per_second is None else format_rate(per_second).removesuffix("/s")


def _compliance(line: ScenarioSummary) -> Cell:
    if not line.thresholds_total:
        # Thresholds are declared for a scenario and judge head: only there their lack is worth a word.
        return EMPTY if line.request is not None or line.side == "base" else Cell("none declared")
    if line.thresholds_passed == line.thresholds_total:
        return Cell("Passed", tone=Tone.GOOD)
    return Cell("Partially passed" if line.thresholds_passed else "Failed", tone=Tone.BAD)


# Thresholds


def threshold_table(results: Sequence[ThresholdResult]) -> Table:
    """The thresholds that were crossed, then the others."""
    return table_of(_THRESHOLD_COLUMNS, sorted(results, key=lambda result: result.passed))


def _outcome(result: ThresholdResult) -> str:
    return "passed" if result.passed else "no data" if result.value is None else "crossed"


def _tone(result: ThresholdResult) -> Tone:
    return Tone.GOOD if result.passed else Tone.BAD


def _measured(result: ThresholdResult) -> str:
    return numbers.value(result.value, unit_of(result.threshold.metric, result.threshold.stat))


_THRESHOLD_COLUMNS: tuple[Column[ThresholdResult], ...] = (
    words("scenario", lambda result: name_cell(result.scenario)),
    words("threshold", lambda result: name_cell(f"{result.threshold.selector}: {result.threshold.expression}")),
    numeric("measured", lambda result: Cell(_measured(result), tone=_tone(result))),
    words("result", lambda result: Cell(_outcome(result), tone=_tone(result))),
)
