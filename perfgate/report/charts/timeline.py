"""Throughput and failed requests of each round, over the time of the measurement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfgate.metrics.run import Round, ScenarioRun
from perfgate.report import numbers
from perfgate.report.charts.columns import columns
from perfgate.report.charts.distribution import color_by_side

_HEIGHT = 230


def has_failures(runs: Mapping[str, ScenarioRun]) -> bool:
    """Whether any request failed."""
    return any(one.tally.failed_count for run in runs.values() for one in run.rounds)


def throughput_chart(runs: Mapping[str, ScenarioRun]) -> dict[str, Any]:
    """Requests per second of each round, in Vega-Lite. runs: by the names of their sides."""
    return _chart(runs, "rate", {"title": "requests per second", "format": ",.6~g"})


def failures_chart(runs: Mapping[str, ScenarioRun]) -> dict[str, Any]:
    """The share of requests that failed in each round, in Vega-Lite."""
    return _chart(runs, "failed", {"title": "failed requests", "format": ".2~%"})


def _chart(runs: Mapping[str, ScenarioRun], field: str, axis: dict[str, Any]) -> dict[str, Any]:
    began = min((one.started_at for run in runs.values() for one in run.rounds), default=0.0)
    values = [_value(name, one, began) for name, run in runs.items() for one in run.rounds if one.tally.seconds > 0]
    tooltip = [
        {"field": "side", "title": "side"},
        {"field": "n", "title": "number"},
        {"field": "requests", "title": "requests"},
        {"field": "shown", "title": "failed"},
    ]
    return {
        "width": "container",
        "height": _HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": values},
        **columns(
            n="number", side="side", at="after (s)", rate="requests per second", requests="requests", failed="failed"
        ),
        "mark": {"type": "line", "strokeWidth": 1, "point": {"size": 22}},
        "encoding": {
            "x": {
                "field": "at",
                "type": "quantitative",
                "scale": {"nice": False, "padding": 8},
                "axis": {"title": "seconds since the first round", "grid": False},
            },
            "y": {"field": field, "type": "quantitative", "axis": axis},
            "color": color_by_side(list(runs)),
            "tooltip": tooltip,
        },
    }


def _value(side: str, one: Round, began: float) -> dict[str, Any]:
    tally = one.tally
    requests, failed = tally.request_count, tally.failed_count
    share = failed / requests if requests else 0.0
    return {
        "side": side,
        "n": one.pair + 1,
        "at": round(one.started_at - began, 3),
        "rate": requests / tally.seconds,
        "failed": share,
        "requests": requests,
        "shown": numbers.value(share, "fraction"),
    }
