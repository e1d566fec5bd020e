"""The feed of change points, in Atom (RFC 4287): an entry for each run with some, which keeps its id."""

from __future__ import annotations

import uuid
from html import escape
from xml.sax.saxutils import escape as escape_text
from xml.sax.saxutils import quoteattr

from perfgate.report.cells import Tone
from perfgate.report.escaping import clean
from perfgate.report.site.overview import address_of_run
from perfgate.report.site.paths import FEED
from perfgate.report.site.shell import commit_link
from perfgate.report.site.values import Overview, ShiftEntry
from perfgate.units import format_timestamp

_MOST = 50
_OURS = uuid.UUID("7d0a2b50-9f0e-5d3c-9a51-6f4b1c2d8e90")
_WORDS = {Tone.BAD: " (worse)", Tone.GOOD: " (better)"}
_NEVER = 0.0


def render(site: Overview) -> str:
    """The feed. Without the site's address its links start from where the feed lies."""
    title = f"Change points of {site.branch}" if site.branch else "Change points"
    base = f" xml:base={quoteattr(site.address)}" if site.address else ""
    own = f'<link rel="self" href={quoteattr(site.address + FEED)}/>' if site.address else ""
    updated = format_timestamp(_NEVER if site.newest is None else site.newest)
    entries = "\n".join(_entry(shifts, site) for shifts in site.shifts[:_MOST])
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom"{base}>\n'
        f"<id>{_id(site.address or site.branch, 'feed')}</id>\n<title>{_text(title)}</title>\n"
        f'<updated>{updated}</updated>\n{own}<link rel="alternate" href={quoteattr(site.address or "index.html")}/>\n'
        f"<author><name>perfgate</name></author>\n{entries}\n</feed>\n"
    )


def _entry(shifts: tuple[ShiftEntry, ...], site: Overview) -> str:
    """Those of one run."""
    first = shifts[0]
    more = len(shifts) - 1
    title = f"{_sentence(first)}{f' and {more:,} more' if more else ''}"
    lines = "".join(
        f'<li><a href="{escape(site.address + address_of_run(shift))}">{escape(clean(_sentence(shift)))}</a>, '
        f"to {escape(shift.level)}</li>"
        for shift in shifts
    )
    content = (
        f"<p>First commit at the new level: {commit_link(first.first)}, on {escape(clean(first.testbed))}.</p>"
        f"<ul>{lines}</ul>"
    )
    moment = format_timestamp(first.first.started_at)
    return (
        f"<entry><id>{_id(site.address or site.branch, first.run)}</id><title>{_text(title)}</title>"
        f"<updated>{moment}</updated><link href={quoteattr(site.address + address_of_run(first))}/>"
        f'<content type="html">{escape_text(content)}</content></entry>'
    )


def _sentence(shift: ShiftEntry) -> str:
    """ "create_pet POST /pet: http_req_duration med +12.4 % (worse)"."""
    place = " ".join(filter(None, (shift.scenario, shift.request)))
    return f"{place}: {shift.statistic} {shift.change}{_WORDS.get(shift.tone, '')}"


def _text(words: str) -> str:
    return escape_text(clean(words))


def _id(where: str, key: str) -> str:
    return uuid.uuid5(_OURS, f"{where}\n{key}").urn
