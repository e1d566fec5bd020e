"""The report as the comment on a pull request and as the summary of a job.

The verdict comes first and reads well in an e-mail; what few people need is folded. GitHub takes 65,536 characters:
what does not fit is left out, folded parts first, and the report says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from perfgate.compare.comparison import Comparison
from perfgate.report.advice import explanation, next_steps
from perfgate.report.circumstances import describe_side, describe_testbed, describe_tools
from perfgate.report.escaping import code, escape, escape_within, is_own_command
from perfgate.report.layout import superscript
from perfgate.report.phrase import markdown
from perfgate.report.sentences import further_reasons, headline
from perfgate.report.tables import (
    Cell,
    Table,
    comparison_table,
    footnotes,
    is_worth_reading,
    rows_of,
    summary_table,
    threshold_table,
    worst_first,
)
from perfgate.verdict import Outcome, Validity, Verdict

LIMIT = 65_536
"""The most characters that GitHub takes for a comment."""

_SYMBOLS = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.INCONCLUSIVE: "❔", Outcome.INVALID: "⚠️"}
_MOST_REASONS = 8
_BREAK = "<br>\n"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Size:
    """How much a report may say: which parts it folds in, and how many items a list or a table has at most."""

    trend: bool
    comparison: bool
    summary: bool
    items: int


# From everything to the little that nearly always fits.
_SIZES = (
    _Size(trend=True, comparison=True, summary=True, items=100),
    _Size(trend=False, comparison=True, summary=True, items=100),
    _Size(trend=False, comparison=False, summary=True, items=100),
    _Size(trend=False, comparison=False, summary=False, items=100),
    _Size(trend=False, comparison=False, summary=False, items=30),
    _Size(trend=False, comparison=False, summary=False, items=10),
    _Size(trend=False, comparison=False, summary=False, items=3),
)


def render(verdict: Verdict, *, limit: int = LIMIT, trend: str = "") -> str:
    """The report, never longer than `limit` characters, without a line break at its end.

    trend: Markdown of our own making that is folded in, "" for none.
    """
    for size in _SIZES:
        text = _Report(verdict, size, trend).text()
        if len(text) <= limit:
            return text
    shortest = f"{_title(verdict)}\n\nEverything else is left out: it is longer than {limit:,} characters."
    return shortest[:limit]


def _title(verdict: Verdict) -> str:
    return f"### {_SYMBOLS[verdict.outcome]} {markdown(headline(verdict))}"


@dataclass
class _Report:
    """One attempt at a report of a given size, which remembers what it leaves out."""

    verdict: Verdict
    size: _Size
    trend: str
    left_out: list[str] = field(default_factory=list)

    def text(self) -> str:
        rows = worst_first(rows_of(self.verdict))
        notes = footnotes(rows)
        blocks = [
            self._opening(),
            self._changes(rows, notes),
            self._summary(),
            self._thresholds(),
            self._validity(),
            self._next(),
            *self._folded(rows, notes),
            self._what_is_left_out(),
            self._footer(rows),
        ]
        return "\n\n".join(block for block in blocks if block)

    def _opening(self) -> str:
        verdict = self.verdict
        reasons = [f"- {markdown(reason)}" for reason in further_reasons(verdict, _MOST_REASONS)]
        sides = [("Base", verdict.base), ("Head", verdict.head)] if verdict.base else [("Run", verdict.head)]
        places = [f"**{name}** {markdown(describe_side(record))}" for name, record in sides if record]
        return "\n\n".join(filter(None, (_title(verdict), "\n".join(reasons), _BREAK.join(places))))

    def _changes(self, rows: Sequence[Comparison], notes: Sequence[str]) -> str:
        changed = self._most([row for row in rows if is_worth_reading(row)], "rows that changed")
        return self._comparison(changed, notes) if changed else ""

    def _comparison(self, rows: Sequence[Comparison], notes: Sequence[str]) -> str:
        table = comparison_table(rows, notes)
        marks = self._most(sorted({number for row in table.rows for cell in row for number in cell.notes}), "footnotes")
        below = [f"{superscript(mark)} {escape(notes[mark - 1])}" for mark in marks]
        return "\n\n".join((_written(table), _BREAK.join([*below, escape(table.remark)])))

    def _summary(self) -> str:
        """Without a comparison this is what the report is about; beside one it is folded."""
        return "" if self.verdict.base else self._table(summary_table(self.verdict.summary), "lines of the summary")

    def _thresholds(self) -> str:
        """Beside a comparison only those that were crossed: the others are folded."""
        results = self.verdict.thresholds
        if self.verdict.base:
            results = tuple(result for result in results if not result.passed)
        return self._table(threshold_table(results), "thresholds")

    def _table(self, table: Table, what: str) -> str:
        rows = tuple(self._most(table.rows, what))
        return _written(Table(table.columns, rows, "")) if rows else ""

    def _validity(self) -> str:
        ordered = sorted(self.verdict.validity, key=lambda note: not note.invalid)
        notes = [_note(note) for note in self._most(ordered, "notes")]
        return "\n".join(["**How far to believe it**", "", *notes]) if notes else ""

    def _next(self) -> str:
        steps = [markdown(step) for step in next_steps(self.verdict)]
        heading = ["**What to do next**"] if steps else []
        command = self.verdict.reproduce
        if is_own_command(command):
            steps.append(f"Measure it again:\n\n```sh\n{command}\n```")
        elif command:
            self.left_out.append("the command that repeats this, which is no plain call of perfgate")
        return "\n\n".join([*heading, *steps])

    def _folded(self, rows: Sequence[Comparison], notes: Sequence[str]) -> list[str]:
        verdict, size = self.verdict, self.size
        parts = []
        if rows:
            text = self._comparison(rows, notes) if size.comparison else ""
            parts.append(self._fold(f"All {len(rows):,} rows of the comparison", text))
        if verdict.base and verdict.summary:
            text = _written(summary_table(verdict.summary)) if size.summary else ""
            parts.append(self._fold("Load-test summary", text))
        if verdict.base and verdict.thresholds:
            text = _written(threshold_table(verdict.thresholds)) if size.summary else ""
            parts.append(self._fold("Thresholds", text))
        if self.trend:
            parts.append(self._fold("Trend", self.trend.strip() if size.trend else ""))
        return parts

    def _fold(self, title: str, text: str) -> str:
        if text:
            return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"
        self.left_out.append(title[:1].lower() + title[1:])
        return ""

    def _most(self, items: Sequence[_Item], what: str) -> Sequence[_Item]:
        over = len(items) - self.size.items
        if over > 0:
            self.left_out.append(f"{over:,} more {what}")
        return items[: self.size.items]

    def _what_is_left_out(self) -> str:
        if not self.left_out:
            return ""
        return f"Left out, but in the result file: {'; '.join(self.left_out)}."

    def _footer(self, rows: Iterable[Comparison]) -> str:
        head = self.verdict.head
        measured = f"Measured on {describe_testbed(head.testbed)}; {describe_tools(head)}."
        return f"<sub>{_BREAK.join(filter(None, (explanation(rows), escape_within(measured))))}</sub>"


def _note(note: Validity) -> str:
    place = f"{code(note.scenario)}: " if note.scenario else ""
    remedy = f" → {escape_within(note.remedy)}" if note.remedy else ""
    return f"- **{'Invalid' if note.invalid else 'Note'}**: {place}{escape_within(note.message)}{remedy}"


def _written(table: Table) -> str:
    """A table in GitHub's Markdown."""
    titles = " | ".join(column.title for column in table.columns)
    rules = " | ".join("---:" if column.figures else "---" for column in table.columns)
    rows = [" | ".join(_cell(cell) for cell in row) for row in table.rows]
    return "\n".join(f"| {line} |" for line in (titles, rules, *rows))


def _cell(cell: Cell) -> str:
    # A number is not parted from its unit where the table is narrow.
    text = code(cell.text) if cell.name else escape_within(cell.text).replace(" ", _NO_BREAK)
    return text + "".join(f"{_NO_BREAK}{superscript(number)}" for number in cell.notes)
