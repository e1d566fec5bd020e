"""What a report folds in of the history: the row that the verdict is about as a chart, and the others as sparklines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from perfgate.compare.comparison import Comparison
from perfgate.compare.rows import DURATION
from perfgate.compare.stored.trend import Trend
from perfgate.report.rows import is_worth_reading, worst_first
from perfgate.report.trend import table
from perfgate.report.trend.mermaid import chart
from perfgate.report.trend.trends import Trends
from perfgate.verdict import Verdict


def trend_fold(trends: Trends, verdict: Verdict) -> str:
    """The chart and the table as Markdown; "" where the history has nothing of what the verdict is about.

    Of several machines the one that measured head, else the one that was used last.
    """
    here = verdict.head.testbed.id
    testbed = here if here in trends.used else next(iter(trends.used), "")
    own = {comparison.row.scenario for comparison in verdict.rows} | {line.scenario for line in verdict.summary}
    found = tuple(trend for trend in trends.trends if trend.testbed == testbed and trend.row.scenario in own)
    shown = _to_draw(found, verdict)
    if shown is None:
        return ""
    trend, comparison = shown
    head = (
        comparison.head if comparison is not None and testbed == here and trend.newest.run != verdict.head.id else None
    )
    medians = tuple(one for one in found if (one.row.metric, one.row.stat) == (DURATION, "med"))
    sparklines = table.markdown(replace(trends, trends=medians), heading="") if medians else ""
    return "\n\n".join(filter(None, (chart(trend, trends.branch, head), sparklines)))


def _to_draw(trends: Iterable[Trend], verdict: Verdict) -> tuple[Trend, Comparison | None] | None:
    """The trend of the worst row that changed, else of the first median, else of any row; with that row, if any."""
    by_row = {trend.row: trend for trend in trends}
    rows = worst_first(verdict.rows)
    changed = [comparison for comparison in rows if is_worth_reading(comparison)]
    medians = [comparison for comparison in rows if (comparison.row.metric, comparison.row.stat) == (DURATION, "med")]
    for comparison in (*changed, *medians, *rows):
        trend = by_row.get(comparison.row)
        if trend is not None:
            return trend, comparison
    return next(((trend, None) for trend in by_row.values()), None)
