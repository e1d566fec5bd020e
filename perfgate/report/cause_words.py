"""The words for causes: a sentence each, the most telling first."""

from __future__ import annotations

from perfgate.explain.cause import Cause
from perfgate.report.phrase import Name, Phrase
from perfgate.units import format_milliseconds, format_number
from perfgate.verdict import Verdict

# More sentences would hide the first one.
_MOST = 3
# What rounds to it: shares of a difference are estimates, and what one function lost another one may have won.
_ALL = 0.995


def cause_sentences(verdict: Verdict) -> tuple[Phrase, ...]:
    """At most three sentences on why head is slower; () where nothing was found."""
    causes = sorted(verdict.causes, key=lambda cause: cause.change_ms, reverse=True)
    several = len({cause.scenario for cause in causes}) > 1
    return tuple(_sentence(cause, several) for cause in causes[:_MOST])


def _sentence(cause: Cause, several: bool) -> Phrase:
    """several: whether the causes are of more than one scenario."""
    parts: list[str | Name] = [Name(cause.function)]
    parts += [f" takes {format_milliseconds(cause.change_ms)} of CPU a request more"]
    parts += [f" ({_signed(cause.low_ms)} to {_signed(cause.high_ms)}){_share(cause)}"]
    if several:
        parts += [" in ", Name(cause.scenario)]
    if cause.within:
        parts += ["; most of it in ", Name(cause.within)]
    if cause.callers:
        parts += ["; called from ", Name(cause.callers[0])]
    if cause.file:
        place = cause.file if cause.line is None else f"{cause.file}:{cause.line}"
        parts += ["; in ", Name(place)]
    if cause.changed is not None:
        parts += [", which differs between the two commits" if cause.changed else ", which is the same in both commits"]
    return (*parts, ".")


def _signed(milliseconds: float) -> str:
    return f"{'+' if milliseconds > 0 else '−' if milliseconds < 0 else ''}{format_number(abs(milliseconds))}"


def _share(cause: Cause) -> str:
    if cause.share is None:
        return ""
    if cause.share >= _ALL:
        return ", all of the difference"
    return f", {cause.share * 100:.0f} % of the difference"
