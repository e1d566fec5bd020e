"""The page of one measurement: the verdict first, then what it rests on, down to each pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from perfgate.compare.comparison import Comparison
from perfgate.metrics.histogram import Histogram
from perfgate.metrics.run import Run, RunRecord, ScenarioRun
from perfgate.report import numbers
from perfgate.report.advice import explanation, next_steps
from perfgate.report.cause_words import cause_sentences
from perfgate.report.charts.distribution import distribution_chart, shift_chart
from perfgate.report.charts.pairs import pair_chart, pair_points, round_points
from perfgate.report.charts.timeline import failures_chart, has_failures, throughput_chart
from perfgate.report.comment_tables import narrow_comparison
from perfgate.report.escaping import clean
from perfgate.report.page.details import NO_DETAILS, PageDetails, StoredTimes
from perfgate.report.page.document import Body, document
from perfgate.report.page.figure import Frame, figure
from perfgate.report.page.html import items, phrase, table, text
from perfgate.report.page.interval_bar import interval_bar
from perfgate.report.rows import footnotes, is_worth_reading, rows_of, worst_first
from perfgate.report.run_description import describe_duets, describe_side, describe_testbed, describe_tools
from perfgate.report.sentences import further_reasons, headline
from perfgate.report.tables import summary_table, threshold_table
from perfgate.units import format_minute
from perfgate.verdict import Outcome, ValidityNote, Verdict

_MOST_REASONS = 50
_OUTCOMES = {
    Outcome.PASS: ("pass", "good"),
    Outcome.FAIL: ("fail", "bad"),
    Outcome.INCONCLUSIVE: ("inconclusive", "open"),
    Outcome.INVALID: ("invalid", "bad"),
}


@dataclass(frozen=True)
class _Choice:
    """One of several charts that stand in the same place. label: in the list that chooses between them."""

    label: str
    chart: dict[str, Any]


@dataclass(frozen=True)
class _Figure:
    """A place for a chart. note: what a reader should know of it."""

    title: str
    note: str
    choices: tuple[_Choice, ...]


@dataclass(frozen=True)
class _Measured:
    """What is known of one scenario.

    sides: its rounds, by the name of their side: "base" and "head", or "run".
    stored: its response times in stored runs.
    """

    sides: dict[str, ScenarioRun]
    stored: Sequence[StoredTimes]

    def times(self) -> dict[str, dict[str, Histogram]]:
        """Response times by request name, and by side; of requests that succeeded at all."""
        sources = {one.side: one.by_request for one in self.stored}
        for side, run in self.sides.items():
            # What stands beside stored runs is head.
            name = "head" if sources else side
            sources[name] = {request: found.ok for request, found in run.total.requests.items()}
        requests = dict.fromkeys(request for by_request in sources.values() for request in by_request)
        found = {
            request: {side: one[request] for side, one in sources.items() if request in one and one[request].count}
            for request in requests
        }
        return {request: by_side for request, by_side in found.items() if by_side}

    def source(self) -> str:
        """Where the response times are from, in words."""
        base = next((one.runs for one in self.stored if one.side == "base"), 0)
        told = f" base: {base:,} stored run{'' if base == 1 else 's'} together." if base else ""
        return f"Of requests that succeeded{', over all valid rounds' if self.sides else ''}.{told}"


def render(verdict: Verdict, details: PageDetails = NO_DETAILS) -> str:
    """The page."""
    rows = worst_first(rows_of(verdict))
    notes = footnotes(rows)
    charts: dict[str, Any] = {}
    measured = _by_scenario(details.runs)
    sections = []
    for name in dict.fromkeys([*measured, *(row.row.scenario for row in rows)]):
        # A run without a base has values, but no rows that compare anything.
        drawn = [row for row in rows or verdict.rows if row.row.scenario == name]
        stored = [one for one in details.stored if one.scenario == name]
        figures = _figures(drawn, _Measured(measured.get(name, {}), stored), charts)
        compared = _comparison([row for row in rows if row.row.scenario == name], notes, f"All rows of {clean(name)}")
        sections.append(f"<section><h2><code>{text(name)}</code></h2>{compared}{figures}</section>")
    word, _ = _OUTCOMES[verdict.outcome]
    main = (
        _causes(verdict),
        _comparison([row for row in rows if is_worth_reading(row)], notes, "What changed"),
        _next(verdict),
        items(map(_note, verdict.validity), "How far to believe it"),
        *sections,
        table(summary_table(verdict.summary), "Load-test summary"),
        table(threshold_table(verdict.thresholds), "Thresholds") if verdict.thresholds else "",
        _notes(notes),
    )
    footer = f"<p>{text(explanation(rows, verdict.error_rate))}</p>{_environment(verdict)}"
    body = Body(_heading(verdict), _header(verdict), "\n".join(filter(None, main)), footer)
    title = f"perfgate: {word}, {format_minute(verdict.head.started_at)}"
    return document(title, body, "measurement.js", charts)


def _heading(verdict: Verdict) -> str:
    word, tone = _OUTCOMES[verdict.outcome]
    return f'<span class="outcome {tone}">{word}</span> {phrase(headline(verdict))}'


def _header(verdict: Verdict) -> str:
    return items(map(phrase, further_reasons(verdict, _MOST_REASONS)), "Reasons") + _sides(verdict)


def _by_scenario(runs: Sequence[Run]) -> dict[str, dict[str, ScenarioRun]]:
    """The rounds of each scenario, by the name of their side."""
    found: dict[str, dict[str, ScenarioRun]] = {}
    for run in runs:
        for one in run.scenarios:
            found.setdefault(one.scenario, {})[run.record.side or "run"] = one
    return found


def _sides(verdict: Verdict) -> str:
    sides = [("base", verdict.base), ("head", verdict.head)] if verdict.base else [("run", verdict.head)]
    lines = [(name, phrase(describe_side(record))) for name, record in sides if record]
    if verdict.methods:
        lines.append(("measured in", phrase(describe_duets(verdict.methods))))
    return _definitions(lines)


def _definitions(lines: Iterable[tuple[str, str]]) -> str:
    shown = "".join(f"<div><dt>{escape(name)}</dt><dd>{said}</dd></div>" for name, said in lines)
    return f'<dl class="sides">{shown}</dl>'


def _causes(verdict: Verdict) -> str:
    sentences = items(map(phrase, cause_sentences(verdict)), "Causes")
    return f'<section aria-labelledby="why"><h2 id="why">Why</h2>{sentences}</section>' if sentences else ""


def _next(verdict: Verdict) -> str:
    steps = [f"<p>{phrase(step)}</p>" for step in next_steps(verdict)]
    if verdict.reproduce:
        steps.append(f'<p>Measure it again:</p><pre tabindex="0"><code>{text(verdict.reproduce)}</code></pre>')
    return (
        f'<section aria-labelledby="next"><h2 id="next">What to do next</h2>{"".join(steps)}</section>' if steps else ""
    )


def _comparison(rows: Sequence[Comparison], notes: Sequence[str], caption: str) -> str:
    """A table of these rows, each with the picture of its interval. notes: of all rows of the page."""
    if not rows:
        return ""
    shown = narrow_comparison(rows, notes)
    bars = table(shown, caption, map(interval_bar, rows), "better ← margin → worse")
    return f'{bars}<p class="muted">{text(shown.remark)}</p>'


def _notes(notes: Sequence[str]) -> str:
    lines = "".join(f"<li>{text(note)}</li>" for note in notes)
    return f'<section><h2>Notes</h2><ol class="notes">{lines}</ol></section>' if lines else ""


def _note(note: ValidityNote) -> str:
    place = f"<code>{text(note.scenario)}</code>: " if note.scenario else ""
    hint = f" → {text(note.hint)}" if note.hint else ""
    return f"<b>{'Invalid' if note.invalid else 'Note'}</b>: {place}{text(note.message)}{hint}"


def _figures(rows: Sequence[Comparison], measured: _Measured, charts: dict[str, Any]) -> str:
    """The figures of one scenario; their charts are added to `charts`."""
    sides = measured.sides
    figures = [_changes(rows, sides)] if sides else []
    figures += _times(measured)
    figures += _timeline(sides) if sides else []
    shown = [_figure(one, f"chart-{len(charts)}", charts) for one in figures if one.choices]
    return f'<div class="grid">{"".join(shown)}</div>' if shown else ""


def _changes(rows: Sequence[Comparison], sides: dict[str, ScenarioRun]) -> _Figure:
    in_pairs = {"base", "head"} <= sides.keys()
    choices = []
    for row in rows:
        points = (
            pair_points(row.row, sides["base"], sides["head"])
            if in_pairs
            else round_points(row.row, next(iter(sides.values())))
        )
        if points:
            choices.append(_Choice(_label(row), pair_chart(row, points, in_pairs)))
    note = (
        "Grey: the margin. Blue: the interval of the change. A cross: a pair that does not count." if in_pairs else ""
    )
    return _Figure("Each pair in order of time" if in_pairs else "Each round in order of time", note, tuple(choices))


def _label(row: Comparison) -> str:
    metric = numbers.metric_name(row.row.metric, row.row.stat)
    return f"{row.row.request} · {metric}" if row.row.request else metric


def _times(measured: _Measured) -> list[_Figure]:
    known = measured.times()
    shifts = {name: by_side for name, by_side in known.items() if {"base", "head"} <= by_side.keys()}
    return [
        _Figure(
            "Response times",
            measured.source(),
            tuple(_Choice(name, distribution_chart(by_side)) for name, by_side in known.items()),
        ),
        _Figure(
            "Shift of each quantile",
            "Above 0: head is slower there.",
            tuple(_Choice(name, shift_chart(by_side["base"], by_side["head"])) for name, by_side in shifts.items()),
        ),
    ]


def _timeline(sides: dict[str, ScenarioRun]) -> list[_Figure]:
    figures = [_Figure("Throughput of each round", "", (_Choice("throughput", throughput_chart(sides)),))]
    if has_failures(sides):
        figures.append(_Figure("Failed requests of each round", "", (_Choice("failures", failures_chart(sides)),)))
    return figures


def _figure(shown: _Figure, place: str, charts: dict[str, Any]) -> str:
    """The place of a figure; its charts are added to `charts`, the first under the name of the place."""
    names = [place if not number else f"{place}-{number}" for number in range(len(shown.choices))]
    charts.update(zip(names, (choice.chart for choice in shown.choices), strict=True))
    options = "".join(
        f'<option value="{name}">{text(choice.label)}</option>'
        for name, choice in zip(names, shown.choices, strict=True)
    )
    title = escape(shown.title)
    chooser = f'<select aria-label="{title} of" autocomplete="off">{options}</select>' if len(names) > 1 else ""
    name = f"{shown.title}: {shown.choices[0].label}"
    return figure(Frame(place, name, f"<h3>{title}</h3>{chooser}", shown.note, ""))


def _environment(verdict: Verdict) -> str:
    lines = [("machine", text(describe_testbed(verdict.head.testbed)))]
    sides: list[tuple[str, RunRecord | None]] = [
        ("base", verdict.base),
        ("head" if verdict.base else "run", verdict.head),
    ]
    lines += [(name, text(describe_tools(record))) for name, record in sides if record]
    return _definitions(lines)
