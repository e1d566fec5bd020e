"""The text of an issue about a slowdown: what got worse, how much, between which commits, and how to find the one."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from perfgate.compare.comparison import Interval
from perfgate.compare.stored.slowdowns import Slowdown, WorseRow
from perfgate.compare.stored.trend import TrendPoint
from perfgate.report import numbers
from perfgate.report.cells import Cell, Column, Tone, numeric, table_of, words
from perfgate.report.escaping import clean, code, escape_within, is_own_command
from perfgate.report.markdown_table import table_text
from perfgate.report.tables import name_cell
from perfgate.report.trend.mermaid import chart
from perfgate.report.trend.sparkline import sparkline
from perfgate.report.trend.trends import SHORT_COMMIT, Trends, commit_of
from perfgate.units import format_date

_MOST_ROWS = 30
_MOST_LINES = 6
_SHOWN_RUNS = 60
# A title is to be read, and GitHub takes 256 characters.
_LONGEST_NAME = 100
_FOOT = (
    "perfgate keeps this issue: it edits it after the runs of the branch, and closes it when the level is back"
    " or can no longer be told. Close it where the change is wanted: it is not opened again for this step."
)


def title(slowdown: Slowdown) -> str:
    """One line: "Slower since 1a2b3c4: POST /pet, http_req_duration med +12.3 %"."""
    worse = slowdown.clearest
    more = len(slowdown.rows) - 1
    others = f", and {more} more row{'s' if more > 1 else ''}" if more else ""
    what = f"{clean(_name(worse), _LONGEST_NAME)}, {_metric(worse)} {_change(worse)}"
    return f"Slower since {_commit(worse.first)}: {what}{others}"


def body(slowdown: Slowdown, trends: Trends, limit: int) -> str:
    """The text, of at most so many characters: what is folded goes first, then rows."""
    picture = _picture(slowdown.clearest, trends)
    for rows, drawn in ((_MOST_ROWS, picture), (_MOST_ROWS, ""), (_MOST_LINES, ""), (1, "")):
        text = _text(slowdown, trends, rows, drawn)
        if len(text) <= limit:
            return text
    return text[:limit]


def back(rows: int, untold: int, newest: TrendPoint) -> str:
    """The word to close with, one line. rows: how many are back. untold: how many more cannot be told any more."""
    level = "the level is" if rows == 1 else f"all {rows} levels are"
    others = f"; {untold} more row{'s are' if untold > 1 else ' is'} no longer measured as then" if untold else ""
    return f"{level} back where it was before, by the runs up to {_commit(newest)} ({_day(newest)}){others}."


def untold(newest: TrendPoint) -> str:
    """The word to close with where no row can be told any more, one line."""
    return (
        f"none of its rows is measured any more as it was then, by the runs up to {_commit(newest)} ({_day(newest)}):"
        " the scenario has changed or is gone, or the machine is."
    )


def _text(slowdown: Slowdown, trends: Trends, rows: int, picture: str) -> str:
    blocks = [
        _headline(slowdown.clearest),
        _where(slowdown, trends),
        _table(slowdown.rows[:rows], trends),
        _left_out(slowdown, rows),
        _lines(slowdown.rows[:_MOST_LINES], trends),
        _next_step(slowdown),
        picture,
        f"<sub>{_FOOT}</sub>",
    ]
    return "\n\n".join(block for block in blocks if block)


def _headline(worse: WorseRow) -> str:
    unit = worse.trend.row.unit
    levels = f"{numbers.value(worse.step.before, unit)} → {numbers.value(worse.step.after, unit)}"
    return (
        f"### {code(_name(worse))}: {escape_within(_metric(worse))} {_change(worse)}"
        f" ({_interval(worse.step.interval, unit)}), {levels}"
    )


def _where(slowdown: Slowdown, trends: Trends) -> str:
    good, bad = _ends(slowdown)
    worse = slowdown.clearest
    confirming = len(worse.trend.points) - worse.step.first
    branch = f" on {code(trends.branch)}" if trends.branch else ""
    between = f"between {_linked(good, trends)} ({_day(good)}) and {_linked(bad, trends)} ({_day(bad)})"
    if _same_commit(good, bad):
        between = (
            f"at {_linked(bad, trends)} ({_day(bad)}), whose runs before were faster: the machine may have changed"
        )
    likely = "" if worse.first.run == bad.run else f", most likely at {_linked(worse.first, trends)}"
    return f"It got worse{branch} {between}{likely}. {confirming} runs confirm it."


def _table(rows: Sequence[WorseRow], trends: Trends) -> str:
    columns: list[Column[WorseRow]] = [
        words("scenario", lambda worse: name_cell(worse.trend.row.scenario)),
        words("request", lambda worse: name_cell(worse.trend.row.request)),
        words("metric", lambda worse: Cell(_metric(worse))),
        numeric("before", lambda worse: Cell(numbers.value(worse.step.before, worse.trend.row.unit))),
        numeric("now", lambda worse: Cell(numbers.value(worse.step.after, worse.trend.row.unit))),
        numeric("change", lambda worse: Cell(_change(worse), tone=Tone.BAD)),
        numeric("interval", lambda worse: Cell(_interval(worse.step.interval, worse.trend.row.unit))),
    ]
    if len(trends.used) > 1:
        columns.append(words("testbed", lambda worse: name_cell(trends.name_of(worse.trend.testbed))))
    return table_text(table_of(columns, rows))


def _left_out(slowdown: Slowdown, rows: int) -> str:
    more = len(slowdown.rows) - rows
    return f"{more} more rows got worse at the same time." if more > 0 else ""


# What ends a block of code, or looks like a tag to who searches the text.
_TAME = str.maketrans({"`": "'", "<": "‹", ">": "›"})


def _lines(rows: Sequence[WorseRow], trends: Trends) -> str:
    """The newest runs of each row as a line of text, with a mark where the step is."""
    drawn = []
    for worse in rows:
        points = worse.trend.points[-_SHOWN_RUNS:]
        mark = max(0, worse.step.first - (len(worse.trend.points) - len(points)))
        named = clean(f"{_name(worse)} · {_metric(worse)}").translate(_TAME)
        drawn += [f"{sparkline([point.value for point in points])}  {named}", f"{' ' * mark}▲ {_commit(worse.first)}"]
    span = format_date(rows[0].trend.points[-_SHOWN_RUNS:][0].started_at)
    return "\n".join(["```text", *drawn, f"the newest runs, the oldest of them of {span}", "```"])


def _next_step(slowdown: Slowdown) -> str:
    good, bad = _ends(slowdown)
    if _same_commit(good, bad) or not (good.commit.isalnum() and bad.commit.isalnum()):
        return ""
    row = slowdown.clearest.trend.row
    command = shlex.join(["perfgate", "bisect", good.commit, bad.commit, clean(row.scenario), "--metric", row.metric])
    if not is_own_command(command):
        return ""
    return f"Find the commit that did it:\n\n```sh\n{command}\n```"


def _picture(worse: WorseRow, trends: Trends) -> str:
    drawn = chart(worse.trend, trends.branch, None)
    return f"<details><summary>Chart</summary>\n\n{drawn}\n\n</details>"


def _ends(slowdown: Slowdown) -> tuple[TrendPoint, TrendPoint]:
    """The runs between which it happened, by the clearest row."""
    return slowdown.clearest.good, slowdown.clearest.bad


def _same_commit(good: TrendPoint, bad: TrendPoint) -> bool:
    return bool(good.commit) and good.commit == bad.commit


def _name(worse: WorseRow) -> str:
    return worse.trend.row.request or worse.trend.row.scenario


def _metric(worse: WorseRow) -> str:
    return numbers.metric_name(worse.trend.row.metric, worse.trend.row.stat)


def _change(worse: WorseRow) -> str:
    return numbers.signed(worse.step.change, worse.trend.row.unit)


def _interval(interval: Interval, unit: str) -> str:
    low, high = (numbers.signed(end, unit) for end in (interval.low, interval.high))
    return f"{low.removesuffix(' %')} to {high}"


def _commit(point: TrendPoint) -> str:
    return clean(commit_of(point))


def _linked(point: TrendPoint, trends: Trends) -> str:
    url = trends.url_of(point)
    short = f"`{point.commit[:SHORT_COMMIT]}`" if point.commit.isalnum() else escape_within(_commit(point))
    return f"[{short}]({url})" if url else short


def _day(point: TrendPoint) -> str:
    return format_date(point.started_at)
