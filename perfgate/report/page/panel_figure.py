"""What pages of trends share: facts, choices, the colours of testbeds, the figure of a row with its newest value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from perfgate.compare.comparison import RowVerdict
from perfgate.report import numbers
from perfgate.report.charts.colors import PALETTE, TONES
from perfgate.report.escaping import clean
from perfgate.report.page.figure import Frame, choices, figure
from perfgate.report.trend.panels import Panel
from perfgate.report.trend.records import ShiftRecord
from perfgate.report.trend.trends import Trends, baseline_of, change_of

_CLASSES = {RowVerdict.REGRESSED: "bad", RowVerdict.IMPROVED: "good"}
_MOST_SHIFTS = 8


def statistic_of(panel: Panel) -> str:
    """What a reader chooses the panel by."""
    return numbers.metric_name(panel.row.metric, panel.row.stat)


def facts(trends: Trends) -> str:
    """From when to when, and how many runs of how many scenarios."""
    runs = len({point.run for trend in trends.trends for point in trend.points})
    scenarios = len({trend.row.scenario for trend in trends.trends})
    counted = (
        f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in ((runs, "run"), (scenarios, "scenario"))
    )
    return f"{trends.span()} · {' of '.join(counted)}"


def statistics_choice(panels: Iterable[Panel]) -> str:
    """The choice of a statistic, the first one at first."""
    names = dict.fromkeys(statistic_of(panel) for panel in panels)
    return choices("statistic", "Metric", ((name, name) for name in names))


def legend(trends: Trends) -> str:
    """The testbeds with their colours."""
    testbeds = "".join(
        f"<li>{_dot(_color(testbed, trends))}{escape(clean(trends.name_of(testbed)))}</li>" for testbed in trends.used
    )
    return f'<ul class="legend" aria-label="Testbeds">{testbeds}</ul>'


def _color(testbed: str, trends: Trends) -> str:
    return PALETTE[trends.used.index(testbed) % len(PALETTE)]


def _dot(color: str) -> str:
    return f'<svg viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="{color}"/></svg>'


def panel_figure(place: str, panel: Panel, trends: Trends) -> str:
    """The figure, which is hidden until its statistic is chosen. place: its id."""
    trend = panel.trends[0]
    request = clean(panel.row.request or "")
    mark = _dot(_color(trend.testbed, trends)) if len(panel.trends) > 1 else ""
    tone = _CLASSES.get(trend.verdict, "")
    caption = (
        f'<div class="name"><p class="scenario">{escape(clean(panel.row.scenario))}</p>'
        f"<h2>{escape(request or 'whole scenario')}</h2></div>"
        f'<div class="now"><b>{mark}{escape(numbers.value(trend.newest.value, panel.row.unit))}</b>'
        f'<p><span class="change {tone}">{escape(change_of(trend))}</span> '
        f"next expected {escape(baseline_of(trend))}</p></div>"
    )
    name = f"{panel.row.scenario} {request} {statistic_of(panel)}"
    frame = Frame(place, name, caption, "", _shifts(panel.shifts["order"]))
    return figure(frame, f' data-statistic="{escape(statistic_of(panel))}" hidden')


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
