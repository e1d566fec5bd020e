"""Charts of trends: as an image, as vectors, and as specifications for the page that can be zoomed.

Altair draws them and vl-convert renders them. Both are an extra, and imported only by who wants a chart. Nothing is
fetched, neither here nor by who looks at the chart.
"""

from __future__ import annotations

from typing import Any, get_args

from perfgate.report import numbers
from perfgate.report.charts.columns import columns
from perfgate.report.charts.theme import theme
from perfgate.report.escaping import clean
from perfgate.report.trend.panels import Panel, panels_of
from perfgate.report.trend.records import Axis
from perfgate.report.trend.trends import Trends, baseline_of, change_of

_HEIGHT = 240
_WIDTH = 560
_SCALE = 2.0
_TITLES = {"date": "date (UTC)", "commit": "commit", "testbed": "testbed", "expected": "expected"}


def specification(panel: Panel, trends: Trends, axis: Axis) -> dict[str, Any]:
    """One panel of the page in Vega-Lite, to zoom and to hover, as wide as its place there."""
    from perfgate.report.trend.drawing import draw, testbed_colors

    chart = draw(panel, "panel", axis, testbed_colors(trends), interactive=True)
    written = chart.properties(width="container", height=_HEIGHT).to_dict()
    titles = {**_TITLES, "value": f"value ({panel.row.unit.replace('_', ' ')})"}
    return dict(written) | {"autosize": {"type": "fit-x", "contains": "padding"}, **columns("panel-points", **titles)}


def records(panel: Panel) -> dict[str, list[dict[str, Any]]]:
    """What a panel is drawn from, on either axis."""
    from perfgate.report.trend.drawing import datasets_of

    return datasets_of(panel, "panel", get_args(Axis))


def png(trends: Trends) -> bytes:
    """All panels as an image."""
    import vl_convert

    sheet, config = _sheet(trends), theme(dark=False)
    return bytes(vl_convert.vegalite_to_png(sheet, scale=_SCALE, config=config, allowed_base_urls=[]))


def svg(trends: Trends) -> str:
    """All panels as vectors."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(_sheet(trends), config=theme(dark=False), allowed_base_urls=[]))


def _sheet(trends: Trends) -> dict[str, Any]:
    """All panels, two beside each other, with one legend."""
    import altair

    from perfgate.report.trend.drawing import datasets_of, draw, testbed_colors

    charts = []
    datasets: dict[str, list[dict[str, Any]]] = {}
    for number, panel in enumerate(panels_of(trends)):
        name = " · ".join(clean(name) for name in (panel.row.scenario, panel.row.request) if name)
        title = altair.TitleParams(name, subtitle=_summary(panel, trends), offset=12)
        chart = draw(panel, f"panel-{number}", "order", testbed_colors(trends), interactive=False)
        charts.append(chart.properties(width=_WIDTH, height=_HEIGHT, title=title))
        datasets |= datasets_of(panel, f"panel-{number}", ["order"])
    sheet = altair.concat(*charts, columns=2, spacing=36).properties(padding=24)
    return dict(sheet.to_dict()) | {"datasets": datasets}


def _summary(panel: Panel, trends: Trends) -> str:
    trend = panel.trends[0]
    newest = numbers.value(trend.newest.value, trend.row.unit)
    on = f" on {clean(trends.name_of(trend.testbed))}" if len(panel.trends) > 1 else ""
    metric = numbers.metric_name(panel.row.metric, panel.row.stat)
    runs = f"{len(trend.points):,} runs"
    return f"{metric}: {newest}{on}, {change_of(trend)} over {runs}; next expected {baseline_of(trend)}"
