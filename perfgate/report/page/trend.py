"""Trends as one HTML page that holds all it needs: charts to zoom and to hover, a choice of metrics, no network."""

from __future__ import annotations

from html import escape
from typing import Any

from perfgate.report.charts.columns import share_records
from perfgate.report.escaping import clean
from perfgate.report.page.document import Body, document
from perfgate.report.page.figure import choices
from perfgate.report.page.panel_figure import facts, legend, panel_figure, statistics_choice
from perfgate.report.trend.chart import records, specification
from perfgate.report.trend.panels import panels_of
from perfgate.report.trend.trends import Trends

_AXES = (("order", "runs in order"), ("time", "over time"))
_HOW_TO_READ = """<dl>
<div><dt>Band</dt><dd>where a run of that level should lie, as <code>perfgate compare</code> has it; beyond the newest
run, the next one</dd></div>
<div><dt>Dashed line</dt><dd>a change point, with the first commit at the new level</dd></div>
<div><dt>Ctrl + scroll</dt><dd>or a pinch zooms, dragging moves, a double click shows all again</dd></div>
</dl>"""


def render(trends: Trends) -> str:
    """The page. Its statistics can be chosen where there are several; the first is shown."""
    panels = panels_of(trends)
    title = f"Trend of {clean(trends.branch)}" if trends.branch else "Trend"
    figures = "\n".join(panel_figure(_id(number), panel, trends) for number, panel in enumerate(panels))
    bar = f"{statistics_choice(panels)}{choices('axis', 'Runs', _AXES)}{legend(trends)}"
    header = f'<p class="facts">{escape(facts(trends))}</p><div class="bar">{bar}</div>'
    body = Body(escape(title), header, f'<div class="grid">{figures}</div>', _HOW_TO_READ)
    charts: dict[str, Any] = {}
    for number, panel in enumerate(panels):
        place = _id(number)
        charts[place] = specification(panel, trends, "order") | {"datasets": records(panel)}
        charts[f"{place}-time"] = share_records(specification(panel, trends, "time"), place)
    return document(title, body, ["trend.js"], charts)


def _id(number: int) -> str:
    return f"panel-{number}"
