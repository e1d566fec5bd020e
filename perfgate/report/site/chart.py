"""The charts of a scenario's page in Vega-Lite: their runs are put in by the script, those alone that are in view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfgate.metrics.histogram import Histogram
from perfgate.report.cells import Tone
from perfgate.report.charts.colors import PALETTE, TONES
from perfgate.report.charts.columns import columns
from perfgate.report.charts.distribution import distribution_chart
from perfgate.report.trend.panels import Panel
from perfgate.report.trend.records import plain

_HEIGHT = 240
_LABEL_TOP, _LABEL_LINE = 8, 15
_SMALL, _LARGE = 24, 120
_UNITS = {"ms": ("ms", "~f"), "fraction": (None, ".1~%"), "per_second": ("per second", "~s"), "bytes": ("bytes", "~s")}
_NO_LABEL = 380  # pixels of a chart, below which there is no room for labels

BEFORE, THIS = "the run before", "this run"


def panel_chart(panel: Panel, colors: Mapping[str, str], runs: int) -> dict[str, Any]:
    """One row over the runs. colors: of the testbeds, by their names. runs: how many there are on the axis."""
    color = {"field": "testbed", "type": "nominal", "legend": None}
    color["scale"] = {"domain": list(colors), "range": list(colors.values())}  # type: ignore[assignment]
    hover = {"type": "point", "on": "pointerover", "clear": "pointerout", "nearest": True, "fields": ["order"]}
    size = {"condition": {"param": "hover", "empty": False, "value": _LARGE}, "value": _SMALL}
    level, value = _value(panel, "level"), _value(panel, "value")
    band = {"y": _value(panel, "low"), "y2": {"field": "high"}, "x2": {"field": "last"}}
    return {
        "width": "container",
        "height": _HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "params": [{"name": "from", "value": 0.5}, {"name": "to", "value": runs + 0.5}],
        "datasets": {
            "points": [],
            "chosen": [],
            "levels": [plain(level) for level in panel.levels],
            "shifts": [plain(shift) | {"top": _top(shift.row)} for shift in panel.shifts["order"]],
        },
        "layer": [
            _layer("levels", {"type": "rect", "opacity": 0.13}, band | {"color": color}),
            _layer(
                "levels",
                {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6},
                {"y": level, "x2": {"field": "last"}, "color": color},
            ),
            _layer("chosen", {"type": "rule", "strokeWidth": 6, "opacity": 0.25, "color": PALETTE[0]}, {}),
            _layer(
                "points",
                {"type": "line", "strokeWidth": 1, "opacity": 0.4},
                {"y": value, "color": color, "detail": {"field": "part"}},
            ),
            *_shift_layers(),
            _layer(
                "points",
                {"type": "circle", "opacity": 0.9, "tooltip": {"content": "data"}},
                {"y": value, "color": color, "size": size},
            )
            | {"params": [{"name": "hover", "select": hover}]},
        ],
        **columns(
            "points", date="date (UTC)", commit="commit", value=_title(panel), testbed="testbed", expected="expected"
        ),
    }


def latency_chart() -> dict[str, Any]:
    """The response times of a request in two runs; the script puts them in."""
    chart = distribution_chart({BEFORE: Histogram(), THIS: Histogram()})
    chart["encoding"]["color"]["scale"]["range"] = [TONES[Tone.PLAIN], PALETTE[0]]
    return chart


def _title(panel: Panel) -> str:
    return f"value ({panel.row.unit.replace('_', ' ')})"


def _layer(dataset: str, mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
    axis = {"title": "runs in their order (UTC)", "grid": False, "tickCount": 6, "tickMinStep": 1, "labelOverlap": True}
    scale = {"domain": [{"expr": "from"}, {"expr": "to"}], "zero": False, "nice": False}
    x = {"field": "order", "type": "quantitative", "scale": scale, "axis": axis | {"labelExpr": "day(datum.value)"}}
    return {"data": {"name": dataset}, "mark": {**mark, "clip": True}, "encoding": {"x": x, **encoding}}


def _value(panel: Panel, field: str) -> dict[str, Any]:
    title, number = _UNITS.get(panel.row.unit, (None, "~s"))
    scale = {"domain": [panel.low, panel.high], "zero": False, "nice": False}
    axis = {"title": title, "tickCount": 5, "format": number}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def _top(row: int | None) -> int:
    """Where the label of a change point stands (pixels from the top)."""
    return _LABEL_TOP + (row or 0) * _LABEL_LINE


def _shift_layers() -> list[dict[str, Any]]:
    """A line for each change point, from its label down, and the labels if they have a row."""
    scale = {"domain": [tone.value for tone in Tone], "range": [TONES[tone] for tone in Tone]}
    tone = {"field": "tone", "type": "nominal", "scale": scale, "legend": None}
    # In pixels: the row of a label, and the foot of the chart.
    top = {"field": "top", "type": "quantitative", "scale": None}
    line = _layer(
        "shifts",
        {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.2},
        {"y": top, "y2": {"value": "height"}, "stroke": tone},
    )
    sides = {"left": ("right", -5), "right": ("left", 5)}
    labels = []
    for side, (align, offset) in sides.items():
        mark = {"type": "text", "align": align, "dx": offset, "fontSize": 11, "fontWeight": 600}
        mark["opacity"] = {"expr": f"width < {_NO_LABEL} ? 0 : 1"}
        label = _layer("shifts", mark, {"y": top, "text": {"field": "label"}, "fill": tone})
        labels.append(label | {"transform": [{"filter": f"datum.row !== null && datum.side === '{side}'"}]})
    return [line, *labels]
