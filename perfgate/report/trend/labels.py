"""Labels of change points: in rows, so that none covers another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from perfgate.report.trend.records import ShiftRecord

LABEL_ROWS = 3
_LABEL_SHARE = 0.26  # of a panel's width, that a label takes


def labelled(
    shifts: Sequence[ShiftRecord], place_of: Callable[[ShiftRecord], int], shown: tuple[int, int]
) -> tuple[ShiftRecord, ...]:
    """Each with a row in which its label covers no other, None where there is none; the newest are placed first.

    Of neighbours the older label stands higher, and a line begins at its label: so it crosses no label on its left.
    place_of: where a change point stands on the horizontal axis; shown: from where to where that reaches.
    """
    first, last = shown
    width = (last - first) * _LABEL_SHARE
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LABEL_ROWS)]
    placed = []
    for shift in sorted(shifts, key=lambda shift: -shift.time):
        place = place_of(shift)
        left = place + width > last
        span = (place - width, place) if left else (place, place + width)
        free = [row for row in range(LABEL_ROWS) if all(span[1] < start or span[0] > end for start, end in taken[row])]
        row = free[-1] if free else None
        if row is not None:
            taken[row].append(span)
        placed.append(replace(shift, row=row, side="left" if left else "right"))
    unused = min((shift.row for shift in placed if shift.row is not None), default=0)
    return tuple(
        replace(shift, row=None if shift.row is None else shift.row - unused)
        for shift in sorted(placed, key=lambda shift: shift.time)
    )
