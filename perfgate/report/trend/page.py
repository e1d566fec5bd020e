"""Trends as one HTML page that holds all it needs: charts to zoom and to hover, a choice of metrics, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from perfgate.compare.comparison import RowVerdict
from perfgate.report import numbers
from perfgate.report.escaping import clean
from perfgate.report.page import numbers_table
from perfgate.report.page.colors import PALETTE, TONES
from perfgate.report.page.document import document
from perfgate.report.trend.chart import specification
from perfgate.report.trend.panels import Panel, ShiftRecord, panels_of
from perfgate.report.trend.trends import Trends, baseline_of, change_of

_CLASSES = {RowVerdict.REGRESSED: "bad", RowVerdict.IMPROVED: "good"}
_MOST_SHIFTS = 8


def render(trends: Trends) -> str:
    """The page. Its statistics can be chosen where there are several; the first is shown."""
    panels = panels_of(trends)
    parts = {
        "facts": escape(_facts(trends)),
        "choices": _choices(panels),
        "legend": _legend(trends),
        "panels": "\n".join(_article(number, panel, trends) for number, panel in enumerate(panels)),
    }
    title = f"Trend of {clean(trends.branch)}" if trends.branch else "Trend"
    charts = {_id(number): specification(panel, trends) for number, panel in enumerate(panels)}
    return document("perfgate.report.trend", "page", title, parts, charts)


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


def _choices(panels: Iterable[Panel]) -> str:
    names = list(dict.fromkeys(_statistic(panel) for panel in panels))
    return "".join(
        f'<label><input type="radio" name="statistic" value="{escape(name)}"{"" if place else " checked"}>'
        f"<span>{escape(name)}</span></label>"
        for place, name in enumerate(names)
    )


def _legend(trends: Trends) -> str:
    return "".join(
        f"<li>{_dot(_color(testbed, trends))}{escape(clean(trends.name_of(testbed)))}</li>" for testbed in trends.used
    )


def _color(testbed: str, trends: Trends) -> str:
    return PALETTE[trends.used.index(testbed) % len(PALETTE)]


def _dot(color: str) -> str:
    return f'<svg viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="{color}"/></svg>'


def _article(number: int, panel: Panel, trends: Trends) -> str:
    trend = panel.trends[0]
    request = clean(panel.row.request or "")
    dot = _dot(_color(trend.testbed, trends)) if len(panel.trends) > 1 else ""
    tone = _CLASSES.get(trend.verdict, "")
    title = f"{panel.row.scenario} {request} {_statistic(panel)}"
    return f"""<article id="{_id(number)}" data-statistic="{escape(_statistic(panel))}" hidden>
<div class="head">
<div class="name"><p class="scenario">{escape(clean(panel.row.scenario))}</p>
<h2>{escape(request or "whole scenario")}</h2></div>
<div class="now"><b>{dot}{escape(numbers.value(trend.newest.value, panel.row.unit))}</b>
<p><span class="change {tone}">{escape(change_of(trend))}</span> next expected {escape(baseline_of(trend))}</p></div>
</div>
<div class="chart" role="img" aria-label="{escape(clean(title))}"></div>
{numbers_table.place(escape(clean(title)))}
{_shifts(panel.shifts)}
</article>"""


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
