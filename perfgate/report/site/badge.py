"""A badge for a README: the last verdict in two words, as SVG that fetches nothing."""

from __future__ import annotations

from html import escape

from perfgate.compare.comparison import RowVerdict
from perfgate.report.escaping import clean
from perfgate.report.site.shell import verdict_words

_LONGEST = 40
_EDGE = 7
_HEIGHT = 20
# Of Verdana at 11 pixels, about; the text is stretched to what was reckoned.
_WIDE, _NARROW, _OTHER = 9.6, 4.2, 6.9
_COLORS = {
    RowVerdict.REGRESSED: "#c0392b",
    RowVerdict.IMPROVED: "#137a4a",
    RowVerdict.UNCHANGED: "#137a4a",
    RowVerdict.INCONCLUSIVE: "#8a5a00",
    None: "#5c6670",
}


def render(label: str, verdict: RowVerdict | None, runs: int) -> str:
    """The badge. label: what it is about; runs: how many there are."""
    label = clean(label, _LONGEST) or "performance"
    said = verdict_words(verdict) if verdict or runs else "no runs"
    left, right = (_width(words) + 2 * _EDGE for words in (label, said))
    total = left + right
    title = escape(f"{label}: {said}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{_HEIGHT}" role="img" aria-label="{title}">'
        f'<title>{title}</title><clipPath id="edge"><rect width="{total}" height="{_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#edge)"><rect width="{left}" height="{_HEIGHT}" fill="#333b43"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{_COLORS[verdict]}"/></g>'
        '<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">'
        f"{_text(label, _EDGE)}{_text(said, left + _EDGE)}</g></svg>\n"
    )


def _text(words: str, x: int) -> str:
    return f'<text x="{x}" y="14" textLength="{_width(words)}" lengthAdjust="spacingAndGlyphs">{escape(words)}</text>'


def _width(words: str) -> int:
    return round(
        sum(_NARROW if one in " .,:;'!|()[]iIjlft-" else _WIDE if one in "mwMW@%" else _OTHER for one in words)
    )
