"""Rows and changes in words, as notes and the sentences of a report name them."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.compare.comparison import Comparison
from perfgate.compare.rows import Row
from perfgate.units import format_percent

_MOST_NAMES = 5


def place_of(row: Row) -> str:
    """Where a row was measured: "POST /pet of create_pet", or the scenario alone."""
    return row.scenario if row.request is None else f"{row.request} of {row.scenario}"


def describe_change(comparison: Comparison) -> str:
    """The change with its interval: "+31.2 % (+28.9 % to +33.4 %)", of a share "+3.2 points (+2.1 to +4.0 points)"."""
    if comparison.change is None:
        return "unknown"
    change = _signed(comparison.change, comparison.row)
    if comparison.interval is None:
        return f"{change} (interval unknown)"
    low, high = _signed(comparison.interval.low, comparison.row), _signed(comparison.interval.high, comparison.row)
    return f"{change} ({low.removesuffix(' points')} to {high})"


def _signed(fraction: float, row: Row) -> str:
    return f"{fraction * 100:+.1f} points" if row.unit == "fraction" else format_percent(fraction, signed=True)


def what_there_is(known: Sequence[str]) -> str:
    """The end of a sentence about a name that is not there: those that are, the first five of them."""
    if not known:
        return ""
    more = f" and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else ""
    return f" (there {'is' if len(known) == 1 else 'are'} {', '.join(known[:_MOST_NAMES])}{more})"
