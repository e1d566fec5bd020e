"""The page of one measurement: the verdict first, then what it rests on, down to each pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from perfgate.compare.comparison import Comparison
from perfgate.metrics.run import RunRecord
from perfgate.report.advice import explanation, next_steps
from perfgate.report.cause_words import cause_sentences
from perfgate.report.comment_tables import narrow_comparison
from perfgate.report.escaping import clean
from perfgate.report.page.details import NO_DETAILS, PageDetails
from perfgate.report.page.document import Body, document
from perfgate.report.page.html import items, phrase, table, text
from perfgate.report.page.interval_bar import interval_bar
from perfgate.report.page.scenario_figures import MeasuredScenario, scenario_figures
from perfgate.report.rows import footnotes, is_worth_reading, rows_of, worst_first
from perfgate.report.run_description import describe_duets, describe_side, describe_testbed, describe_tools
from perfgate.report.sentences import further_reasons, headline
from perfgate.report.tables import summary_table, threshold_table
from perfgate.report.words.difference_words import difference_sentences
from perfgate.units import format_minute
from perfgate.verdict import Outcome, ValidityNote, Verdict

_MOST_REASONS = 50
_DIFFERENCES_NAMED = 10
_OUTCOMES = {
    Outcome.PASS: ("pass", "good"),
    Outcome.FAIL: ("fail", "bad"),
    Outcome.INCONCLUSIVE: ("inconclusive", "open"),
    Outcome.INVALID: ("invalid", "bad"),
}


def render(verdict: Verdict, details: PageDetails = NO_DETAILS) -> str:
    """The page."""
    rows = worst_first(rows_of(verdict))
    notes = footnotes(rows)
    charts: dict[str, Any] = {}
    measured = [one.scenario for run in details.runs for one in run.scenarios]
    sections = []
    for name in dict.fromkeys([*measured, *(row.row.scenario for row in rows)]):
        # A run without a base has values, but no rows that compare anything.
        drawn = [row for row in rows or verdict.rows if row.row.scenario == name]
        figures = scenario_figures(drawn, MeasuredScenario.of(name, details), charts)
        compared = _comparison([row for row in rows if row.row.scenario == name], notes, f"All rows of {clean(name)}")
        sections.append(f"<section><h2><code>{text(name)}</code></h2>{compared}{figures}</section>")
    word, _ = _OUTCOMES[verdict.outcome]
    main = (
        _causes(verdict),
        _comparison([row for row in rows if is_worth_reading(row)], notes, "What changed"),
        _next(verdict),
        items(map(_note, verdict.validity), "How far to believe it"),
        _differences(verdict),
        *sections,
        table(summary_table(verdict.summary), "Load-test summary"),
        table(threshold_table(verdict.thresholds), "Thresholds") if verdict.thresholds else "",
        _notes(notes),
    )
    footer = f"<p>{text(explanation(rows, verdict.error_rate))}</p>{_environment(verdict)}"
    body = Body(_heading(verdict), _header(verdict), "\n".join(filter(None, main)), footer)
    title = f"perfgate: {word}, {format_minute(verdict.head.started_at)}"
    return document(title, body, ["flame.js", "measurement.js"], charts)


def _heading(verdict: Verdict) -> str:
    word, tone = _OUTCOMES[verdict.outcome]
    return f'<span class="outcome {tone}">{word}</span> {phrase(headline(verdict))}'


def _header(verdict: Verdict) -> str:
    return items(map(phrase, further_reasons(verdict, _MOST_REASONS)), "Reasons") + _sides(verdict)


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


def _differences(verdict: Verdict) -> str:
    lines = items(map(phrase, difference_sentences(verdict, _DIFFERENCES_NAMED)), "What else differs")
    return f"<section><h2>What else differs</h2>{lines}</section>" if lines else ""


def _notes(notes: Sequence[str]) -> str:
    lines = "".join(f"<li>{text(note)}</li>" for note in notes)
    return f'<section><h2>Notes</h2><ol class="notes">{lines}</ol></section>' if lines else ""


def _note(note: ValidityNote) -> str:
    place = f"<code>{text(note.scenario)}</code>: " if note.scenario else ""
    hint = f" → {text(note.hint)}" if note.hint else ""
    return f"<b>{'Invalid' if note.invalid else 'Note'}</b>: {place}{text(note.message)}{hint}"


def _environment(verdict: Verdict) -> str:
    lines = [("machine", text(describe_testbed(verdict.head.testbed)))]
    sides: list[tuple[str, RunRecord | None]] = [
        ("base", verdict.base),
        ("head" if verdict.base else "run", verdict.head),
    ]
    lines += [(name, text(describe_tools(record))) for name, record in sides if record]
    return _definitions(lines)
