"""Trends as tables, for the terminal and as markdown: a sparkline for each row, and its change points with commits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from perfgate.compare.comparison import RowVerdict
from perfgate.compare.trend import Stretch, Trend
from perfgate.report import numbers
from perfgate.report.escaping import clean, escape_within
from perfgate.report.layout import Style, grouped_lines, wrap
from perfgate.report.markdown_table import table_text
from perfgate.report.tables import EMPTY, Cell, Column, Table, Tone
from perfgate.report.trend.sparkline import sparkline
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


def _columns(*titles: str, figures_from: int) -> tuple[Column, ...]:
    return tuple(Column(title, place >= figures_from) for place, title in enumerate(titles))


def _several(trends: Trends) -> tuple[bool, bool]:
    """Whether there is more than one statistic, and more than one testbed: only then there is a column for them."""
    return len({(trend.row.metric, trend.row.stat) for trend in trends.trends}) > 1, len(trends.used) > 1


def _names(trends: Trends, trend: Trend) -> list[Cell]:
    """The cells that say what a line is about, from the scenario on."""
    statistics, testbeds = _several(trends)
    row = trend.row
    return [
        Cell(row.scenario, name=True),
        EMPTY if row.request is None else Cell(row.request, name=True),
        *[Cell(numbers.metric_name(row.metric, row.stat))] * statistics,
        *[Cell(trends.name_of(trend.testbed), name=True)] * testbeds,
    ]


def _name_titles(trends: Trends) -> list[str]:
    statistics, testbeds = _several(trends)
    return ["scenario", "request", *["metric"] * statistics, *["testbed"] * testbeds]


def _table(trends: Trends) -> Table:
    names = _name_titles(trends)
    columns = _columns(*names, "trend", "newest", "change", "baseline", "runs", figures_from=len(names) + 1)
    return Table(columns, tuple((*_names(trends, trend), *_line(trend)) for trend in trends.trends), "")


def _line(trend: Trend) -> tuple[Cell, ...]:
    return (
        Cell(sparkline(_condensed([point.value for point in trend.points]))),
        Cell(numbers.value(trend.newest.value, trend.row.unit)),
        Cell(change_of(trend), tone=_TONES.get(trend.verdict, Tone.PLAIN)),
        Cell(baseline_of(trend)),
        Cell(f"{len(trend.points):,}"),
    )


def _condensed(values: Sequence[float]) -> list[float]:
    """At most _SPARKLINE values: medians of neighbours where there are more."""
    count = min(len(values), _SPARKLINE)
    edges = [place * len(values) // count for place in range(count + 1)]
    return [median(values[start:end]) for start, end in pairwise(edges)]


def _shifts(trends: Trends) -> tuple[list[tuple[Trend, Stretch]], int]:
    """The newest change points, the newest first, and how many older ones there are."""
    found = [(trend, shift) for trend in trends.trends for shift in trend.shifts]
    found.sort(key=lambda one: -one[0].points[one[1].start].started_at)
    return found[:_MOST_SHIFTS], len(found[_MOST_SHIFTS:])


def _shift_table(trends: Trends, shifts: Sequence[tuple[Trend, Stretch]]) -> Table:
    names = _name_titles(trends)
    columns = _columns("commit", "day", *names, "change", "level", figures_from=len(names) + 2)
    return Table(columns, tuple(_shift_line(trends, *shift) for shift in shifts), "")


def _shift_line(trends: Trends, trend: Trend, shift: Stretch) -> tuple[Cell, ...]:
    point = trend.points[shift.start]
    tone = Tone.PLAIN if shift.change is None else Tone.BAD if trend.is_worse(shift.change) else Tone.GOOD
    return (
        Cell(commit_of(point), name=True, link=trends.url_of(point)),
        Cell(format_date(point.started_at)),
        *_names(trends, trend),
        Cell(shift_of(trend, shift), tone=tone),
        Cell(numbers.value(shift.level, trend.row.unit)),
    )
