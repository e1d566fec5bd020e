"""The report on a terminal: the verdict first, and everything within a hundred columns."""

from __future__ import annotations

from perfgate.compare.comparison import Comparison
from perfgate.report.advice import explanation, next_steps
from perfgate.report.cause_words import cause_sentences
from perfgate.report.cells import Tone
from perfgate.report.escaping import clean, cut
from perfgate.report.layout import WIDTH, Style, bullets, grouped_lines, nested, numbered, table_lines, wrap
from perfgate.report.phrase import plain
from perfgate.report.rows import footnotes, is_worth_reading, rows_of, timing_rows, worst_first
from perfgate.report.run_description import describe_duets, describe_side, describe_testbed, describe_tools
from perfgate.report.sentences import further_reasons, headline
from perfgate.report.tables import comparison_table, summary_table, threshold_table, timing_table
from perfgate.report.words.difference_words import difference_sentences
from perfgate.verdict import Outcome, ValidityNote, Verdict

_MOST_ROWS = 40
_MOST_REASONS = 8
_MOST_DIFFERENCES = 3
_COMMAND_LIMIT = 2000
_OUTCOMES = {
    Outcome.PASS: ("PASS", Tone.GOOD),
    Outcome.FAIL: ("FAIL", Tone.BAD),
    Outcome.INCONCLUSIVE: ("INCONCLUSIVE", Tone.OPEN),
    Outcome.INVALID: ("INVALID", Tone.BAD),
}


def render(verdict: Verdict, *, color: bool, verbose: bool = False) -> str:
    """The whole report, without a line break at its end.

    color: with ANSI colours. verbose: also the rows that only inform, and what was measured with what.
    """
    style = Style(color)
    if verdict.is_untouched:
        return "\n".join(_opening(verdict, style))
    rows = _rows_to_show(verdict, verbose)
    blocks = (
        _opening(verdict, style),
        _causes(verdict),
        _differences(verdict),
        _sides(verdict, style, verbose),
        _comparison(verdict, rows, style),
        _timings(verdict, style) if verbose else [],
        _summary(verdict, style, verbose),
        _thresholds(verdict, style),
        _validity(verdict, style),
        _next(verdict, style),
        _explanation(rows, verdict.error_rate, style),
    )
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _opening(verdict: Verdict, style: Style) -> list[str]:
    word, tone = _OUTCOMES[verdict.outcome]
    indent = " " * len(f"{word}  ")
    first, *rest = wrap(plain(headline(verdict)), f"{word}  ", indent)
    reasons = [plain(reason) for reason in further_reasons(verdict, _MOST_REASONS)]
    return [style.bold(style.tone(word, tone)) + first[len(word) :], *rest, *bullets(reasons)]


def _causes(verdict: Verdict) -> list[str]:
    sentences = [plain(sentence) for sentence in cause_sentences(verdict)]
    return ["Why:", *bullets(sentences)] if sentences else []


def _differences(verdict: Verdict) -> list[str]:
    """A line for each place, the first ones only."""
    sentences = [cut(plain(one), WIDTH - 2) for one in difference_sentences(verdict, 1)[:_MOST_DIFFERENCES]]
    return ["What else differs:", *(f"- {sentence}" for sentence in sentences)] if sentences else []


def _sides(verdict: Verdict, style: Style, verbose: bool) -> list[str]:
    lines = [f"base  {plain(describe_side(verdict.base))}"] if verdict.base else []
    lines.append(f"{'head' if verdict.base else 'run '}  {plain(describe_side(verdict.head))}")
    if verdict.methods:
        lines += wrap(plain(describe_duets(verdict.methods)), "in    ", " " * 6)
    if verbose:
        lines += wrap(clean(describe_testbed(verdict.head.testbed)), "on    ", " " * 6)
        lines += wrap(clean(describe_tools(verdict.head)), "with  ", " " * 6)
    return [style.dim(line) for line in lines]


def _comparison(verdict: Verdict, rows: tuple[Comparison, ...], style: Style) -> list[str]:
    if not rows:
        return []
    notes = footnotes(rows)
    table = comparison_table(rows, notes)
    below = [*numbered(notes), *wrap(table.remark)]
    left_out = len(rows_of(verdict)) - len(rows)
    if left_out:
        below += wrap(f"{left_out} more row{' is' if left_out == 1 else 's are'} left out; --verbose shows all.")
    return [*grouped_lines(table, 2, style), "", *(style.dim(line) for line in below)]


def _timings(verdict: Verdict, style: Style) -> list[str]:
    """Where the time of requests went."""
    rows = timing_rows(verdict)
    return grouped_lines(timing_table(rows, compared=not verdict.is_first_run), 2, style) if rows else []


def _rows_to_show(verdict: Verdict, verbose: bool) -> tuple[Comparison, ...]:
    """Worst first, so that what is cut off at the end is what did not change."""
    rows = worst_first(rows_of(verdict))
    if verbose:
        return rows
    return tuple(row for row in rows if row.gated or is_worth_reading(row))[:_MOST_ROWS]


def _summary(verdict: Verdict, style: Style, verbose: bool) -> list[str]:
    # Beside a comparison, which has the requests, the whole scenarios are enough.
    lines = [line for line in verdict.summary if verbose or verdict.base is None or line.request is None]
    return table_lines(nested(summary_table(lines)), style) if lines else []


def _thresholds(verdict: Verdict, style: Style) -> list[str]:
    return grouped_lines(threshold_table(verdict.thresholds), 1, style) if verdict.thresholds else []


def _validity(verdict: Verdict, style: Style) -> list[str]:
    lines: list[str] = []
    for note in sorted(verdict.validity, key=lambda note: not note.invalid):
        said, *more = wrap(_said(note), "invalid  " if note.invalid else "note     ", " " * 9)
        lines += [style.tone(said[:7], Tone.BAD if note.invalid else Tone.OPEN) + said[7:], *more]
        if note.hint:
            lines += wrap(clean(note.hint), " " * 9 + "→ ", " " * 11)
    return lines


def _said(note: ValidityNote) -> str:
    return clean(f"{note.scenario}: {note.message}" if note.scenario else note.message)


def _next(verdict: Verdict, style: Style) -> list[str]:
    lines = [line for step in next_steps(verdict) for line in wrap(plain(step))]
    if verdict.reproduce:
        lines += ["Measure it again:", f"  {style.bold(clean(verdict.reproduce, _COMMAND_LIMIT))}"]
    return lines


def _explanation(rows: tuple[Comparison, ...], error_rate: float | None, style: Style) -> list[str]:
    text = explanation(rows, error_rate)
    return [style.dim(line) for line in wrap(text)] if text else []
