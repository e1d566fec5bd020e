"""The differential flame graph: frames as wide as their time on head, or on base, coloured by the difference.

B. Gregg, "Differential flame graphs": https://www.brendangregg.com/blog/2014-11-09/differential-flame-graphs.html. Here
the outermost frame is on top, and a frame is coloured by its time with what it calls: so the way to a rise is red. The
script of the page sets the parameters: `side`, what a search `found`, and what is zoomed to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from perfgate.explain.profile import Function
from perfgate.report.charts.columns import columns
from perfgate.report.charts.flame_tree import FlameFrame
from perfgate.report.escaping import clean

_ROW = 19
_MOST_FUNCTIONS = 200
_DIGITS = 5
# Of all that a request takes: a difference that large has the full colour, and noise little of it.
_FULL_COLOR = 0.1
_LEAST_WIDTH, _LEAST_LABEL = 0.4, 28
_WIDTH = "(datum.right - datum.left) / (zoom_to - zoom_from) * width"


def flame_chart(frames: Sequence[FlameFrame], lines: Mapping[Function, int]) -> dict[str, Any]:
    """The chart in Vega-Lite. lines: where each function begins on head, as far as that is known."""
    most = max(_FULL_COLOR * frames[0].most, max(abs(frame.change) for frame in frames))
    position = {
        "x": {"field": "left", "type": "quantitative", "scale": _zoomed(), "axis": None},
        "x2": {"field": "right"},
        "y": {"field": "depth", "type": "ordinal", "scale": {"domain": _rows(frames), "padding": 0}, "axis": None},
    }
    named = columns(
        "functions",
        name="function",
        own_change="own lines: change (ms)",
        base_own="on base",
        head_own="on head",
        change="with what it calls: change (ms)",
        base="on base",
        head="on head",
        place="in",
    )
    return {
        "width": "container",
        "height": _ROW * len(_rows(frames)),
        "autosize": {"type": "fit-x", "contains": "padding"},
        "params": [
            {"name": "side", "value": "head"},
            {"name": "found", "value": None},
            {"name": "zoom_from", "value": 0},
            {"name": "zoom_to", "value": frames[0].head.total},
        ],
        "datasets": {
            "frames": [_record(place, one, lines) for place, one in enumerate(frames)],
            "functions": _functions(frames, lines),
        },
        **named,
        "data": {"name": "frames"},
        "transform": _transforms(),
        "layer": [_bars(position, most), _labels(position)],
    }


def _record(id_: int, frame: FlameFrame, lines: Mapping[Function, int]) -> dict[str, Any]:
    times = {
        f"{side}_{name}": _rounded(value)
        for side, one in (("base", frame.base), ("head", frame.head))
        for name, value in (("start", one.start), ("total", one.total), ("own", one.own))
    }
    function = frame.function
    place = {"file": clean(function.file), "line": lines.get(function)}
    return {"id": id_, "name": clean(function.name), **place, "parent": frame.parent, "depth": frame.depth, **times}


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _functions(frames: Sequence[FlameFrame], lines: Mapping[Function, int]) -> list[dict[str, Any]]:
    """Each function with all of its frames, first those whose own lines changed most; within itself it counts once."""
    sums: defaultdict[Function, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for frame in frames[1:]:
        sums[frame.function][2] += frame.base.own
        sums[frame.function][3] += frame.head.own
        if not _is_within_itself(frame, frames):
            sums[frame.function][0] += frame.base.total
            sums[frame.function][1] += frame.head.total
    changed = sorted(sums.items(), key=lambda one: (-abs(one[1][3] - one[1][2]), -one[1][1], one[0].name))
    return [
        {
            "name": clean(function.name),
            "own_change": _rounded(head_own - base_own),
            "base_own": _rounded(base_own),
            "head_own": _rounded(head_own),
            "change": _rounded(head - base),
            "base": _rounded(base),
            "head": _rounded(head),
            "place": _place(function, lines.get(function)),
        }
        for function, (base, head, base_own, head_own) in changed[:_MOST_FUNCTIONS]
    ]


def _is_within_itself(frame: FlameFrame, frames: Sequence[FlameFrame]) -> bool:
    above = frame.parent
    while above is not None:
        if frames[above].function == frame.function:
            return True
        above = frames[above].parent
    return False


def _place(function: Function, line: int | None) -> str:
    return clean(function.file if line is None else f"{function.file}:{line}")


def _rows(frames: Sequence[FlameFrame]) -> list[int]:
    return list(range(1 + max(frame.depth for frame in frames)))


def _zoomed() -> dict[str, Any]:
    ends = {"domainMin": {"expr": "zoom_from"}, "domainMax": {"expr": "zoom_to"}}
    return {**ends, "nice": False, "zero": False}


def _transforms() -> list[dict[str, Any]]:
    """What is seen of each frame at this zoom, and what the search finds."""
    start, total = (f"side === 'head' ? datum.head_{name} : datum.base_{name}" for name in ("start", "total"))
    return [
        {"calculate": start, "as": "start"},
        {"calculate": f"datum.start + ({total})", "as": "end"},
        {"calculate": "max(datum.start, zoom_from)", "as": "left"},
        {"calculate": "min(datum.end, zoom_to)", "as": "right"},
        {"filter": f"datum.right > datum.left && {_WIDTH} > {_LEAST_WIDTH}"},
        {"calculate": "datum.head_total - datum.base_total", "as": "change"},
        {"calculate": "found === null || indexof(found, datum.id) >= 0", "as": "is_found"},
    ]


def _bars(position: dict[str, Any], most: float) -> dict[str, Any]:
    color = {
        "field": "change",
        "type": "quantitative",
        "scale": {"domain": [-most, 0, most], "range": "diverging", "interpolate": "rgb", "clamp": True},
        "legend": {
            "title": "head − base (ms a request)",
            "orient": "bottom",
            "direction": "horizontal",
            "gradientLength": 180,
            "gradientThickness": 8,
            "tickCount": 3,
            "labelExpr": "datum.value === 0 ? 'the same' : format(datum.value, '+.2~g')",
        },
    }
    faded = {"condition": {"test": "datum.is_found", "value": 1}, "value": 0.2}
    return {
        "mark": {"type": "rect", "style": "frame", "tooltip": {"content": "data"}, "cursor": "pointer"},
        "encoding": {**position, "color": color, "opacity": faded},
    }


def _labels(position: dict[str, Any]) -> dict[str, Any]:
    mark = {
        "type": "text",
        "align": "left",
        "dx": 4,
        "fontSize": 11,
        "limit": {"expr": f"{_WIDTH} - 8"},
        "tooltip": {"content": "data"},
        "cursor": "pointer",
    }
    faded = {"condition": {"test": "datum.is_found", "value": 1}, "value": 0.35}
    encoding = {"x": position["x"], "y": position["y"], "text": {"field": "name"}, "opacity": faded}
    return {"transform": [{"filter": f"{_WIDTH} > {_LEAST_LABEL}"}], "mark": mark, "encoding": encoding}
