"""One panel drawn in layers by Altair, which takes a second to import: only `chart` imports this, and late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from perfgate.report.escaping import clean
from perfgate.report.panels import LABEL_ROWS, Panel, Record
from perfgate.report.tables import Tone
from perfgate.report.trend_colors import PALETTE, TONES
from perfgate.report.trends import Trends

_LABEL_TOP = 8
_LABEL_LINE = 15
_SMALL, _LARGE = 24, 120
_AXES = {"ms": ("ms", "~f"), "fraction": (None, ".1~%"), "per_second": ("per second", "~s"), "bytes": ("bytes", "~s")}


def testbed_colors(trends: Trends) -> alt.Scale:
    """The same colour for a testbed in all panels."""
    names = [clean(trends.name_of(testbed)) for testbed in trends.used]
    return alt.Scale(domain=names, range=[PALETTE[place % len(PALETTE)] for place in range(len(names))])


def draw(panel: Panel, colors: alt.Scale, interactive: bool) -> Any:
    """Bands and levels below, then change points, the points on top. interactive: to hover and to zoom.

    Without interaction there is a legend, if there is more than one testbed.
    """
    names = list(colors.to_dict()["domain"])
    legend = None if interactive or len(names) == 1 else alt.Legend(title=None, orient="bottom", direction="horizontal")
    color = alt.Color("testbed:N", scale=colors, legend=legend)
    levels = _on_time(panel.levels).encode(x2="end:T", color=color)
    measured = _on_time(panel.points).encode(y=_value(panel), color=color)
    return alt.layer(
        levels.mark_rect(opacity=0.13, clip=True).encode(y=_value(panel, "low"), y2="high:Q"),
        levels.mark_rule(strokeWidth=1.5, opacity=0.6, clip=True).encode(y=_value(panel, "level")),
        measured.mark_line(strokeWidth=1, opacity=0.4, clip=True).encode(detail="part:N"),
        *_shifts(panel.shifts),
        _hovered(measured, panel) if interactive else measured.mark_circle(size=_SMALL, opacity=0.9, clip=True),
    )


def _on_time(records: Sequence[Record]) -> Any:
    axis = alt.Axis(title=None, grid=False, tickCount=6, labelOverlap=True)
    time = alt.X("time:T", scale=alt.Scale(type="utc", nice=False), axis=axis)
    return alt.Chart({"values": list(records)}).encode(x=time)


def _value(panel: Panel, field: str = "value") -> alt.Y:
    title, number = _AXES.get(panel.row.unit, (None, "~s"))
    scale = alt.Scale(domain=[panel.low, panel.high], zero=False, nice=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, tickCount=5, format=number))


def _hovered(measured: Any, panel: Panel) -> Any:
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


def _shifts(shifts: Sequence[Record]) -> list[Any]:
    """A line for each change point, and labels in rows of their own at the top."""
    tones = alt.Scale(domain=[tone.value for tone in Tone], range=[TONES[tone] for tone in Tone])
    layers: list[Any] = []
    if shifts:
        lines = _on_time(shifts).mark_rule(strokeDash=[4, 3], strokeWidth=1.2, clip=True)
        layers.append(lines.encode(stroke=alt.Stroke("tone:N", scale=tones, legend=None)))
    for row in range(LABEL_ROWS):
        for side, align, offset in (("left", "right", -5), ("right", "left", 5)):
            shown = [shift for shift in shifts if (shift["row"], shift["side"]) == (row, side)]
            if shown:
                text = _on_time(shown).mark_text(align=align, dx=offset, fontSize=11, fontWeight=600, clip=True)
                fill = alt.Fill("tone:N", scale=tones, legend=None)
                layers.append(text.encode(y=alt.value(_LABEL_TOP + row * _LABEL_LINE), text="label:N", fill=fill))
    return layers
