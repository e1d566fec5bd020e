"""Words for what was counted: "db went up from 2 to 3 in GET /cart"."""

from __future__ import annotations

from perfgate.compare.comparison import Comparison
from perfgate.metrics.catalogue import count_of
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
    return (
        Name(clean(name, NAME_LIMIT)),
        f" went {direction} from {base} to {head} in ",
        Name(clean(place, NAME_LIMIT)),
    )
