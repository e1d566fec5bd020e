"""Words for what was counted: "the count of db in Server-Timing went up from 2 to 3 in GET /cart"."""

from __future__ import annotations

from perfgate.compare.comparison import Comparison
from perfgate.compare.rows import Row
from perfgate.metrics.catalogue import COUNTER, count_of, metric_of
from perfgate.report import numbers
from perfgate.report.escaping import NAME_LIMIT, clean
from perfgate.report.phrase import Name, Phrase


def change_of_count(comparison: Comparison) -> Phrase:
    """From what to what a count went; () of any other row, and where one of both is not known."""
    row = comparison.row
    name = count_of(row.metric)
    if name is None or comparison.base is None or comparison.head is None:
        return ()
    base, head = numbers.value(comparison.base, row.unit), numbers.value(comparison.head, row.unit)
    direction = "up" if comparison.head >= comparison.base else "down"
    place = row.scenario if row.request is None else row.request
    before, after = _what(row)
    return (
        before,
        Name(clean(name, NAME_LIMIT)),
        f"{after} went {direction} from {base} to {head} in ",
        Name(clean(place, NAME_LIMIT)),
    )


def _what(row: Row) -> tuple[str, str]:
    """What a row counts, in the words before its name and those behind it."""
    if metric_of(row.metric).name == COUNTER:
        return "the counter ", ""
    return f"the {'time' if row.is_server_timing else 'count'} of ", " in Server-Timing"
