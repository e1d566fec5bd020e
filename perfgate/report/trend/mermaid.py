"""The trend of one row as a chart that GitHub draws: Mermaid's xychart."""

from __future__ import annotations

import re
from collections.abc import Sequence

from perfgate.compare.stored.trend import Trend
from perfgate.report import numbers
from perfgate.report.cells import Tone
from perfgate.report.charts.colors import PALETTE, TONES
from perfgate.report.escaping import clean

_MOST_POINTS = 40
_WIDTH, _HEIGHT = 760, 280
# Within quotes Mermaid still knows entities (#), directives (%) and the quote itself; a fence ends at a backtick.
_UNSAFE = re.compile(r"[^\w /{}.,:()+-]+", re.ASCII)
_NAME_LIMIT = 60
_LEAST_SPAN = 0.001
_UNITS = {
    "ms": "ms",
    "fraction": "%",
    "per_second": "per second",
    "bytes": "bytes",
    "count": "count",
    "number": "number",
}


def chart(trend: Trend, branch: str, head: float | None) -> str:
    """The newest runs of a branch as a line, and below it a sentence that says how to read it.

    head: what this change was measured at, the last point; None where it cannot be put beside the others. A second line
    says below what (or above, where more is better) the next run should lie, where that is known.
    """
    values = [point.value for point in trend.points[-_MOST_POINTS:]]
    series = values if head is None else [*values, head]
    limit = _limit(trend)
    scale = 100.0 if trend.row.in_points else 1.0
    low, high = _axis(series if limit is None else [*series, limit])
    lines = [
        "xychart-beta",
        f'title "{_safe(_what(trend))}"',
        f'x-axis "{_safe(_runs(branch, head))}" 1 --> {max(2, len(series))}',
        f'y-axis "{_UNITS[trend.row.unit]}" {_number(low * scale)} --> {_number(high * scale)}',
        f"line {_numbers(series, scale)}",
    ]
    if limit is not None:
        lines.append(f"line {_numbers([limit] * len(series), scale)}")
    body = "\n".join(f"    {line}" if place else line for place, line in enumerate(lines))
    return f"```mermaid\n{_LOOK}\n{body}\n```\n\n{_legend(trend, limit)}".rstrip()


_LOOK = f"""---
config:
  xyChart:
    width: {_WIDTH}
    height: {_HEIGHT}
  themeVariables:
    xyChart:
      backgroundColor: "transparent"
      plotColorPalette: "{PALETTE[0]}, {TONES[Tone.OPEN]}"
---"""


def _limit(trend: Trend) -> float | None:
    """Where the next run should end, on the side on which it would be worse."""
    if trend.baseline is None:
        return None
    return trend.baseline.high if trend.is_worse(1.0) else trend.baseline.low


def _axis(values: Sequence[float]) -> tuple[float, float]:
    """From where to where: what moves fills about half of it, and noise is not blown up to a mountain."""
    low, high = min(values), max(values)
    span = max(high - low, 0.1 * high, _LEAST_SPAN)
    return max(0.0, low - span / 2), high + span / 2


def _what(trend: Trend) -> str:
    row = trend.row
    return f"{numbers.metric_name(row.metric, row.stat)} of {clean(row.request or row.scenario, _NAME_LIMIT)}"


def _runs(branch: str, head: float | None) -> str:
    runs = f"runs of {clean(branch, _NAME_LIMIT)}" if branch else "runs"
    return f"{runs}, oldest first" if head is None else f"{runs}, oldest first, the last point is this change"


def _legend(trend: Trend, limit: float | None) -> str:
    if limit is None:
        return ""
    side = "below" if trend.is_worse(1.0) else "above"
    return f"<sub>Yellow: a run that is like the others lies {side} {numbers.value(limit, trend.row.unit)}.</sub>"


def _safe(text: str) -> str:
    return " ".join(_UNSAFE.sub(" ", text).split())


def _numbers(values: Sequence[float], scale: float) -> str:
    return f"[{', '.join(_number(value * scale) for value in values)}]"


def _number(value: float) -> str:
    """Six digits, and never an exponent: Mermaid knows none."""
    text = f"{value:.6f}" if abs(value) < 1 else f"{value:.3f}"
    return text.rstrip("0").rstrip(".") or "0"
