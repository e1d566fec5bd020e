"""Words for what a dependency costs: "postgres spends 3.1 ms of CPU a request more in create_pet"."""

from __future__ import annotations

from perfgate.compare.comparison import Comparison
from perfgate.metrics.catalogue import dependency_of
from perfgate.report import numbers
from perfgate.report.escaping import NAME_LIMIT, clean
from perfgate.report.phrase import Name, Phrase


def cost_of_dependency(comparison: Comparison) -> Phrase:
    """How much more or less a dependency costs on head; () of any other row, and where it is not known."""
    name = dependency_of(comparison.row.metric)
    base, head = comparison.base, comparison.head
    if name is None or base is None or head is None:
        return ()
    difference = numbers.value(abs(head - base), comparison.row.unit)
    more = "more" if head >= base else "less"
    if comparison.row.is_memory:
        cost = f" needs {difference} of memory {more} in "
    else:
        cost = f" spends {difference} of CPU a request {more} in "
    return (Name(clean(name, NAME_LIMIT)), cost, Name(clean(comparison.row.scenario, NAME_LIMIT)))
