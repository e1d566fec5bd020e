"""A series as a small picture: a line, its change points and its newest value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from perfgate.report.cells import Tone
from perfgate.report.charts.colors import PALETTE, TONES

_WIDTH, _HEIGHT = 160, 32
_EDGE = 4


def line_picture(values: Sequence[float], shifts: Sequence[tuple[float, Tone]], name: str) -> str:
    """The picture as SVG. shifts: as shares of the length. name: what it shows, for a screen reader."""
    points = _points(values)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks = "".join(
        f'<line x1="{_across(share):.1f}" x2="{_across(share):.1f}" y1="1" y2="{_HEIGHT - 1}" stroke="{TONES[tone]}"'
        ' stroke-dasharray="3 2"/>'
        for share, tone in shifts
    )
    x, y = points[-1] if points else (_WIDTH / 2, _HEIGHT / 2)
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{PALETTE[0]}"/>' if points else ""
    return (
        f'<svg class="line" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(name)}">{marks}'
        f'<polyline points="{line}" fill="none" stroke="{PALETTE[0]}" stroke-width="1.4" stroke-linejoin="round"/>'
        f"{dot}</svg>"
    )


def _points(values: Sequence[float]) -> list[tuple[float, float]]:
    known = [(place, value) for place, value in enumerate(values) if math.isfinite(value)]
    if not known:
        return []
    low, high = min(value for _, value in known), max(value for _, value in known)
    last = max(1, len(values) - 1)
    return [
        (_across(place / last) if len(values) > 1 else _across(1), _down(value, low, high)) for place, value in known
    ]


def _across(share: float) -> float:
    return _EDGE + share * (_WIDTH - 2 * _EDGE)


def _down(value: float, low: float, high: float) -> float:
    """From the top. Numbers are divided before they are subtracted: the difference of huge ones stays finite."""
    if low == high:
        return _HEIGHT / 2
    scale = max(abs(low), abs(high))
    share = (value / scale - low / scale) / (high / scale - low / scale)
    return _HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE)
