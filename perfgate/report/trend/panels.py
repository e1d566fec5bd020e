"""Panels, from which the charts of trends are drawn: one for each row, its testbeds together, as records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from perfgate.compare.rows import Row
from perfgate.compare.stored.trend import Stretch, StretchStart, Trend, TrendPoint
from perfgate.report import numbers
from perfgate.report.cells import Tone
from perfgate.report.escaping import clean
from perfgate.report.trend.labels import labelled
from perfgate.report.trend.records import Axis, LevelRecord, PointRecord, ShiftRecord
from perfgate.report.trend.trends import Trends, commit_of, shift_of
from perfgate.units import format_date, format_minute

_HEADROOM = 0.12  # of a panel's height, for one row of labels
_EDGE = 0.08  # of the values' range, below and above them
_BAND_SHARE = 0.5  # of the points' range, that a band may add below and above; a wider one is cut
_LEAST_RANGE = 0.2  # of the middle: noise alone does not fill a panel
_LEAST_RANGE_POINTS = 0.01
_BEYOND = 0.04  # of what is shown, that the newest band reaches into what comes next
_LEAST_BEYOND = 0.5  # of the step from one run to the next


@dataclass(frozen=True)
class PanelRuns:
    """The runs of one or more panels.

    order: the place of each by its id, from 1.
    first, last: when the first and the last one began (Unix ms).
    """

    order: Mapping[str, int]
    first: int
    last: int

    @classmethod
    def of(cls, trends: Sequence[Trend]) -> PanelRuns:
        """Those of all testbeds together."""
        return cls.among((point.started_at, point.run) for trend in trends for point in trend.points)

    @classmethod
    def among(cls, runs: Iterable[tuple[float, str]]) -> PanelRuns:
        """These runs, by when they began (Unix seconds) and their id; some may come more than once."""
        began = sorted(set(runs))
        order = {run: place for place, (_, run) in enumerate(began, 1)}
        return cls(order, _milliseconds(began[0][0]), _milliseconds(began[-1][0]))

    @property
    def time_beyond(self) -> int:
        """How far the newest band reaches into the time to come (ms)."""
        return round((self.last - self.first) * _BEYOND) or 60_000

    @property
    def order_beyond(self) -> float:
        """How far it reaches among the runs to come."""
        return max(_LEAST_BEYOND, len(self.order) * _BEYOND)


@dataclass(frozen=True)
class Panel:
    """One row on all testbeds.

    row: the statistic.
    trends: of it, one for each testbed.
    shown: all trends of the page.
    runs: the places of its runs.
    levels: every stretch, with its band.
    shifts: every change point, its label placed where there is room on that axis.
    low, high: the ends of the vertical axis.
    """

    row: Row
    trends: tuple[Trend, ...]
    shown: Trends
    runs: PanelRuns
    levels: tuple[LevelRecord, ...]
    shifts: Mapping[Axis, tuple[ShiftRecord, ...]]
    low: float
    high: float

    @cached_property
    def points(self) -> tuple[PointRecord, ...]:
        """Every run, in words as well: made for those who read them."""
        return tuple(record for trend in self.trends for record in _points(trend, self.shown, self.runs))


def panels_of(trends: Trends, runs: PanelRuns | None = None) -> tuple[Panel, ...]:
    """The panels, in the order of the trends. runs: of all panels together; of each its own where None."""
    rows: dict[Row, list[Trend]] = {}
    for trend in trends.trends:
        rows.setdefault(trend.row, []).append(trend)
    return tuple(_panel(row, of_row, trends, runs or PanelRuns.of(of_row)) for row, of_row in rows.items())


def tone_of(trend: Trend, change: float | None) -> Tone:
    """How a change is meant: for the worse or for the better."""
    if not change:
        return Tone.PLAIN
    return Tone.BAD if trend.is_worse(change) else Tone.GOOD


def _panel(row: Row, of_row: Sequence[Trend], trends: Trends, runs: PanelRuns) -> Panel:
    levels = [record for trend in of_row for record in _levels(trend, trends, runs)]
    found = [record for trend in of_row for record in _shifts(trend, trends, runs)]
    shifts: dict[Axis, tuple[ShiftRecord, ...]] = {
        "order": labelled(found, lambda shift: shift.order, (1, len(runs.order))),
        "time": labelled(found, lambda shift: shift.time, (runs.first, runs.last)),
    }
    values = [point.value for trend in of_row for point in trend.points]
    low, high = _range(row, values, levels, [one for placed in shifts.values() for one in placed])
    return Panel(row, tuple(of_row), trends, runs, tuple(levels), shifts, low, high)


def _points(trend: Trend, trends: Trends, runs: PanelRuns) -> list[PointRecord]:
    name = clean(trends.name_of(trend.testbed))
    part = 0
    records = []
    for stretch in trend.stretches:
        part += stretch.begins is StretchStart.SCENARIO
        for point in trend.points[stretch.start : stretch.end]:
            records.append(
                PointRecord(
                    time=_time_of(point),
                    order=runs.order[point.run],
                    value=point.value,
                    testbed=name,
                    part=f"{trend.testbed} {part}",
                    run=point.run,
                    commit=clean(commit_of(point)),
                    date=format_minute(point.started_at),
                    shown=numbers.value(point.value, trend.row.unit),
                    expected=expected_in(trend, stretch),
                    url=trends.url_of(point) or None,
                )
            )
    return records


def _levels(trend: Trend, trends: Trends, runs: PanelRuns) -> list[LevelRecord]:
    """A stretch reaches to where the next one begins, and the newest a little into the future."""
    firsts = [trend.points[stretch.start] for stretch in trend.stretches]
    newest = trend.newest
    times = [*map(_time_of, firsts), _time_of(newest) + runs.time_beyond]
    places = [*(runs.order[point.run] for point in firsts), runs.order[newest.run] + runs.order_beyond]
    return [
        LevelRecord(
            time=times[number],
            end=times[number + 1],
            order=runs.order[firsts[number].run],
            last=places[number + 1],
            level=stretch.level,
            low=stretch.band.low if stretch.band else None,
            high=stretch.band.high if stretch.band else None,
            testbed=clean(trends.name_of(trend.testbed)),
        )
        for number, stretch in enumerate(trend.stretches)
    ]


def _shifts(trend: Trend, trends: Trends, runs: PanelRuns) -> list[ShiftRecord]:
    records = []
    for shift in trend.shifts:
        point = trend.points[shift.start]
        records.append(
            ShiftRecord(
                time=_time_of(point),
                order=runs.order[point.run],
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


def _range(
    row: Row, values: Sequence[float], levels: Sequence[LevelRecord], shifts: Sequence[ShiftRecord]
) -> tuple[float, float]:
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


def expected_in(trend: Trend, stretch: Stretch) -> str:
    """Where a run of that stretch should lie."""
    return numbers.span(stretch.band.low, stretch.band.high, trend.row.unit) if stretch.band else numbers.NOTHING


def _time_of(point: TrendPoint) -> int:
    return _milliseconds(point.started_at)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
