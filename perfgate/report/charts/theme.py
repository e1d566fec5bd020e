"""The look of charts on a page, light and dark."""

from __future__ import annotations

from typing import Any


def theme(dark: bool) -> dict[str, Any]:
    """The colours and lines of a chart, as Vega-Lite's config."""
    text, muted, faint = ("#e6e8eb", "#9aa3ad", "#30363d") if dark else ("#1f2328", "#656d76", "#e3e6ea")
    # Less, the same, more: text is read on all of them.
    less, same, more = ("#255d99", "#2d333b", "#b3352a") if dark else ("#7fb2ea", "#e8ebef", "#f0877b")
    small = {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal"}
    colors = {"labelColor": muted, "titleColor": muted, "gridColor": faint, "domainColor": faint, "tickColor": faint}
    return {
        "background": "transparent" if dark else "white",
        "font": "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif",
        "view": {"stroke": None},
        "axis": small | colors,
        "text": {"color": text},
        "range": {"diverging": [less, same, more]},
        "style": {"frame": {"stroke": "#161b22" if dark else "#ffffff", "strokeWidth": 0.8}},
        "title": {"color": text, "subtitleColor": muted, "anchor": "start", "fontSize": 14, "subtitleFontSize": 12},
        "legend": {
            "titleColor": muted,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "labelColor": text,
            "labelFontSize": 12,
            "labelLimit": 400,
            "symbolOpacity": 1,
        },
    }
