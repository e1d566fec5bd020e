"""What all pages of a site share: the frame, with a policy that lets scripts of the site alone run, and few words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files

from perfgate.compare.comparison import RowVerdict
from perfgate.report.escaping import clean
from perfgate.report.site.values import RunFacts
from perfgate.units import format_minute

_MARK = re.compile(r"\[\[(\w+)\]\]")
_WORDS = {
    RowVerdict.REGRESSED: ("regressed", "bad"),
    RowVerdict.IMPROVED: ("improved", "good"),
    RowVerdict.UNCHANGED: ("no regression", "good"),
    RowVerdict.INCONCLUSIVE: ("undecided", "open"),
    None: ("not judged", ""),
}


def shell(title: str, header: str, main: str, footer: str, top: str, scripts: Sequence[str] = ()) -> str:
    """A page.

    title: as plain text; header, main, footer: as HTML.
    top: the way to the top of the site, "" or "../".
    scripts: the files that it loads, in this order, from the top of the site.
    """
    filled = {
        "title": escape(clean(title)),
        "header": header,
        "main": main,
        "footer": footer,
        "top": top,
        "scripts": "\n".join(f'<script src="{top}{script}" defer></script>' for script in scripts),
    }
    # In one pass: what is put in is not looked through for marks again.
    return _MARK.sub(lambda mark: filled[mark[1]], _template())


@cache
def _template() -> str:
    return files(__package__).joinpath("site.html").read_text(encoding="utf-8")


def verdict_words(verdict: RowVerdict | None) -> str:
    """A last verdict in words."""
    return _WORDS[verdict][0]


def verdict_mark(verdict: RowVerdict | None) -> str:
    """A last verdict as a mark that says it in words."""
    words, tone = _WORDS[verdict]
    return f'<span class="outcome {tone}">{words}</span>' if tone else f'<span class="outcome">{words}</span>'


def commit_link(run: RunFacts) -> str:
    """The commit of a run, a link where its address is known."""
    commit = f"<code>{escape(clean(run.short_commit))}</code>"
    if not run.url:
        return commit
    return f'<a href="{escape(run.url)}" target="_blank" rel="noopener noreferrer">{commit}</a>'


def moment(run: RunFacts) -> str:
    """When a run began."""
    return f"<time>{format_minute(run.started_at)}</time>"
