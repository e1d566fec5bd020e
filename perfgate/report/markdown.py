"""The report as the comment on a pull request and as the summary of a job.

The verdict comes first and reads well in an e-mail; what few people need is folded. GitHub takes 65,536 characters:
what does not fit is left out, folded parts first, and the report says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from perfgate.compare.comparison import Comparison
from perfgate.github.sections import LIMIT
from perfgate.report.advice import explanation, next_steps
from perfgate.report.cause_words import cause_sentences
from perfgate.report.cells import Table
from perfgate.report.comment_tables import narrow_comparison, narrow_summary
from perfgate.report.escaping import code, escape, escape_within, is_own_command
from perfgate.report.layout import superscript
from perfgate.report.markdown_table import table_text
from perfgate.report.phrase import markdown
from perfgate.report.rows import footnotes, is_worth_reading, rows_of, worst_first
from perfgate.report.run_description import describe_duets, describe_side, describe_testbed, describe_tools
from perfgate.report.sentences import further_reasons, headline
from perfgate.report.tables import threshold_table
from perfgate.report.words.acceptance_entries import acceptable_entries
from perfgate.report.words.difference_words import difference_sentences
from perfgate.verdict import Outcome, ValidityNote, Verdict

_SYMBOLS = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.INCONCLUSIVE: "🟡", Outcome.INVALID: "⚠️"}
_MOST_REASONS = 8
_UNTOUCHED = "A change to one of these paths, to the configuration or to its scenarios is measured."
_BREAK = "<br>\n"
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Size:
    """How much a report may say.

    folded: the parts that are folded into it.
    items: the most that a list or table has.
    """

    folded: frozenset[str]
    items: int


_COMPARISON, _SUMMARY, _THRESHOLDS, _TREND = "comparison", "summary", "thresholds", "trend"
_DIFFERENCES, _ACCEPTING = "differences", "accepting"
_DIFFERENCES_NAMED = 3
# From everything to the little that nearly always fits.
_SIZES = (
    _Size(frozenset({_COMPARISON, _SUMMARY, _THRESHOLDS, _DIFFERENCES, _ACCEPTING, _TREND}), 100),
    _Size(frozenset({_COMPARISON, _SUMMARY, _THRESHOLDS, _DIFFERENCES, _ACCEPTING}), 100),
    _Size(frozenset({_SUMMARY, _THRESHOLDS, _DIFFERENCES}), 100),
    _Size(frozenset(), 100),
    _Size(frozenset(), 30),
    _Size(frozenset(), 10),
    _Size(frozenset(), 3),
)


@dataclass(frozen=True)
class StoredPage:
    """The page of this measurement, among the files of a run of a workflow.

    name: of its file.
    url: of the run.
    """

    name: str
    url: str


@dataclass(frozen=True)
class _Fold:
    """A part that a reader opens.

    part: which one it is.
    title: the line that opens it.
    text: what is inside, as Markdown.
    """

    part: str
    title: str
    text: str


def render(
    verdict: Verdict, *, limit: int = LIMIT, trend: str = "", page: StoredPage | None = None, label: str = ""
) -> str:
    """The report, never longer than `limit` characters, without a line break at its end.

    trend: Markdown of our own making that is folded in, "" for none.
    page: where a reader finds the charts; None for nowhere.
    label: of the pull request that accepts what made the gate red; "" where none does.
    """
    if verdict.is_untouched:
        return f"{_title(verdict)}\n\n{_UNTOUCHED}"[:limit]
    rows = worst_first(rows_of(verdict))
    title, opening = _title(verdict), _opening(verdict, page)
    folds = _folds(verdict, rows, trend)
    for size in _SIZES:
        text = _Report(verdict, rows, size, label).text(title, opening, folds)
        if len(text) <= limit:
            return text
    return f"{title}\n\nEverything else is left out: it is longer than {limit:,} characters."[:limit]


def _title(verdict: Verdict) -> str:
    return f"### {_SYMBOLS[verdict.outcome]} {markdown(headline(verdict))}"


def _opening(verdict: Verdict, page: StoredPage | None) -> str:
    """What no table says, what was measured, and where it can be looked at."""
    reasons = [f"- {markdown(reason)}" for reason in further_reasons(verdict, _MOST_REASONS)]
    sides = [("Base", verdict.base), ("Head", verdict.head)] if verdict.base else [("Run", verdict.head)]
    places = [f"**{name}** {markdown(describe_side(record))}" for name, record in sides if record]
    if verdict.methods:
        places.append(f"Measured in {markdown(describe_duets(verdict.methods))}")
    if page:
        places.append(f"Charts and every pair: {code(page.name)} among the files of [this run](<{page.url}>)")
    return "\n\n".join(filter(None, ("\n".join(reasons), _causes(verdict), _BREAK.join(places))))


def _causes(verdict: Verdict) -> str:
    sentences = [f"- {markdown(sentence)}" for sentence in cause_sentences(verdict)]
    return "\n".join(["**Why**", "", *sentences]) if sentences else ""


def _folds(verdict: Verdict, rows: Sequence[Comparison], trend: str) -> list[_Fold]:
    """What is folded where something was compared; without a base the report is short and shows it all."""
    folds = []
    if sentences := difference_sentences(verdict, _DIFFERENCES_NAMED):
        text = "\n".join(f"- {markdown(sentence)}" for sentence in sentences)
        folds.append(_Fold(_DIFFERENCES, "What else differs", text))
    if rows:
        notes = footnotes(rows)
        text = _with_notes(narrow_comparison(rows, notes), notes)
        folds.append(_Fold(_COMPARISON, f"All {len(rows):,} rows of the comparison", text))
    if verdict.base and verdict.summary:
        folds.append(_Fold(_SUMMARY, "Load-test summary", table_text(narrow_summary(verdict.summary))))
    if verdict.base and verdict.thresholds:
        folds.append(_Fold(_THRESHOLDS, "Thresholds", table_text(threshold_table(verdict.thresholds))))
    if entries := acceptable_entries(verdict):
        text = f"For `perfgate.toml`; each wants its reason.\n\n```toml\n{entries}\n```"
        folds.append(_Fold(_ACCEPTING, "Entries that accept it", text))
    if trend:
        folds.append(_Fold(_TREND, "Trend", trend.strip()))
    return folds


@dataclass(frozen=True)
class _Block:
    """A part of the report.

    text: "" for none.
    left_out: what the part would say if there were more room.
    """

    text: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Report:
    """A report of a given size."""

    verdict: Verdict
    rows: Sequence[Comparison]
    size: _Size
    label: str

    def text(self, title: str, opening: str, folds: Sequence[_Fold]) -> str:
        blocks = [*self._findings(), self._next(), *map(self._folded, folds)]
        left_out = [what for block in blocks for what in block.left_out]
        omissions = f"Left out, but in the result file: {'; '.join(left_out)}." if left_out else ""
        texts = [title, opening, *(block.text for block in blocks), omissions, self._footer()]
        return "\n\n".join(filter(None, texts))

    def _findings(self) -> tuple[_Block, ...]:
        """What was found, and how far to believe it; where it cannot be believed, that comes first."""
        if self.verdict.outcome is Outcome.INVALID:
            return (self._validity(), self._summary(), self._thresholds())
        return (self._changes(), self._summary(), self._thresholds(), self._validity())

    def _changes(self) -> _Block:
        changed, left_out = self._most([row for row in self.rows if is_worth_reading(row)], "rows that changed")
        notes = footnotes(self.rows)
        return _Block(_with_notes(narrow_comparison(changed, notes), notes) if changed else "", left_out)

    def _summary(self) -> _Block:
        """Without a comparison this is what the report is about; beside one it is folded."""
        if self.verdict.base:
            return _Block("")
        return self._table(narrow_summary(self.verdict.summary), "lines of the summary")

    def _thresholds(self) -> _Block:
        """Beside a comparison only those that were crossed: the others are folded."""
        results = self.verdict.thresholds
        if self.verdict.base:
            results = tuple(result for result in results if not result.passed)
        return self._table(threshold_table(results), "thresholds")

    def _table(self, table: Table, what: str) -> _Block:
        rows, left_out = self._most(table.rows, what)
        return _Block(table_text(Table(table.columns, tuple(rows), "")) if rows else "", left_out)

    def _validity(self) -> _Block:
        ordered = sorted(self.verdict.validity, key=lambda note: not note.invalid)
        notes, left_out = self._most(ordered, "notes")
        return _Block("\n".join(["**How far to believe it**", "", *map(_note, notes)]) if notes else "", left_out)

    def _next(self) -> _Block:
        steps = [markdown(step) for step in next_steps(self.verdict, self.label)]
        heading = ["**What to do next**"] if steps else []
        command = self.verdict.reproduce
        left_out: tuple[str, ...] = ()
        if is_own_command(command):
            steps.append(f"Measure it again:\n\n```sh\n{command}\n```")
        elif command:
            left_out = ("the command that repeats this, which is no plain call of perfgate",)
        return _Block("\n\n".join([*heading, *steps]), left_out)

    def _folded(self, fold: _Fold) -> _Block:
        if fold.part in self.size.folded:
            return _Block(f"<details>\n<summary>{fold.title}</summary>\n\n{fold.text}\n\n</details>")
        in_file = fold.part != _ACCEPTING
        return _Block("", (fold.title[:1].lower() + fold.title[1:],) if in_file else ())

    def _most(self, items: Sequence[_Item], what: str) -> tuple[Sequence[_Item], tuple[str, ...]]:
        """As many of the items as the size allows, and how many are left out, if any."""
        over = len(items) - self.size.items
        return items[: self.size.items], (f"{over:,} more {what}",) if over > 0 else ()

    def _footer(self) -> str:
        head = self.verdict.head
        measured = f"Measured on {describe_testbed(head.testbed)}; {describe_tools(head)}."
        explained = explanation(self.rows, self.verdict.error_rate)
        return f"<sub>{_BREAK.join(filter(None, (explained, escape_within(measured))))}</sub>"


def _note(note: ValidityNote) -> str:
    place = f"{code(note.scenario)}: " if note.scenario else ""
    hint = f" → {escape_within(note.hint)}" if note.hint else ""
    return f"- **{'Invalid' if note.invalid else 'Note'}**: {place}{escape_within(note.message)}{hint}"


def _with_notes(table: Table, notes: Sequence[str]) -> str:
    """A table with its footnotes, as far as it refers to them, and its remark."""
    marks = sorted({number for row in table.rows for cell in row for number in cell.notes})
    below = [f"{superscript(mark)} {escape(notes[mark - 1])}" for mark in marks]
    return f"{table_text(table)}\n\n{_BREAK.join((*below, escape(table.remark)))}"
