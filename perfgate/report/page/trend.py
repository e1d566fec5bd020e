"""Trends as one HTML page that holds all it needs: charts to zoom and to hover, a choice of metrics, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from perfgate.compare.comparison import RowVerdict
from perfgate.report import numbers
from perfgate.report.charts.colors import PALETTE, TONES
from perfgate.report.charts.columns import share_records
from perfgate.report.escaping import clean
from perfgate.report.page.document import Body, document
from perfgate.report.page.figure import Frame, choices, figure
from perfgate.report.trend.chart import records, specification
from perfgate.report.trend.panels import Panel, panels_of
from perfgate.report.trend.records import ShiftRecord
from perfgate.report.trend.trends import Trends, baseline_of, change_of

_CLASSES = {RowVerdict.REGRESSED: "bad", RowVerdict.IMPROVED: "good"}
_MOST_SHIFTS = 8
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
    figures = "\n".join(_figure(number, panel, trends) for number, panel in enumerate(panels))
    bar = f"{_statistics(panels)}{choices('axis', 'Runs', _AXES)}{_legend(trends)}"
    header = f'<p class="facts">{escape(_facts(trends))}</p><div class="bar">{bar}</div>'
    body = Body(escape(title), header, f'<div class="grid">{figures}</div>', _HOW_TO_READ)
    charts: dict[str, Any] = {}
    for number, panel in enumerate(panels):
        place = _id(number)
        charts[place] = specification(panel, trends, "order") | {"datasets": records(panel)}
        charts[f"{place}-time"] = share_records(specification(panel, trends, "time"), place)
    return document(title, body, ["trend.js"], charts)


def _id(number: int) -> str:
    return f"panel-{number}"


def _statistic(panel: Panel) -> str:
    return numbers.metric_name(panel.row.metric, panel.row.stat)


def _facts(trends: Trends) -> str:
    runs = len({point.run for trend in trends.trends for point in trend.points})
    scenarios = len({trend.row.scenario for trend in trends.trends})
    counted = (
        f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in ((runs, "run"), (scenarios, "scenario"))
    )
    return f"{trends.span()} · {' of '.join(counted)}"


def _statistics(panels: Iterable[Panel]) -> str:
    names = dict.fromkeys(_statistic(panel) for panel in panels)
    return choices("statistic", "Metric", ((name, name) for name in names))


def _legend(trends: Trends) -> str:
    testbeds = "".join(
        f"<li>{_dot(_color(testbed, trends))}{escape(clean(trends.name_of(testbed)))}</li>" for testbed in trends.used
    )
    return f'<ul class="legend" aria-label="Testbeds">{testbeds}</ul>'


def _color(testbed: str, trends: Trends) -> str:
    return PALETTE[trends.used.index(testbed) % len(PALETTE)]


def _dot(color: str) -> str:
    return f'<svg viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="{color}"/></svg>'


def _figure(number: int, panel: Panel, trends: Trends) -> str:
    trend = panel.trends[0]
    request = clean(panel.row.request or "")
    dot = _dot(_color(trend.testbed, trends)) if len(panel.trends) > 1 else ""
    tone = _CLASSES.get(trend.verdict, "")
    caption = (
        f'<div class="name"><p class="scenario">{escape(clean(panel.row.scenario))}</p>'
        f"<h2>{escape(request or 'whole scenario')}</h2></div>"
        f'<div class="now"><b>{dot}{escape(numbers.value(trend.newest.value, panel.row.unit))}</b>'
        f'<p><span class="change {tone}">{escape(change_of(trend))}</span> '
        f"next expected {escape(baseline_of(trend))}</p></div>"
    )
    name = f"{panel.row.scenario} {request} {_statistic(panel)}"
    frame = Frame(_id(number), name, caption, "", _shifts(panel.shifts["order"]))
    return figure(frame, f' data-statistic="{escape(_statistic(panel))}" hidden')


def _shifts(shifts: Sequence[ShiftRecord]) -> str:
    if not shifts:
        return ""
    lines = [_shift(shift) for shift in reversed(shifts[-_MOST_SHIFTS:])]
    older = len(shifts) - _MOST_SHIFTS
    lines += [f"<li>and {older:,} older</li>"] if older > 0 else []
    return f'<ul class="shifts" aria-label="Change points">{"".join(lines)}</ul>'


def _shift(shift: ShiftRecord) -> str:
    commit = f"<code>{escape(shift.commit)}</code>"
    if shift.url:
        commit = f'<a href="{escape(shift.url)}" target="_blank" rel="noopener noreferrer">{commit}</a>'
    return (
        f'<li>{_dot(TONES[shift.tone])}{commit} <span class="{shift.tone.value}">{escape(shift.change)}</span> '
        f"<time>{escape(shift.day)}</time></li>"
    )
