"""Panels, from which the charts of trends are drawn: one for each row, its testbeds together, as records.

Every number comes with the text that a reader sees, so that a chart says nothing that a table would say otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from perfgate.compare.rows import Row
from perfgate.compare.stored.trend import Stretch, StretchStart, Trend, TrendPoint
from perfgate.report import numbers
from perfgate.report.cells import Tone
from perfgate.report.escaping import clean
from perfgate.report.trend.trends import Trends, commit_of, shift_of
from perfgate.units import format_date, format_minute

LABEL_ROWS = 3
_LABEL_SHARE = 0.26  # of a panel's width, that the label of a change point takes
_HEADROOM = 0.12  # of a panel's height, for one row of labels
_EDGE = 0.08  # of the values' range, below and above them
_BAND_SHARE = 0.5  # of the points' range, that a band may add below and above; a wider one is cut
_LEAST_RANGE = 0.2  # of the middle: noise alone does not fill a panel
_LEAST_RANGE_POINTS = 0.01
_BEYOND = 0.04  # of the time shown, that the newest band reaches into what comes next


@dataclass(frozen=True)
class PointRecord:
    """One run.

    time: when it began (Unix ms).
    value: of the panel's row, in its unit.
    testbed: the name of the machine.
    part: the line that joins it to others: a testbed, and which of its versions of the scenario.
    run: its id.
    commit: in short.
    date: when it began, as text.
    shown: the value as text.
    expected: where it should lie, as text.
    url: where the commit can be seen; None where that is unknown.
    """

    time: int
    value: float
    testbed: str
    part: str
    run: str
    commit: str
    date: str
    shown: str
    expected: str
    url: str | None


@dataclass(frozen=True)
class LevelRecord:
    """One stretch between two change points.

    time, end: from when to when (Unix ms).
    level: its value, in the unit of the panel's row.
    low, high: the band in which its runs should lie; None where it is unknown.
    testbed: the name of the machine.
    """

    time: int
    end: int
    level: float
    low: float | None
    high: float | None
    testbed: str


@dataclass(frozen=True)
class ShiftRecord:
    """One change point.

    time: of the first run after it (Unix ms).
    label: the commit and the change.
    commit: in short.
    change: as text.
    day: as text.
    tone: whether it is for the worse or for the better.
    testbed: the name of the machine.
    url: where the commit can be seen; None where that is unknown.
    row: of its label, from 0 at the top; None where there is no room for a label.
    side: of its line on which the label stands.
    """

    time: int
    label: str
    commit: str
    change: str
    day: str
    tone: Tone
    testbed: str
    url: str | None
    row: int | None
    side: Literal["left", "right"]


Record = PointRecord | LevelRecord | ShiftRecord


def plain(record: Record) -> dict[str, Any]:
    """The record as JSON has it."""
    return asdict(record, dict_factory=lambda pairs: {key: _plain_value(value) for key, value in pairs})


def _plain_value(value: Any) -> Any:
    return value.value if isinstance(value, Tone) else value


@dataclass(frozen=True)
class Panel:
    """One row on all testbeds.

    row: the statistic.
    trends: of it, one for each testbed.
    points: every run.
    levels: every stretch, with its band.
    shifts: every change point.
    low, high: the ends of the vertical axis.
    """

    row: Row
    trends: tuple[Trend, ...]
    points: tuple[PointRecord, ...]
    levels: tuple[LevelRecord, ...]
    shifts: tuple[ShiftRecord, ...]
    low: float
    high: float


def panels_of(trends: Trends) -> tuple[Panel, ...]:
    """The panels, in the order of the trends."""
    rows: dict[Row, list[Trend]] = {}
    for trend in trends.trends:
        rows.setdefault(trend.row, []).append(trend)
    return tuple(_panel(row, of_row, trends) for row, of_row in rows.items())


def tone_of(trend: Trend, change: float | None) -> Tone:
    """How a change is meant: for the worse or for the better."""
    if not change:
        return Tone.PLAIN
    return Tone.BAD if trend.is_worse(change) else Tone.GOOD


def _panel(row: Row, of_row: Sequence[Trend], trends: Trends) -> Panel:
    times = [_milliseconds(point) for trend in of_row for point in trend.points]
    first, last = min(times), max(times)
    points = [record for trend in of_row for record in _points(trend, trends)]
    levels = [record for trend in of_row for record in _levels(trend, trends, (first, last))]
    shifts = _labelled([record for trend in of_row for record in _shifts(trend, trends)], first, last)
    low, high = _range(row, points, levels, shifts)
    return Panel(row, tuple(of_row), tuple(points), tuple(levels), tuple(shifts), low, high)


def _points(trend: Trend, trends: Trends) -> list[PointRecord]:
    name = clean(trends.name_of(trend.testbed))
    part = 0
    records = []
    for stretch in trend.stretches:
        part += stretch.begins is StretchStart.SCENARIO
        for point in trend.points[stretch.start : stretch.end]:
            records.append(
                PointRecord(
                    time=_milliseconds(point),
                    value=point.value,
                    testbed=name,
                    part=f"{trend.testbed} {part}",
                    run=point.run,
                    commit=clean(commit_of(point)),
                    date=format_minute(point.started_at),
                    shown=numbers.value(point.value, trend.row.unit),
                    expected=_expected(trend, stretch),
                    url=trends.url_of(point) or None,
                )
            )
    return records


def _levels(trend: Trend, trends: Trends, shown: tuple[int, int]) -> list[LevelRecord]:
    """A stretch reaches to where the next one begins, and the newest a little into the future."""
    first, last = shown
    beyond = round((last - first) * _BEYOND) or 60_000
    starts = [_milliseconds(trend.points[stretch.start]) for stretch in trend.stretches]
    ends = [*starts[1:], _milliseconds(trend.newest) + beyond]
    return [
        LevelRecord(
            time=start,
            end=end,
            level=stretch.level,
            low=stretch.band.low if stretch.band else None,
            high=stretch.band.high if stretch.band else None,
            testbed=clean(trends.name_of(trend.testbed)),
        )
        for stretch, start, end in zip(trend.stretches, starts, ends, strict=True)
    ]


def _shifts(trend: Trend, trends: Trends) -> list[ShiftRecord]:
    records = []
    for shift in trend.shifts:
        point = trend.points[shift.start]
        records.append(
            ShiftRecord(
                time=_milliseconds(point),
                label=f"{clean(commit_of(point))}  {shift_of(trend, shift)}",
                commit=clean(commit_of(point)),
                change=shift_of(trend, shift),
                day=format_date(point.started_at),
                tone=tone_of(trend, shift.change),
                testbed=clean(trends.name_of(trend.testbed)),
                url=trends.url_of(point) or None,
                row=None,
                side="right",
            )
        )
    return records


def _labelled(shifts: Sequence[ShiftRecord], first: int, last: int) -> list[ShiftRecord]:
    """Each with a row in which its label covers no other, None where there is none; the newest are placed first.

    Of neighbours the older label stands higher, and a line begins at its label: so it crosses no label on its left.
    """
    width = (last - first) * _LABEL_SHARE
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LABEL_ROWS)]
    placed = []
    for shift in sorted(shifts, key=lambda shift: -shift.time):
        left = shift.time + width > last
        span = (shift.time - width, shift.time) if left else (shift.time, shift.time + width)
        free = [row for row in range(LABEL_ROWS) if all(span[1] < start or span[0] > end for start, end in taken[row])]
        row = free[-1] if free else None
        if row is not None:
            taken[row].append(span)
        placed.append(replace(shift, row=row, side="left" if left else "right"))
    unused = min((shift.row for shift in placed if shift.row is not None), default=0)
    return [
        replace(shift, row=None if shift.row is None else shift.row - unused)
        for shift in sorted(placed, key=lambda shift: shift.time)
    ]


def _range(
    row: Row, points: Sequence[PointRecord], levels: Sequence[LevelRecord], shifts: Sequence[ShiftRecord]
) -> tuple[float, float]:
    values = [point.value for point in points]
    low, high = min(values), max(values)
    bounds = [bound for level in levels for bound in (level.low, level.high) if bound is not None]
    room = (high - low) * _BAND_SHARE
    low, high = max(low - room, min([low, *bounds])), min(high + room, max([high, *bounds]))
    middle = (low + high) / 2
    least = _LEAST_RANGE_POINTS if row.in_points else abs(middle) * _LEAST_RANGE or 1.0
    reach = max(high - low, least)
    low, high = middle - reach * (0.5 + _EDGE), middle + reach * (0.5 + _EDGE)
    rows = 1 + max((shift.row for shift in shifts if shift.row is not None), default=-1)
    floor = 0.0 if min(values) >= 0 else low
    return max(low, floor), high + (high - low) * _HEADROOM * rows / (1 - _HEADROOM * rows)


def _expected(trend: Trend, stretch: Stretch) -> str:
    """Where a run of that stretch should lie."""
    return numbers.span(stretch.band.low, stretch.band.high, trend.row.unit) if stretch.band else numbers.NOTHING


def _milliseconds(point: TrendPoint) -> int:
    return round(point.started_at * 1000)
