"""The interval of a change beside its margin: a small picture for each row of a table (a forest plot).

All rows share one scale, the row's own margin: so a row with 10 % and one with half a percentage point are read alike.
To the right is worse, whether the number went up or down.
"""

from __future__ import annotations

import math

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.metrics.catalogue import metric_of
from perfgate.report import numbers
from perfgate.report.cells import Tone
from perfgate.report.charts.colors import TONES

_TONES = {RowVerdict.REGRESSED: Tone.BAD, RowVerdict.IMPROVED: Tone.GOOD, RowVerdict.INCONCLUSIVE: Tone.OPEN}
# So many margins lie on each side of the middle; what lies beyond ends in an arrow.
REACH = 4.0
_WIDTH, _HEIGHT = 220, 20
_MIDDLE = _HEIGHT / 2


def interval_bar(row: Comparison) -> str:
    """The picture as SVG; "" where the change or its interval is not known."""
    if row.interval is None or row.change is None or not row.margin:
        return ""
    sign = 1.0 if metric_of(row.row.metric).lower_is_better else -1.0
    low, high = sorted(sign * end / row.margin for end in (row.interval.low, row.interval.high))
    color = TONES[_TONES.get(row.verdict, Tone.PLAIN)]
    parts = (
        f'<rect class="margin" x="{_x(-1)}" y="2" width="{round(_x(1) - _x(-1), 1)}" height="{_HEIGHT - 4}" rx="2"/>',
        f'<line class="zero" x1="{_x(0)}" x2="{_x(0)}" y1="0" y2="{_HEIGHT}"/>',
        f'<line x1="{_x(low)}" x2="{_x(high)}" y1="{_MIDDLE}" y2="{_MIDDLE}" stroke="{color}" stroke-width="3"/>',
        *(_arrow(side, color) for side, beyond in ((-1, low < -REACH), (1, high > REACH)) if beyond),
        f'<circle cx="{_x(sign * row.change / row.margin)}" cy="{_MIDDLE}" r="4.5" fill="{color}"/>',
    )
    margin = numbers.with_margin(row, numbers.margin(row))
    said = f"{numbers.change(row)}, {numbers.interval(row)}, {margin}"
    return (
        f'<svg class="interval" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{said}">{"".join(parts)}</svg>'
    )


def _x(margins: float) -> float:
    """Where a change lies; at the edge where it lies beyond, or nowhere."""
    if math.isnan(margins):
        return _WIDTH / 2
    inside = min(REACH, max(-REACH, margins))
    return round(_WIDTH / 2 + inside / REACH * (_WIDTH / 2 - 8), 1)


def _arrow(side: int, color: str) -> str:
    tip = _WIDTH / 2 + side * (_WIDTH / 2 - 1)
    back = tip - side * 7
    return f'<path d="M{tip} {_MIDDLE}L{back} {_MIDDLE - 5}V{_MIDDLE + 5}Z" fill="{color}"/>'
