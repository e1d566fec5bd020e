"""The first page of a site: every scenario with its newest verdict on each testbed, and the newest change points."""

from __future__ import annotations

from html import escape

from perfgate.report.escaping import clean
from perfgate.report.numbers import change as change_text
from perfgate.report.numbers import metric_name
from perfgate.report.page.html import text
from perfgate.report.site.line_picture import line_picture
from perfgate.report.site.paths import page_of
from perfgate.report.site.shell import commit_link, moment, shell, verdict_mark
from perfgate.report.site.values import LastVerdict, Overview, ScenarioEntry, SeriesLine, ShiftEntry, TestbedEntry
from perfgate.units import format_date

_MOST_LINES = 8  # of a scenario on a testbed
_MOST_CHANGED = 3
_MOST_RUNS = 20
_HOW_TO_READ = """<dl>
<div><dt>Verdict</dt><dd>of the newest run against those before it on its machine, as <code>perfgate compare</code> has
it</dd></div>
<div><dt>Change</dt><dd>of the level, from the first runs to the newest</dd></div>
<div><dt>Dashed line</dt><dd>a change point</dd></div>
</dl>"""


def render(site: Overview) -> str:
    """The page."""
    title = f"Performance of {clean(site.branch)}" if site.branch else "Performance"
    header = f'<h1>{escape(title)}</h1><p class="facts">{_facts(site)}</p>'
    if not site.scenarios:
        main = "<p>There are no runs yet. They show here once the default branch was measured.</p>"
    else:
        cards = "\n".join(map(_card, site.scenarios))
        main = f'<div class="cards">{cards}</div>{_shifts(site.shifts)}'
    return shell(title, header, main, _HOW_TO_READ, top="")


def _facts(site: Overview) -> str:
    feed = '<a href="feed.xml">feed of change points</a>'
    if not site.scenarios:
        return feed
    runs = f"{site.runs:,} run{'' if site.runs == 1 else 's'}"
    scenarios = f"{len(site.scenarios):,} scenario{'' if len(site.scenarios) == 1 else 's'}"
    return f"{escape(site.span)} · {runs} of {scenarios} · {feed}"


def _card(entry: ScenarioEntry) -> str:
    name = text(entry.scenario)
    bodies = "".join(_testbed(testbed) for testbed in entry.testbeds)
    return (
        f'<section class="card"><h2><a href="{page_of(entry.slug)}">{name}</a></h2>'
        f'<table><caption class="unseen">http_req_duration med of {name}</caption><thead class="unseen"><tr>'
        '<th scope="col">request</th><th scope="col">trend</th><th scope="col">newest</th><th scope="col">change</th>'
        f"</tr></thead>{bodies}</table></section>"
    )


def _testbed(entry: TestbedEntry) -> str:
    head = (
        f'<tr class="testbed"><th scope="rowgroup" colspan="4"><span class="machine">{text(entry.name)}</span>'
        f"{verdict_mark(entry.last.verdict)}{commit_link(entry.newest)} {moment(entry.newest)}"
        f"{_changed(entry.last)}</th></tr>"
    )
    lines = "".join(map(_line, entry.lines[:_MOST_LINES]))
    more = len(entry.lines) - _MOST_LINES
    rest = f'<tr><td colspan="4" class="more">and {more:,} more on its page</td></tr>' if more > 0 else ""
    return f"<tbody>{head}{lines}{rest}</tbody>"


def _changed(last: LastVerdict) -> str:
    """The rows that the verdict is about."""
    if not last.changed:
        return ""
    shown = [
        " ".join(filter(None, (row.row.request or "", metric_name(row.row.metric, row.row.stat), change_text(row))))
        for row in last.changed[:_MOST_CHANGED]
    ]
    more = len(last.changed) - _MOST_CHANGED
    shown += [f"{more} more"] if more > 0 else []
    return f'<span class="changed">{text(", ".join(shown))}</span>'


def _line(line: SeriesLine) -> str:
    name = line.name or "whole scenario"
    picture = line_picture(line.values, line.shifts, clean(f"{name}: {line.newest} now, {line.change} over all runs"))
    tone = f" {line.tone.value}" if line.tone.value in ("good", "bad") else ""
    return (
        f'<tr><th scope="row">{text(name)}</th><td>{picture}</td><td class="number">{escape(line.newest)}</td>'
        f'<td class="number"><span class="change{tone}">{escape(line.change)}</span></td></tr>'
    )


def _shifts(runs: tuple[tuple[ShiftEntry, ...], ...]) -> str:
    """The newest change points, a line for each run."""
    if not runs:
        return ""
    more = len(runs) - _MOST_RUNS
    rest = f'<p class="muted">and {more:,} older ones, on the pages of their scenarios</p>' if more > 0 else ""
    rows = "".join(map(_run, runs[:_MOST_RUNS]))
    titles = "".join(f'<th scope="col">{title}</th>' for title in ("day", "commit", "change", "testbed"))
    return (
        '<section><div class="scroll" tabindex="0" role="region" aria-label="Change points"><table class="shifted">'
        f"<caption>Change points</caption><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table></div>{rest}"
        "</section>"
    )


def _run(shifts: tuple[ShiftEntry, ...]) -> str:
    first = shifts[0]
    lines = [_shift(shift) for shift in shifts[:_MOST_CHANGED]]
    more = len(shifts) - _MOST_CHANGED
    lines += [f"and {more:,} more"] if more > 0 else []
    return (
        f"<tr><td><time>{format_date(first.first.started_at)}</time></td><td>{commit_link(first.first)}</td>"
        f"<td>{'<br>'.join(lines)}</td><td>{text(first.testbed)}</td></tr>"
    )


def _shift(shift: ShiftEntry) -> str:
    place = " ".join(filter(None, (shift.scenario, shift.request)))
    return (
        f'<span class="tone {shift.tone.value}">{escape(shift.change)}</span> '
        f'<a href="{address_of_run(shift)}">{text(place)}</a> {text(shift.statistic)}, to {escape(shift.level)}'
    )


def address_of_run(shift: ShiftEntry) -> str:
    """Where the site shows the first run after a change point, from its top."""
    first = shift.first
    commit = first.commit if first.commit.isascii() and first.commit.isalnum() else ""
    # A commit may have several runs, on several machines; the second is as the data of the pages have it.
    return f"{page_of(shift.slug)}#{commit}@{round(first.started_at)}"
