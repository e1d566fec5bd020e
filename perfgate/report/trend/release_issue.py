"""The text of an issue about the way since a pinned release: small steps that each pass, and add up."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from perfgate.compare.stored.release import SinceRelease
from perfgate.metrics.run import RunRecord
from perfgate.report import numbers
from perfgate.report.cells import Cell, Column, Tone, numeric, table_of, words
from perfgate.report.escaping import clean, code, escape_within, is_own_command
from perfgate.report.markdown_table import table_text
from perfgate.report.tables import name_cell
from perfgate.units import format_date

_MOST_ROWS = 30
# A title is to be read, and GitHub takes 256 characters.
_LONGEST_RELEASE, _LONGEST_NAME = 60, 100
_MEMORY = "release."
_FOOT = (
    "perfgate keeps this issue: it edits it after the runs of the branch, and closes it when all rows are within their"
    " margins again. Close it where the change is wanted: it is not opened again for this release."
)


@dataclass(frozen=True)
class WaySince:
    """How far the newest run is from a pinned release.

    name: of the release, as it is pinned. release, head: the runs. rows: those that allow an answer.
    """

    name: str
    release: RunRecord
    head: RunRecord
    rows: tuple[SinceRelease, ...]

    @property
    def beyond(self) -> tuple[SinceRelease, ...]:
        """The rows that are worse by more than their margin, the one that is so by the most of it first."""
        rows = [row for row in self.rows if row.beyond]
        return tuple(sorted(rows, key=lambda row: -abs(row.creep.change) / row.margin))

    @property
    def within(self) -> bool:
        """Whether every row is within its margin, as far as its level says."""
        return bool(self.rows) and all(row.within for row in self.rows)

    @property
    def memory(self) -> str:
        """What tells the issue from others, as one word."""
        return memory_of(self.name)


def memory_of(release: str) -> str:
    """What the issue about a pinned release is told by."""
    return f"{_MEMORY}{base64.urlsafe_b64encode(release.encode()).decode()}"


def is_about_a_release(memory: str) -> bool:
    """Whether this is what an issue about a release, any, is told by."""
    return memory.startswith(_MEMORY)


def title(way: WaySince) -> str:
    """One line: "Slower than v1.2.0: POST /pet, http_req_duration med +12.3 %"."""
    worst, more = way.beyond[0], len(way.beyond) - 1
    others = f", and {more} more row{'s' if more > 1 else ''}" if more else ""
    name = clean(worst.row.request or worst.row.scenario, _LONGEST_NAME)
    return f"Slower than {clean(way.name, _LONGEST_RELEASE)}: {name}, {_metric(worst)} {_change(worst)}{others}"


def body(way: WaySince, limit: int) -> str:
    """The text, of at most so many characters."""
    for rows in (_MOST_ROWS, 5, 1):
        text = _text(way, way.beyond[:rows])
        if len(text) <= limit:
            return text
    return text[:limit]


def back(way: WaySince) -> str:
    """The word to close with, one line."""
    return (
        f"no row is worse than {code(way.name)} by more than its margin any more, by the runs up to"
        f" {_commit(way.head)}."
    )


def replaced(release: str | None) -> str:
    """The word to close the issue about another release with, one line. release: that is pinned now; None for none."""
    return "no release is pinned any more." if release is None else f"another release is pinned: {code(release)}."


def _text(way: WaySince, rows: Sequence[SinceRelease]) -> str:
    worst = way.beyond[0]
    left_out = len(way.beyond) - len(rows)
    blocks = [
        f"### {code(worst.row.request or worst.row.scenario)}: {escape_within(_metric(worst))} {_change(worst)} since"
        f" {code(way.name)}",
        f"The release ({_commit(way.release)}, {format_date(way.release.started_at)}) and the newest runs, up to"
        f" {_commit(way.head)} ({format_date(way.head.started_at)}), are farther apart than the margin. No single step"
        " need have been large.",
        _table(rows),
        f"{left_out} more rows are." if left_out else "",
        _next_step(way),
        f"<sub>{_FOOT}</sub>",
    ]
    return "\n\n".join(block for block in blocks if block)


def _table(rows: Sequence[SinceRelease]) -> str:
    columns: tuple[Column[SinceRelease], ...] = (
        words("scenario", lambda row: name_cell(row.row.scenario)),
        words("request", lambda row: name_cell(row.row.request)),
        words("metric", lambda row: Cell(_metric(row))),
        numeric("change", lambda row: Cell(_change(row), tone=Tone.BAD)),
        numeric("interval", lambda row: Cell(_interval(row))),
        numeric("margin", lambda row: Cell(numbers.plain(row.margin, row.row.unit))),
    )
    return table_text(table_of(columns, rows))


def _next_step(way: WaySince) -> str:
    row = way.beyond[0].row
    ends = (way.release.commit, way.head.commit)
    command = shlex.join(["perfgate", "bisect", *ends, clean(row.scenario), "--metric", row.metric])
    if not all(end.isalnum() for end in ends) or ends[0] == ends[1] or not is_own_command(command):
        return ""
    return f"Find the commit that did it, or see that several did:\n\n```sh\n{command}\n```"


def _metric(row: SinceRelease) -> str:
    return numbers.metric_name(row.row.metric, row.row.stat)


def _change(row: SinceRelease) -> str:
    return numbers.signed(row.creep.change, row.row.unit)


def _interval(row: SinceRelease) -> str:
    low, high = (numbers.signed(end, row.row.unit) for end in (row.creep.interval.low, row.creep.interval.high))
    return f"{low.removesuffix(' %')} to {high}"


def _commit(record: RunRecord) -> str:
    return f"`{record.commit[:7]}`" if record.commit.isalnum() else "an unknown commit"
