"""Response times of a request on each side: the share that is answered by a time, and the shift of each quantile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perfgate.metrics.histogram import Histogram
from perfgate.metrics.tally_statistics import NANOSECONDS_PER_MILLISECOND
from perfgate.report import numbers
from perfgate.report.cells import Tone
from perfgate.report.charts.colors import PALETTE, TONES
from perfgate.report.charts.columns import columns

_HEIGHT = 230
# A quantile needs some requests beyond it to mean anything.
_BEYOND = 10
_SHARES = (*(n / 100 for n in range(1, 100)), 0.995, 0.999)


def quantiles(latencies: Histogram) -> dict[float, float]:
    """Milliseconds by share, as far into the tail as there are requests beyond."""
    return {
        share: latencies.quantile(share) / NANOSECONDS_PER_MILLISECOND
        for share in _SHARES
        if latencies.count * min(share, 1 - share) >= _BEYOND or share == 0.5
    }


def distribution_chart(sides: Mapping[str, Histogram]) -> dict[str, Any]:
    """The share of requests that were answered by a time, a line a side, in Vega-Lite. sides: by their names."""
    values = [
        {"side": name, "ms": time, "share": share, "shown": numbers.value(time, "ms")}
        for name, latencies in sides.items()
        if latencies.count
        for share, time in quantiles(latencies).items()
    ]
    tooltip = [
        {"field": "side", "title": "side"},
        {"field": "share", "title": "share", "format": ".1~%"},
        {"field": "shown", "title": "answered within"},
    ]
    told = columns(side="side", share="share of requests", ms="answered within (ms)")
    return (
        _chart(values)
        | told
        | {
            "mark": {"type": "line", "interpolate": "monotone", "strokeWidth": 2, "point": {"size": 14}},
            "encoding": {
                "x": {
                    "field": "ms",
                    "type": "quantitative",
                    "scale": {"type": "log", "nice": False},
                    "axis": {"title": "response time (ms, log scale)", "format": "~g", "tickCount": 6},
                },
                "y": {"field": "share", "type": "quantitative", "axis": {"title": "answered", "format": "~%"}},
                "color": color_by_side(list(sides)),
                "tooltip": tooltip,
            },
        }
    )


def shift_chart(base: Histogram, head: Histogram) -> dict[str, Any]:
    """By how much each quantile moved from base to head, in Vega-Lite."""
    before, after = quantiles(base), quantiles(head)
    values = [
        {
            "share": share,
            "base": before[share],
            "head": after[share],
            "shift": after[share] / before[share] - 1,
            "shown": f"{numbers.value(before[share], 'ms')} → {numbers.value(after[share], 'ms')}",
        }
        for share in before
        if share in after and before[share] > 0
    ]
    position = {
        "x": {"field": "share", "type": "quantitative", "axis": {"title": "quantile", "format": "~%"}},
        "y": {"field": "shift", "type": "quantitative", "axis": {"title": "head against base", "format": "+.1~%"}},
    }
    tooltip = [
        {"field": "share", "title": "quantile", "format": ".1~%"},
        {"field": "shift", "title": "shift", "format": "+.1~%"},
        {"field": "shown", "title": "base → head"},
    ]
    zero = {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "color": TONES[Tone.PLAIN]},
        "encoding": {"y": {"field": "zero", "type": "quantitative"}},
    }
    line = {
        "mark": {
            "type": "line",
            "color": side_color("head"),
            "strokeWidth": 2,
            "point": {"size": 14, "color": side_color("head")},
        },
        "encoding": {**position, "tooltip": tooltip},
    }
    told = columns(share="quantile", base="base (ms)", head="head (ms)", shift="shift")
    return _chart(values) | told | {"layer": [zero, line]}


def color_by_side(names: Sequence[str]) -> dict[str, Any]:
    """The encoding that gives each side its colour, with a legend where there are two."""
    return {
        "field": "side",
        "type": "nominal",
        "scale": {"domain": list(names), "range": [side_color(name) for name in names]},
        "legend": {"title": None, "orient": "top"} if len(names) > 1 else None,
    }


def side_color(name: str) -> str:
    """The colour of a side, the same in all charts."""
    return PALETTE[1] if name == "head" else PALETTE[0]


def _chart(values: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "width": "container",
        "height": _HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": values},
    }
