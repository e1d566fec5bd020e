"""Each pair in order of time: its change beside the margin, with instances, and invalid pairs with their reasons.

Of a run of one target it is each round, and the value that was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from perfgate.compare.comparison import Comparison
from perfgate.compare.rows import Row
from perfgate.metrics.run import Round, ScenarioRun
from perfgate.metrics.tally_statistics import read
from perfgate.report import numbers
from perfgate.report.cells import Tone
from perfgate.report.charts.colors import PALETTE, TONES
from perfgate.report.charts.columns import columns

_HEIGHT = 230


@dataclass(frozen=True)
class Point:
    """One pair, or one round.

    number: of the pair, from 1.
    y: its change (a fraction), or its value where there is one side alone.
    shown: what was measured, in words.
    measured: the same as numbers: of base and head, or of the one side.
    instance: which instance of the service was loaded, from 1.
    problem: why it does not count; "" where it does.
    """

    number: int
    y: float
    shown: str
    measured: tuple[float, ...]
    instance: int
    problem: str


def pair_points(row: Row, base: ScenarioRun, head: ScenarioRun) -> tuple[Point, ...]:
    """The pairs that have a value on both sides, in the order of measuring."""
    on_head = {round_.pair: round_ for round_ in head.rounds}
    points = (_pair_point(row, one, on_head[one.pair]) for one in base.rounds if one.pair in on_head)
    return tuple(point for point in points if point is not None)


def _pair_point(row: Row, base: Round, head: Round) -> Point | None:
    before, after = (read(one.tally, row.metric, row.stat, row.request) for one in (base, head))
    if before is None or after is None or not (row.in_points or before > 0):
        return None
    change = after - before if row.in_points else after / before - 1
    shown = f"{numbers.value(before, row.unit)} → {numbers.value(after, row.unit)}"
    problem = "; ".join((*base.why_invalid, *head.why_invalid))
    return Point(base.pair + 1, change, shown, (before, after), head.instance + 1, problem)


def round_points(row: Row, run: ScenarioRun) -> tuple[Point, ...]:
    """The rounds that have a value, in the order of measuring."""
    read_values = ((one, read(one.tally, row.metric, row.stat, row.request)) for one in run.rounds)
    return tuple(
        Point(
            one.pair + 1, value, numbers.value(value, row.unit), (value,), one.instance + 1, "; ".join(one.why_invalid)
        )
        for one, value in read_values
        if value is not None
    )


def pair_chart(compared: Comparison, points: Sequence[Point], in_pairs: bool) -> dict[str, Any]:
    """The chart in Vega-Lite."""
    values = [_value(one) for one in points]
    title = "change from base to head" if in_pairs else numbers.metric_name(compared.row.metric, compared.row.stat)
    scale = {"scale": {"zero": False}} if not in_pairs else {}
    position = {
        "x": {
            "field": "n",
            "type": "quantitative",
            "scale": {"zero": False, "nice": False, "padding": 8},
            "axis": {"title": "pair" if in_pairs else "round", "tickMinStep": 1, "grid": False},
        },
        "y": {"field": "y", "type": "quantitative", "axis": {"title": title, **_axis(compared.row, in_pairs)}, **scale},
    }
    return {
        "width": "container",
        "height": _HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": values},
        **_columns(compared.row, in_pairs),
        "layer": [*(_marks_of(compared) if in_pairs else ()), *_points(position, values)],
    }


def _value(one: Point) -> dict[str, Any]:
    sides = dict(zip(("base", "head") if len(one.measured) > 1 else ("value",), one.measured, strict=True))
    told = {"shown": one.shown, "instance": f"instance {one.instance}", "why": one.problem}
    return {"n": one.number, "y": one.y, **sides, **told}


def _columns(row: Row, in_pairs: bool) -> dict[str, Any]:
    unit = row.unit.replace("_", " ")
    if in_pairs:
        titles = {"n": "pair", "base": f"base ({unit})", "head": f"head ({unit})", "y": "change"}
    else:
        titles = {"n": "round", "value": f"value ({unit})"}
    return columns(**titles, instance="on", why="invalid")


def _axis(row: Row, in_pairs: bool) -> dict[str, Any]:
    if in_pairs:
        return {"format": "+.2~%" if row.in_points else "+.1~%"}
    return {"format": ".2~%" if row.in_points else "~s"}


def _marks_of(compared: Comparison) -> tuple[dict[str, Any], ...]:
    """The margin, no change at all, and the interval of the whole."""
    margin, grey = compared.margin, TONES[Tone.PLAIN]
    band = {"type": "rect", "opacity": 0.12, "color": grey}
    found = [
        {"data": {"values": [{"low": -margin, "high": margin}]}, "mark": band, "encoding": _from_to()},
        {
            "data": {"values": [{"zero": 0}]},
            "mark": {"type": "rule", "color": grey},
            "encoding": {"y": {"field": "zero", "type": "quantitative"}},
        },
    ]
    if compared.interval is not None:
        ends = {"low": compared.interval.low, "high": compared.interval.high}
        whole = {"type": "rect", "opacity": 0.25, "color": PALETTE[0]}
        found.append({"data": {"values": [ends]}, "mark": whole, "encoding": _from_to()})
    return tuple(found)


def _from_to() -> dict[str, Any]:
    return {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}


def _points(position: dict[str, Any], values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The layers of pairs that count and of those that do not, as far as there are any: Vega warns of empty ones."""
    invalid = sum(bool(one["why"]) for one in values)
    layers = [_valid(position, values)] if invalid < len(values) else []
    return [*layers, _invalid(position)] if invalid else layers


def _valid(position: dict[str, Any], values: Sequence[dict[str, Any]]) -> dict[str, Any]:
    instances = list(dict.fromkeys(one["instance"] for one in values))
    color = {
        "field": "instance",
        "type": "nominal",
        "scale": {"domain": instances, "range": [PALETTE[n % len(PALETTE)] for n in range(len(instances))]},
        "legend": {"title": None, "orient": "top"} if len(instances) > 1 else None,
    }
    tooltip = [
        {"field": "n", "title": "number"},
        {"field": "shown", "title": "measured"},
        {"field": "instance", "title": "on"},
    ]
    return {
        "transform": [{"filter": "datum.why === ''"}],
        "mark": {"type": "point", "filled": True, "size": 34, "opacity": 0.85},
        "encoding": {**position, "color": color, "tooltip": tooltip},
    }


def _invalid(position: dict[str, Any]) -> dict[str, Any]:
    tooltip = [
        {"field": "n", "title": "number"},
        {"field": "shown", "title": "measured"},
        {"field": "why", "title": "invalid"},
    ]
    return {
        "transform": [{"filter": "datum.why !== ''"}],
        "mark": {"type": "point", "shape": "cross", "angle": 45, "size": 60, "filled": True, "color": TONES[Tone.BAD]},
        "encoding": {**position, "tooltip": tooltip},
    }
