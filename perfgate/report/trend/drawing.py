"""One panel drawn in layers by Altair, which takes a second to import: only `chart` imports this, and late."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

import altair as alt

from perfgate.report.cells import Tone
from perfgate.report.charts.colors import PALETTE, TONES
from perfgate.report.escaping import clean
from perfgate.report.trend.panels import Panel
from perfgate.report.trend.records import Axis, ShiftRecord, plain
from perfgate.report.trend.trends import Trends

_LABEL_TOP = 8
_LABEL_LINE = 15
_LEAST_WIDTH = 380
_SMALL, _LARGE = 24, 120
_ROOM = 8  # pixels at both ends, so that the points there are whole
_SIDES: dict[str, tuple[Literal["left", "right"], int]] = {"left": ("right", -5), "right": ("left", 5)}
# Days, and within a day hours of a 24-hour clock.
_TIME = (
    "utcFormat(datum.value, utcseconds(datum.value) ? '%H:%M:%S'"
    " : utchours(datum.value) || utcminutes(datum.value) ? '%H:%M'"
    " : utcmonth(datum.value) || utcdate(datum.value) > 1 ? '%b %d' : '%Y')"
)
_LONG_MS = 2 * 86_400_000  # from so many on, runs are told apart by their day
_UNITS = {"ms": ("ms", "~f"), "fraction": (None, ".1~%"), "per_second": ("per second", "~s"), "bytes": ("bytes", "~s")}


def testbed_colors(trends: Trends) -> alt.Scale:
    """The same colour for a testbed in all panels."""
    names = [clean(trends.name_of(testbed)) for testbed in trends.used]
    return alt.Scale(domain=names, range=[PALETTE[place % len(PALETTE)] for place in range(len(names))])


def datasets_of(panel: Panel, key: str, axes: Iterable[Axis]) -> dict[str, list[dict[str, Any]]]:
    """The records that `draw` refers to by name, since several layers and axes share them."""
    shifts = {
        _name_of(key, axis, group): list(map(plain, shifts))
        for axis in axes
        for group, shifts in _grouped(panel, axis).items()
    }
    return {f"{key}-points": list(map(plain, panel.points)), f"{key}-levels": list(map(plain, panel.levels)), **shifts}


def draw(panel: Panel, key: str, axis: Axis, colors: alt.Scale, interactive: bool) -> Any:
    """Bands and levels below, then change points, the points on top. key: of the panel's datasets.

    interactive: to hover and to zoom; else there is a legend, if there is more than one testbed.
    """
    names = list(colors.to_dict()["domain"])
    legend = None if interactive or len(names) == 1 else alt.Legend(title=None, orient="bottom", direction="horizontal")
    color = alt.Color("testbed:N", scale=colors, legend=legend)
    x = _in_order(panel) if axis == "order" else _in_time()
    levels = _chart(f"{key}-levels", x).encode(x2="last:Q" if axis == "order" else "end:T", color=color)
    measured = _chart(f"{key}-points", x).encode(y=_value(panel), color=color)
    shifts = ((group, _chart(_name_of(key, axis, group), x)) for group in _grouped(panel, axis))
    return alt.layer(
        levels.mark_rect(opacity=0.13, clip=True).encode(y=_value(panel, "low"), y2="high:Q"),
        levels.mark_rule(strokeWidth=1.5, opacity=0.6, clip=True).encode(y=_value(panel, "level")),
        measured.mark_line(strokeWidth=1, opacity=0.4, clip=True).encode(detail="part:N"),
        *(layer for group, chart in shifts for layer in _shifts(chart, group, interactive)),
        _hovered(measured) if interactive else measured.mark_circle(size=_SMALL, opacity=0.9, clip=True),
    )


_Group = tuple[int | None, str]


def _grouped(panel: Panel, axis: Axis) -> dict[_Group, list[ShiftRecord]]:
    """The change points by the row of their label and the side that it stands on."""
    groups: dict[_Group, list[ShiftRecord]] = {}
    for shift in panel.shifts[axis]:
        groups.setdefault((shift.row, shift.side), []).append(shift)
    return groups


def _name_of(key: str, axis: Axis, group: _Group) -> str:
    return f"{key}-shifts-{axis}-{group[0]}-{group[1]}"


def _chart(dataset: str, x: alt.X) -> Any:
    return alt.Chart(alt.NamedData(dataset)).encode(x=x)


def _in_time() -> alt.X:
    axis = alt.Axis(title="UTC", grid=False, tickCount=6, labelOverlap=True, labelExpr=_TIME)
    return alt.X("time:T", scale=alt.Scale(type="utc", nice=False, padding=_ROOM), axis=axis)


def _in_order(panel: Panel) -> alt.X:
    """Runs side by side, however long the time between two of them; the labels say when they began."""
    runs = sorted({point.order: point for point in panel.points}.values(), key=lambda point: point.order)
    days = runs[-1].time - runs[0].time > _LONG_MS
    # Of "2026-01-06 12:00 UTC" the day, or the time of that day.
    labels = [point.date[:10] if days else point.date[5:16] for point in runs]
    shown = f"{json.dumps(labels)}[datum.value - 1] || ''"
    axis = alt.Axis(
        title="runs in their order (UTC)", grid=False, tickCount=6, tickMinStep=1, labelOverlap=True, labelExpr=shown
    )
    return alt.X("order:Q", scale=alt.Scale(zero=False, nice=False, padding=_ROOM), axis=axis)


def _value(panel: Panel, field: str = "value") -> alt.Y:
    title, number = _UNITS.get(panel.row.unit, (None, "~s"))
    scale = alt.Scale(domain=[panel.low, panel.high], zero=False, nice=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, tickCount=5, format=number))


def _hovered(measured: Any) -> Any:
    """The points, of which the nearest to the pointer says what it is; and the zoom of the whole panel."""
    hover = alt.selection_point(
        name="hover", on="pointerover", clear="pointerout", nearest=True, fields=["run"], empty=False
    )
    # A plain wheel scrolls the page; a pinch arrives as a wheel with Ctrl.
    wheel = "wheel![event.ctrlKey || event.metaKey]"
    zoom = alt.selection_interval(name="zoom", bind="scales", encodings=["x"], zoom=wheel)
    # The whole record goes to the page, which makes a tooltip of it and opens its commit: with the nearest point to
    # answer, Vega-Lite 6.4 looks for fields that are named here in the wrong place, and knows no link.
    size = alt.when(hover).then(alt.value(_LARGE)).otherwise(alt.value(_SMALL))
    points = measured.mark_circle(opacity=0.9, clip=True, tooltip={"content": "data"})
    return points.encode(size=size).add_params(hover, zoom)


def _shifts(shifts: Any, group: _Group, interactive: bool) -> list[Any]:
    """A line for each change point of a group, from its label down, and the labels if they have a row."""
    row, side = group
    tones = alt.Scale(domain=[tone.value for tone in Tone], range=[TONES[tone] for tone in Tone])
    top = _LABEL_TOP + (row or 0) * _LABEL_LINE
    lines = shifts.mark_rule(strokeDash=[4, 3], strokeWidth=1.2, clip=True).encode(
        y=alt.value(top - _LABEL_LINE / 2),
        y2=alt.value("height"),
        stroke=alt.Stroke("tone:N", scale=tones, legend=None),
    )
    if row is None:
        return [lines]
    align, offset = _SIDES[side]
    labels = shifts.mark_text(align=align, dx=offset, fontSize=11, fontWeight=600, clip=True)
    if interactive:  # on a narrow screen there is no room for them
        labels.mark.opacity = alt.ExprRef(f"width < {_LEAST_WIDTH} ? 0 : 1")
    fill = alt.Fill("tone:N", scale=tones, legend=None)
    return [lines, labels.encode(y=alt.value(top), text="label:N", fill=fill)]
