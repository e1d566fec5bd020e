"""A series of numbers as one line of text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

_BARS = "▁▂▃▄▅▆▇█"
_GAP = " "


def sparkline(values: Iterable[float | None]) -> str:
    """One character for each value, from the least (▁) to the greatest (█); a space where there is none.

    None, nan and infinities are gaps. A series that does not move is drawn in the middle.
    """
    series = [None if value is None or not math.isfinite(value) else value for value in values]
    known = [value for value in series if value is not None]
    if not known:
        return _GAP * len(series)
    low, high = min(known), max(known)
    return "".join(_GAP if value is None else _bar(value, low, high) for value in series)


def condensed(values: Sequence[float], most: int) -> list[float]:
    """At most so many values: medians of neighbours where there are more."""
    count = min(len(values), most)
    edges = [place * len(values) // count for place in range(count + 1)]
    return [median(values[start:end]) for start, end in pairwise(edges)]


def _bar(value: float, low: float, high: float) -> str:
    if low == high:
        return _BARS[len(_BARS) // 2 - 1]
    # Each number is divided before any two are subtracted, so that the difference of huge ones stays finite.
    scale = max(abs(low), abs(high))
    share = (value / scale - low / scale) / (high / scale - low / scale)
    return _BARS[min(int(share * len(_BARS)), len(_BARS) - 1)]
