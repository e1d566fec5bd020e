"""Reasons as sentences that a person understands without the table beside them."""

from __future__ import annotations

from perfgate.compare.comparison import Comparison, RowVerdict
from perfgate.metrics.catalogue import unit_of
from perfgate.metrics.threshold import ThresholdResult
from perfgate.units import format_percent, format_value
from perfgate.verdict.accept import Acceptance
from perfgate.verdict.values import ValidityNote

_WORSE = {
    "http_req_duration": "got slower",
    "http_req_failed": "went up",
    "http_reqs": "fell",
    "service_cpu": "costs more",
    "service_memory": "takes more",
}
_BETTER = {
    "http_req_duration": "got faster",
    "http_req_failed": "went down",
    "http_reqs": "rose",
    "service_cpu": "costs less",
    "service_memory": "takes less",
}


def place(scenario: str, request: str | None) -> str:
    """Where something was seen: "POST /pet of create_pet", or the scenario alone."""
    return scenario if request is None else f"{request} of {scenario}"


def about_row(row: Comparison) -> str:
    """What one row says: "POST /pet of create_pet: http_req_duration med got slower: +31.2 % (...), margin 5 %"."""
    subject = f"{place(row.row.scenario, row.row.request)}: {row.row.metric} {row.row.stat}"
    if row.change is None:
        return f"{subject} cannot be compared: {'; '.join(row.warnings) or 'nothing was measured'}"
    return f"{subject} {_what_happened(row)}: {describe_change(row)}, margin {_size(row.margin, row)}"


def _what_happened(row: Comparison) -> str:
    if row.verdict is RowVerdict.REGRESSED:
        return _WORSE.get(row.row.metric, "got worse")
    if row.verdict is RowVerdict.IMPROVED:
        return _BETTER.get(row.row.metric, "got better")
    return "did not change" if row.verdict is RowVerdict.UNCHANGED else "is undecided"


def describe_change(row: Comparison) -> str:
    """The change with its interval: "+31.2 % (+28.9 % to +33.4 %)", for shares "+3.2 points (+2.1 to +4.0 points)"."""
    if row.change is None:
        return "unknown"
    change = _signed(row.change, row)
    if row.interval is None:
        return f"{change} (interval unknown)"
    return f"{change} ({_signed(row.interval.low, row).removesuffix(' points')} to {_signed(row.interval.high, row)})"


def _signed(fraction: float, row: Comparison) -> str:
    return f"{fraction * 100:+.1f} points" if row.row.unit == "fraction" else format_percent(fraction, signed=True)


def _size(fraction: float, row: Comparison) -> str:
    number = f"{fraction * 100:.3g}"
    return f"{number} points" if row.row.unit == "fraction" else f"{number} %"


def about_threshold(result: ThresholdResult) -> str:
    """Why a threshold failed: what it says and what was measured."""
    threshold = result.threshold
    said = f"{result.scenario}: threshold {threshold.selector} {threshold.expression}"
    if result.value is None:
        return f"{said} has no data, and a threshold without data fails"
    return f"{said} is crossed: {format_value(result.value, unit_of(threshold.metric, threshold.stat))}"


def about_validity(note: ValidityNote) -> str:
    """A note with its hint."""
    said = f"{note.scenario}: {note.message}" if note.scenario else note.message
    return f"{said}; {note.hint}" if note.hint else said


def about_accepted(row: Comparison, acceptance: Acceptance) -> str:
    """A regression that is accepted, and why."""
    ceiling = _size(acceptance.ceiling, row)
    return f"{about_row(row)}; accepted up to {ceiling} until {acceptance.expires}: {acceptance.reason}"


def about_expired(row: Comparison, acceptance: Acceptance) -> str:
    """A regression whose acceptance is over."""
    return f"{about_row(row)}; it was accepted until {acceptance.expires}, which is over: {acceptance.reason}"


def about_ceiling(row: Comparison, acceptance: Acceptance) -> str:
    """A regression that is larger than what was accepted."""
    return f"{about_row(row)}; only {_size(acceptance.ceiling, row)} are accepted: {acceptance.reason}"
