"""Trends as tables, for the terminal and as markdown: a sparkline for each row, and its change points with commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from perfgate.compare.comparison import RowVerdict
from perfgate.compare.stored.trend import Stretch, Trend, TrendPoint
from perfgate.report import numbers
from perfgate.report.cells import Cell, Column, Table, Tone, numeric, table_of, words
from perfgate.report.escaping import clean, escape_within
from perfgate.report.layout import Style, grouped_lines, wrap
from perfgate.report.markdown_table import table_text
from perfgate.report.tables import name_cell
from perfgate.report.trend.sparkline import condensed, sparkline
from perfgate.report.trend.trends import Trends, baseline_of, change_of, commit_of, shift_of
from perfgate.units import format_date

_SPARKLINE = 24
_MOST_SHIFTS = 20
_TONES = {RowVerdict.REGRESSED: Tone.BAD, RowVerdict.IMPROVED: Tone.GOOD}
_EXPLANATION = (
    "change: of the level, from the first runs to the newest. baseline: where perfgate compare expects the next run; "
    "– where it could not judge it."
)


def terminal(trends: Trends, *, color: bool) -> str:
    """The tables for a terminal, without a line break at the end."""
    style = Style(color)
    lines = [*(style.bold(line) for line in wrap(clean(_title(trends)))), ""]
    lines += grouped_lines(_table(trends), 2, style)
    shifts, left_out = _shifts(trends)
    if shifts:
        lines += ["", style.bold("Change points"), ""]
        lines += grouped_lines(_shift_table(trends, shifts), 2, style)
    lines += ["", *(style.dim(line) for line in wrap(_remark(left_out)))]
    return "\n".join(lines)


def markdown(trends: Trends, heading: str = "### ") -> str:
    """The tables as markdown, without a line break at the end; commits are links where their address is known.

    heading: what makes the title one; "" for a plain line.
    """
    shifts, left_out = _shifts(trends)
    blocks = [f"{heading}{escape_within(_title(trends))}", table_text(_table(trends))]
    if shifts:
        blocks += ["**Change points**", table_text(_shift_table(trends, shifts))]
    return "\n\n".join([*blocks, f"<sub>{escape_within(_remark(left_out))}</sub>"])


def _title(trends: Trends) -> str:
    """ "http_req_duration med on main, 2026-01-01 to 2026-03-04, AMD EPYC 7763, 4 cores"."""
    names = dict.fromkeys(numbers.metric_name(trend.row.metric, trend.row.stat) for trend in trends.trends)
    branch = f" on {trends.branch}" if trends.branch else ""
    testbeds = f", {trends.name_of(trends.used[0])}" if len(trends.used) == 1 else ""
    return f"{', '.join(names)}{branch}, {trends.span()}{testbeds}"


def _remark(left_out: int) -> str:
    return f"{_EXPLANATION}{f' {left_out:,} older change points are left out.' if left_out else ''}"


def _name_columns(trends: Trends) -> list[Column[Trend]]:
    """The columns that say what a line is about; metric and testbed only where there is more than one."""
    columns: list[Column[Trend]] = [
        words("scenario", lambda trend: name_cell(trend.row.scenario)),
        words("request", lambda trend: name_cell(trend.row.request)),
    ]
    if len({(trend.row.metric, trend.row.stat) for trend in trends.trends}) > 1:
        columns.append(words("metric", lambda trend: Cell(numbers.metric_name(trend.row.metric, trend.row.stat))))
    if len(trends.used) > 1:
        columns.append(words("testbed", lambda trend: name_cell(trends.name_of(trend.testbed))))
    return columns


_TREND_COLUMNS: tuple[Column[Trend], ...] = (
    words("trend", lambda trend: Cell(sparkline(condensed([point.value for point in trend.points], _SPARKLINE)))),
    numeric("newest", lambda trend: Cell(numbers.value(trend.newest.value, trend.row.unit))),
    numeric("change", lambda trend: Cell(change_of(trend), tone=_TONES.get(trend.verdict, Tone.PLAIN))),
    numeric("baseline", lambda trend: Cell(baseline_of(trend))),
    numeric("runs", lambda trend: Cell(f"{len(trend.points):,}")),
)


def _table(trends: Trends) -> Table:
    return table_of((*_name_columns(trends), *_TREND_COLUMNS), trends.trends)


@dataclass(frozen=True)
class _Shift:
    """A change point of a trend, with the first run after it."""

    trend: Trend
    stretch: Stretch

    @property
    def point(self) -> TrendPoint:
        return self.trend.points[self.stretch.start]


def _shifts(trends: Trends) -> tuple[list[_Shift], int]:
    """The newest change points, the newest first, and how many older ones there are."""
    found = [_Shift(trend, shift) for trend in trends.trends for shift in trend.shifts]
    found.sort(key=lambda shift: -shift.point.started_at)
    return found[:_MOST_SHIFTS], len(found[_MOST_SHIFTS:])


def _shift_table(trends: Trends, shifts: Sequence[_Shift]) -> Table:
    columns: tuple[Column[_Shift], ...] = (
        words("commit", lambda shift: Cell(commit_of(shift.point), name=True, link=trends.url_of(shift.point))),
        words("day", lambda shift: Cell(format_date(shift.point.started_at))),
        *(words(column.title, _of_trend(column)) for column in _name_columns(trends)),
        numeric("change", lambda shift: Cell(shift_of(shift.trend, shift.stretch), tone=_tone(shift))),
        numeric("level", lambda shift: Cell(numbers.value(shift.stretch.level, shift.trend.row.unit))),
    )
    return table_of(columns, shifts)


def _of_trend(column: Column[Trend]) -> Callable[[_Shift], Cell]:
    return lambda shift: column.cell_of(shift.trend)


def _tone(shift: _Shift) -> Tone:
    change = shift.stretch.change
    return Tone.PLAIN if change is None else Tone.BAD if shift.trend.is_worse(change) else Tone.GOOD
