"""The page of a scenario: its rows over all runs, to zoom, its change points, and one run with its response times."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from perfgate.report.charts.colors import PALETTE
from perfgate.report.escaping import clean
from perfgate.report.page.document import charts_as_json
from perfgate.report.page.figure import Frame, figure
from perfgate.report.page.html import text
from perfgate.report.page.panel_figure import legend, panel_figure, statistics_choice
from perfgate.report.site.chart import latency_chart, panel_chart
from perfgate.report.site.paths import LIBRARY, RUNS, SCRIPT, series_of
from perfgate.report.site.shell import commit_link, moment, shell, verdict_mark
from perfgate.report.site.values import ScenarioEntry
from perfgate.report.trend.panels import Panel
from perfgate.report.trend.trends import Trends

_HOW_TO_READ = """<dl>
<div><dt>Band</dt><dd>where a run of that level should lie, as <code>perfgate compare</code> has it; beyond the newest
run, the next one</dd></div>
<div><dt>Dashed line</dt><dd>a change point, with the first commit at the new level</dd></div>
<div><dt>Ctrl + scroll</dt><dd>zooms, dragging moves, a double click shows all again</dd></div>
<div><dt>A click on a point</dt><dd>shows its run below</dd></div>
<div><dt>Many runs</dt><dd>of neighbours the highest and the lowest are drawn, until a zoom tells them apart</dd></div>
</dl>"""
_ZOOM = """<div class="zoom" role="group" aria-label="Runs in view">
<button type="button" data-zoom="all">All</button><button type="button" data-zoom="1000" hidden>Newest 1,000</button>
<button type="button" data-zoom="100" hidden>Newest 100</button><button type="button" data-zoom="in">Zoom in</button>
<button type="button" data-zoom="out">Zoom out</button><button type="button" data-zoom="earlier">Earlier</button>
<button type="button" data-zoom="later">Later</button><span class="view" role="status"></span></div>"""
_RUN = """<section class="run" aria-label="One run"><h2>One run</h2>
<div class="tools"><button type="button" data-run="older">Older run</button>
<button type="button" data-run="newer">Newer run</button>
<input type="search" placeholder="commit or day" aria-label="Find a run by its commit or day" autocomplete="off">
<span class="found" role="status"></span></div>
<p class="facts"></p><div class="values"></div>
<div class="tools"><label>Request <select></select></label></div>
[[figure]]</section>"""


def render(entry: ScenarioEntry, trends: Trends, panels: Sequence[Panel]) -> str:
    """The page. panels: of the trends, all of them over the same runs."""
    header = (
        '<nav><a href="../index.html">All scenarios</a></nav>'
        f'<h1>{text(entry.scenario)}</h1><p class="facts">{escape(_facts(entry))}</p>{_verdicts(entry)}'
        "<noscript><p>The charts need JavaScript; it is part of the site, nothing is fetched.</p></noscript>"
        f'<div class="bar">{statistics_choice(panels)}{legend(trends)}{_ZOOM}</div>'
    )
    figures = "\n".join(panel_figure(_id(number), panel, trends) for number, panel in enumerate(panels))
    latencies = figure(Frame("latencies", "Response times of one run", "<h3>Response times</h3>", "", ""))
    main = f'<div class="grid">{figures}</div>{_RUN.replace("[[figure]]", latencies)}'
    data = f'<script type="application/json" id="charts">{charts_as_json(_charts(trends, panels))}</script>'
    scripts = (LIBRARY, RUNS, series_of(entry.slug), SCRIPT)
    return shell(f"{entry.scenario} · performance", header, main + data, _HOW_TO_READ, "../", scripts)


def _facts(entry: ScenarioEntry) -> str:
    return f"{entry.span} · {entry.runs:,} run{'' if entry.runs == 1 else 's'}"


def _id(number: int) -> str:
    return f"panel-{number}"


def _verdicts(entry: ScenarioEntry) -> str:
    lines = "".join(
        f"<li>{verdict_mark(one.last.verdict)}{text(one.name)}, {commit_link(one.newest)} {moment(one.newest)}</li>"
        for one in entry.testbeds
    )
    return f'<ul class="verdicts" aria-label="Newest runs">{lines}</ul>'


def _charts(trends: Trends, panels: Sequence[Panel]) -> dict[str, Any]:
    names = [clean(trends.name_of(testbed)) for testbed in trends.used]
    colors = {name: PALETTE[place % len(PALETTE)] for place, name in enumerate(names)}
    runs = len(panels[0].runs.order)
    charts = {_id(number): panel_chart(panel, colors, runs) for number, panel in enumerate(panels)}
    return {**charts, "latencies": latency_chart()}
