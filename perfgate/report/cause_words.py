"""The words for causes: a sentence each, the most telling first."""

from __future__ import annotations

from itertools import zip_longest

from perfgate.explain.cause import Cause, CauseKind
from perfgate.report.phrase import Name, Phrase
from perfgate.units import format_milliseconds, format_number, format_short
from perfgate.verdict import Verdict

# More sentences would hide the first one.
_MOST = 3
# What rounds to it: shares of a difference are estimates, and what one function lost another one may have won.
_ALL = 0.995
_WAITING = "they wait for a lock, for a timer, or for something outside of this machine"

_Parts = list[str | Name]


def cause_sentences(verdict: Verdict) -> tuple[Phrase, ...]:
    """At most three sentences on why head is slower; () where nothing was found."""
    scenarios = list(dict.fromkeys(cause.scenario for cause in verdict.causes))
    each = [[cause for cause in verdict.causes if cause.scenario == scenario] for scenario in scenarios]
    told: dict[tuple[str, ...], Cause] = {}
    for cause in (cause for row in zip_longest(*each) for cause in row if cause):
        told.setdefault((cause.kind, cause.dependency, cause.function, cause.file), cause)
    changed = "changed in this pull request" if verdict.head.command == "gate" else "changed on head"
    return tuple(_sentence(cause, len(scenarios) > 1, changed) for cause in list(told.values())[:_MOST])


def _sentence(cause: Cause, several: bool, changed: str) -> Phrase:
    """several: whether the causes are of more than one scenario."""
    parts = _rise(cause)
    if several:
        parts += [" in ", Name(cause.scenario)]
    if cause.within:
        parts += ["; most of it in ", Name(cause.within)]
    if cause.callers:
        parts += ["; called from ", Name(cause.callers[0])]
    if cause.changed:
        parts += [f"; {changed}"]
    if cause.kind is CauseKind.WAITING and not cause.function:
        parts += [f", and no more CPU: {_WAITING}"]
    return (*parts, ".")


def _rise(cause: Cause) -> _Parts:
    """Who takes how much more."""
    more = format_milliseconds(cause.change_ms)
    interval = f" ({_signed(cause.low_ms)} to {_signed(cause.high_ms)}){_share(cause)}"
    inside: _Parts = [" of ", Name(cause.dependency)] if cause.dependency and cause.function else []
    if cause.kind is CauseKind.QUERY_RUNS:
        often = f"{_times(cause.head_calls)} a request instead of {_before(cause.base_calls)}"
        return [*_place(cause), *inside, f" runs {often}, which takes {more} more{interval}"]
    if cause.kind is CauseKind.QUERY_TIME:
        return [*_place(cause), *inside, f" takes {more} a request more{interval}, and runs as often as before"]
    if cause.kind is CauseKind.CPU:
        whose: _Parts = _place(cause) if cause.function else [Name(cause.dependency)]
        return [*whose, *inside, f" takes {more} of CPU a request more{interval}"]
    if cause.function:
        return [f"Requests wait {more} longer in ", *_place(cause), *inside, interval]
    return [f"Requests take {more} longer{interval}"]


def _place(cause: Cause) -> _Parts:
    """A function, and the line where it begins."""
    if not cause.file:
        return [Name(cause.function)]
    place = cause.file if cause.line is None else f"{cause.file}:{cause.line}"
    return [Name(cause.function), " (", Name(place), ")"]


def _times(calls: float | None) -> str:
    """How often: "once", "10 times", "0.25 times"."""
    number = _calls(calls)
    return {"0": "never", "1": "once"}.get(number, f"{number} times")


def _before(calls: float | None) -> str:
    """How often it was, behind how often it is: "never", "once", "2"."""
    number = _calls(calls)
    return {"0": "never", "1": "once"}.get(number, number)


def _calls(calls: float | None) -> str:
    return format_short(calls or 0.0, 3)


def _signed(milliseconds: float) -> str:
    return f"{'+' if milliseconds > 0 else '−' if milliseconds < 0 else ''}{format_number(abs(milliseconds))}"


def _share(cause: Cause) -> str:
    if cause.share is None:
        return ""
    if cause.share >= _ALL:
        return ", all of the difference"
    return f", {cause.share * 100:.0f} % of the difference"
