"""Words for what somebody accepts: by an entry of perfgate.toml, or by a label on the pull request."""

from __future__ import annotations

from perfgate.compare.comparison import Comparison
from perfgate.github.put_label import PutLabel
from perfgate.report.phrase import Name, Phrase
from perfgate.units import format_short
from perfgate.verdict import Reason, ReasonKind, Verdict


def remark_of(reason: Reason, verdict: Verdict) -> str:
    """What a reason adds to the numbers that it is about: the acceptance; "" for nothing."""
    if reason.kind is ReasonKind.LABELLED and verdict.accepted is not None:
        return f"accepted by {verdict.accepted.by} with the label {verdict.accepted.label}"
    acceptance, row = reason.acceptance, reason.row
    if acceptance is None or row is None:
        return ""
    if reason.kind is ReasonKind.EXPIRED:
        return f"it was accepted until {acceptance.expires}, which is over: {acceptance.reason}"
    ceiling = size(acceptance.ceiling, row)
    if reason.kind is ReasonKind.CEILING:
        return f"only {ceiling} are accepted: {acceptance.reason}"
    return f"accepted up to {ceiling} until {acceptance.expires}: {acceptance.reason}"


def accepting(label: PutLabel) -> Phrase:
    """ "accepted by `maria` with the label `perfgate: accepted`: ", before what she accepts."""
    return ("accepted by ", Name(label.by), " with the label ", Name(label.label), ": ")


def size(fraction: float, comparison: Comparison) -> str:
    """A margin or a ceiling of a row: "5 %", of shares "0.5 points"."""
    number = format_short(fraction * 100, 3)
    return f"{number} points" if comparison.row.unit == "fraction" else f"{number} %"
